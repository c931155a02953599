"""Nobody is put into what belongs to a workspace that they have left meanwhile: such a decision is made again.

Operations check whom they name when they decide; this is the same check in the transaction that writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from batchwright.model.changes import Change, Changes, Conflict, Insert, Link, Set
from batchwright.model.conditions import Reading
from batchwright.model.kinds import Kinds
from batchwright.model.views import Key, Which
from batchwright.store.effects import Effects

PLACES = Reading("workspace_membership", "user", ("workspace",))


def belonging(effects: Effects) -> tuple[Change, ...]:
    """Nothing to write; raises Conflict."""
    named = {(which, user) for change in effects.of for which, user in _named(effects.kinds, change)}
    if not named:
        return ()
    homes = _homes(effects, (which for which, _ in named))
    places = effects.related(PLACES, {user for _, user in named})
    for which, user in named:
        if homes[which] not in {workspace for (workspace,) in places[user]}:
            raise Conflict(f"{user} no longer belongs to the workspace of {which[0]} {which[1]}")
    return ()


def belongings(kinds: Kinds, many: Sequence[Changes]) -> Iterable[tuple[Reading, Iterable[Key]]]:
    """What the rule reads."""
    yield PLACES, [user for changes in many for each in changes.of for _, user in _named(kinds, each)]


def _named(kinds: Kinds, change: Change) -> Iterable[tuple[Which, int]]:
    """Rows of workspaces, and users whom they are to name."""
    match change:
        case Insert(kind=kind, gid=gid, values=values) | Set(kind=kind, gid=gid, values=values):
            yield from (((kind, gid), user) for user in _users(kinds, kind, values))
        case Link(table=table, owner=owner, target=target):
            kind_of, field = kinds.by_table[table]
            if field.target == "user" and kind_of.has("workspace"):
                yield (kind_of.name, owner), target


def _users(kinds: Kinds, kind: str, values: Mapping[str, object]) -> Iterable[int]:
    """Whom a row names that can do without; read-only fields tell who did something, as whatever they were then."""
    return (user for name in _naming(kinds, kind) if isinstance(user := values.get(name), int))


@lru_cache(maxsize=256)
def _naming(kinds: Kinds, kind: str) -> tuple[str, ...]:
    fields = (each for each in kinds[kind].columns if each.target == "user" and each.nullable and not each.read_only)
    return tuple(each.name for each in fields) if kinds[kind].has("workspace") else ()


def _homes(effects: Effects, rows: Iterable[Which]) -> Mapping[Which, int]:
    gids: dict[str, set[int]] = defaultdict(set)
    for kind, gid in rows:
        gids[kind].add(gid)
    found = ((kind, effects.after(kind, of_kind, "workspace")) for kind, of_kind in gids.items())
    return defaultdict(int, {(kind, gid): row["workspace"] for kind, rows in found for gid, row in rows.items()})
