"""Writes that wait to be sent, gathered table by table, whichever change sets they came from; and what they touch.

A row never goes before one that it refers to, nor before an earlier write of the same row; nothing passes what removes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from batchwright.model import gids
from batchwright.model.changes import Change, Insert, Link, Remove, Set, Trim, Unlink
from batchwright.model.conditions import Reading
from batchwright.model.views import Key, Which


class Verb(StrEnum):
    """What writes do."""

    INSERT = "insert"
    LINK = "link"  # an insert of what may be there already
    SET = "set"
    REMOVE = "remove"
    UNLINK = "unlink"
    TRIM = "trim"


BARRIERS = (Verb.REMOVE, Verb.UNLINK, Verb.TRIM)
LINKED = ("owner", "target", "position")


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """What writes that go together have in common; made once, so that it is known by itself.

    expected: the columns whose values are a precondition. references: the places of the columns that name rows, and the
    tables of those.
    """

    verb: Verb
    table: str
    columns: tuple[str, ...]
    expected: tuple[str, ...]
    references: tuple[tuple[int, str], ...]


class Forms(Protocol):
    """Makes them."""

    def __call__(self, verb: Verb, table: str, columns: tuple[str, ...], expected: tuple[str, ...] = ()) -> Form:
        """The one form of these."""


@dataclass(slots=True)
class Writes:
    """Writes of one form in their order: the values of its columns; to set, then the gid and what is expected."""

    form: Form
    rows: list[tuple[Any, ...]] = field(default_factory=list)


class Gathered:
    """Writes in the order in which they are to be sent."""

    def __init__(self, form: Forms) -> None:
        self._form = form
        self.writes: list[Writes] = []
        self._latest: dict[Form, int] = {}  # the last writes of a form
        self._placed: dict[Which, int] = {}  # the writes that a row was last among
        self._barrier = 0  # nothing new goes before these writes

    def add(self, change: Change) -> None:
        """One more write; what writes nothing is passed over."""
        match change:
            case Insert(kind=kind, gid=gid, values=values):
                # A column that is null needs no mention, and most of a story's are.
                known = {name: value for name, value in values.items() if value is not None}
                form = self._form(Verb.INSERT, kind, ("gid", *known))
                self._placed[kind, gid] = self._put(form, (gid, *known.values()))
            case Link(table=table, owner=owner, target=target):
                self._put(self._form(Verb.LINK, table, LINKED), (owner, target, gids.make()))
            case Set(kind=kind, gid=gid, values=values, expect=expect):
                form = self._form(Verb.SET, kind, tuple(values), tuple(expect))
                row = (*values.values(), gid, *expect.values())
                self._placed[kind, gid] = self._put(form, row, self._placed.get((kind, gid), 0))
            case Remove(kind=kind, gid=gid):
                self._put(self._form(Verb.REMOVE, kind, ("gid",)), (gid,))
            case Unlink(table=table, owner=owner, target=target):
                self._put(self._form(Verb.UNLINK, table, LINKED[:2]), (owner, target))
            case Trim(kind=kind, below=below, most=most):
                self._put(self._form(Verb.TRIM, kind, ("below", "most")), (below, most))

    def _put(self, form: Form, row: tuple[Any, ...], after: int = 0) -> int:
        """Adds a row to the last writes of its form, or to new ones at the end; their number."""
        if form.verb in BARRIERS:
            self._barrier = max(len(self.writes) - 1, 0)
            if not self.writes or self.writes[-1].form != form:
                self._barrier = len(self.writes)
        least = max(after, self._barrier)
        for place, table in form.references:
            least = max(least, self._placed.get((table, row[place]), 0))
        number = self._latest.get(form, -1)
        if number < least:
            number = self._latest[form] = len(self.writes)
            self.writes.append(Writes(form))
        self.writes[number].rows.append(row)
        return number


@dataclass(slots=True)
class _Seen:
    values: set[Any] = field(default_factory=set)
    rows: int = 0


class Touched:
    """What gathered writes touch, so that a reading that could see them waits until they are sent."""

    def __init__(self) -> None:
        self._all = False
        self._tables: set[str] = set()
        self._gids: dict[str, set[int]] = defaultdict(set)
        self._rows: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self._columns: dict[str, set[str]] = defaultdict(set)
        self._seen: dict[tuple[str, str], _Seen] = defaultdict(_Seen)

    def add(self, change: Change) -> None:
        """One more write."""
        match change:
            case Insert(kind=kind, gid=gid, values=values):
                self._tables.add(kind)
                self._gids[kind].add(gid)
                self._rows[kind].append(values)
            case Set(kind=kind, gid=gid, values=values):
                self._tables.add(kind)
                self._gids[kind].add(gid)
                self._columns[kind].update(values)
            case Link(table=table, owner=owner, target=target) | Unlink(table=table, owner=owner, target=target):
                self._tables.add(table)
                self._rows[table].append({"owner": owner, "target": target})
            case Remove():
                self._all = True  # what belongs to the row goes too, and what names it forgets it
            case Trim(kind=kind):
                self._tables.add(kind)

    def by(self, reading: Reading, keys: Iterable[Key]) -> bool:
        """Whether a reading of these keys may see what was written."""
        if self._all or (self._tables and (reading.joins or reading.visible)):
            return True
        table = reading.table
        if table not in self._tables:
            return False
        if reading.by == "gid":
            return not self._gids[table].isdisjoint(keys)
        if self._columns[table] & {reading.by, reading.order, reading.mine, *reading.columns}:
            return True
        return not self._values(table, reading.by).isdisjoint(keys)

    def table(self, name: str) -> bool:
        """Whether any row of a table was written."""
        return self._all or name in self._tables

    def _values(self, table: str, column: str) -> set[Any]:
        """What new rows hold in a column."""
        seen, rows = self._seen[table, column], self._rows[table]
        seen.values.update(row.get(column) for row in rows[seen.rows :])
        seen.rows = len(rows)
        return seen.values
