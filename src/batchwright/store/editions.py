"""The edition: a number that grows with every commit that may change the compact record of a steady kind.

Whoever keeps such records asks for it first; so what any process commits, and what an operator writes by hand, is
seen at once by all others. Triggers keep it, as only the database knows of every write.
"""

from __future__ import annotations

from collections.abc import Iterable

from batchwright.model.conditions import AllOf, AnyOf, Condition, Exists, Not, Reading, Visible
from batchwright.model.kinds import Kinds

EDITION = Reading("edition", columns=("number",))
ROW = 1  # the gid of its only row
FIRST = f"INSERT INTO edition (gid, number) VALUES ({ROW}, 0)"
NEXT = "UPDATE edition SET number = number + 1;"
FUNCTION = f"CREATE FUNCTION next_edition() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {NEXT} RETURN NULL; END $$"


def watched(kinds: Kinds) -> list[str]:
    """The tables that what is kept depends on: of steady kinds, and of what decides who may see their rows."""
    found: dict[str, None] = {}
    for kind in kinds.of:
        if kind.steady:
            _add(kinds, kind.name, found)
    return sorted(found)


def on_sqlite(kinds: Kinds) -> list[str]:
    """The first edition and the triggers."""
    return [FIRST] + [
        f'CREATE TRIGGER edition_{table}_{done.lower()} AFTER {done} ON "{table}" BEGIN {NEXT} END'
        for table in watched(kinds)
        for done in ("INSERT", "UPDATE", "DELETE")
    ]


def on_postgres(kinds: Kinds) -> list[str]:
    """The first edition and the triggers."""
    done = "AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
    triggers = (
        f'CREATE TRIGGER edition {done} ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()'
        for table in watched(kinds)
    )
    return [FIRST, FUNCTION, *triggers]


def _add(kinds: Kinds, name: str, found: dict[str, None]) -> None:
    if name in found:
        return
    found[name] = None
    rule = kinds[name].visible
    if rule is not None and not kinds[name].open:
        for table in _tables(kinds, rule):
            if table in kinds:
                _add(kinds, table, found)
            found[table] = None


def _tables(kinds: Kinds, condition: Condition) -> Iterable[str]:
    match condition:
        case Exists(table=table, where=where):
            yield table
            if where is not None:
                yield from _tables(kinds, where)
        case Visible(kind=kind):
            yield kind
        case AllOf(of=of) | AnyOf(of=of):
            for each in of:
                yield from _tables(kinds, each)
        case Not(of=inner):
            yield from _tables(kinds, inner)
