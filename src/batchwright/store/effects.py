"""What changes really change, compared with the rows as they are inside the writing transaction.

Modification times, system stories and events all follow from this; it is worked out once for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from batchwright.model.changes import Change, Changes, Insert, Link, Notice, Remove, Set, Unlink
from batchwright.model.conditions import Reading
from batchwright.model.kinds import Kinds
from batchwright.model.views import Key, Row, Rows, Which
from batchwright.store.interface import Before


def compared(kinds: Kinds, many: Sequence[Changes]) -> Iterator[tuple[Reading, Iterable[int]]]:
    """The readings that it takes to compare changes with the rows as they are: one a table."""
    rows: dict[str, dict[int, None]] = defaultdict(dict)
    owners: dict[str, dict[int, None]] = defaultdict(dict)
    for changes in many:
        new = {each.gid for each in changes.of if isinstance(each, Insert)}
        for change in changes.of:
            if isinstance(change, Set | Remove) and change.gid not in new:
                rows[change.kind][change.gid] = None
            elif isinstance(change, Link | Unlink) and change.owner not in new:
                owners[change.table][change.owner] = None
    for kind, gids in rows.items():
        yield _whole(kinds, kind), gids
    for table, gids in owners.items():
        yield _linked(table), gids


def _whole(kinds: Kinds, kind: str) -> Reading:
    return Reading(kind, columns=tuple(each.name for each in kinds[kind].columns))


def _linked(table: str) -> Reading:
    return Reading(table, "owner", ("target",))


class Effects:
    """The effects of one change set: made by whom (0: the server) and when (ms), and the rows before and after.

    of: the changes that have an effect, in their order. A Set holds only the columns that differ, all Sets of a row
    are one, and those of a new row are part of its Insert. What the database takes along by itself (rows that
    belonged to a removed one) isn't listed.
    """

    def __init__(self, changes: Changes, before: Before, kinds: Kinds) -> None:
        self.actor, self.at, self.kinds = changes.actor, changes.at, kinds
        self.inserted: dict[Which, dict[str, Any]] = {}
        self.set: dict[Which, dict[str, Any]] = {}
        self.gone: set[Which] = set()
        self._before = before
        self._known: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
        self._linked: dict[tuple[str, int], set[int]] = defaultdict(set)
        self.of = tuple(self._effective(changes.of))

    def add(self, changes: Iterable[Change]) -> None:
        """Further changes that follow from these: rows that are new, or columns that weren't set."""
        more = tuple(changes)
        self.inserted |= {(each.kind, each.gid): dict(each.values) for each in more if isinstance(each, Insert)}
        self.of += more

    def last(self, kind: str) -> int:
        """The greatest gid of the kind's rows, 0 when there are none."""
        return self._before.last(kind)

    def rows(self, kind: str, gids: Iterable[int | None], *columns: str) -> Mapping[int, Row]:
        """Rows as they were, with at least these columns; new ones and unknown ones are missing."""
        known = self._known[kind]
        keys = [gid for gid in dict.fromkeys(gids) if gid is not None and (kind, gid) not in self.inserted]
        unread = [gid for gid in keys if gid not in known or (known[gid] and not known[gid].keys() >= set(columns))]
        if unread:
            found = self._before.read(Reading(kind, columns=columns), *unread)
            for gid, rows in found.items():
                known[gid] = known.get(gid, {}) | (dict(zip(columns, rows[0], strict=True)) if rows else {})
        return {gid: known[gid] for gid in keys if known[gid]}

    def after(self, kind: str, gids: Iterable[int | None], *columns: str) -> Mapping[int, Row]:
        """Rows as they are going to be; removed ones as they were."""
        keys = tuple(gids)
        rows = {gid: {**row, **self.set.get((kind, gid), {})} for gid, row in self.rows(kind, keys, *columns).items()}
        return rows | {gid: self.inserted[kind, gid] for gid in keys if gid and (kind, gid) in self.inserted}

    def related(self, reading: Reading, keys: Iterable[Key]) -> Rows:
        """Any rows as they were, by key."""
        wanted = tuple(keys)
        return self._before.read(reading, *wanted) if wanted else {}

    def _effective(self, changes: tuple[Change, ...]) -> Iterable[Change]:
        self._load(changes)
        kept = [change for change in changes if self._counts(change)]
        return [whole for change in kept if (whole := self._all_of(change)) is not None]

    def _load(self, changes: tuple[Change, ...]) -> None:
        """The rows that are set or removed, and the links of rows that are linked."""
        for reading, keys in compared(self.kinds, (Changes(changes, 0, 0),)):
            if reading.by == "gid":
                self.rows(reading.table, keys, *reading.columns)
            for owner, found in self.related(reading, keys).items() if reading.by == "owner" else ():
                self._linked[reading.table, owner] = {row[0] for row in found}

    def _counts(self, change: Change) -> bool:
        """Whether the change has, or may have, an effect; takes note of it. Once for each, in their order."""
        match change:
            case Insert(kind=kind, gid=gid, values=values):
                self.inserted[kind, gid] = dict(values)
                return True
            case Set(kind=kind, gid=gid, values=values):
                return self._sets((kind, gid), values)
            case Remove(kind=kind, gid=gid):
                again = (kind, gid) in self.gone
                self.gone.add((kind, gid))
                return not again and bool(self._known[kind].get(gid))
            case Link(table=table, owner=owner, target=target):
                new = target not in self._linked[table, owner]
                self._linked[table, owner].add(target)
                return new
            case Unlink(table=table, owner=owner, target=target):
                old = target in self._linked[table, owner]
                self._linked[table, owner].discard(target)
                return old
        return isinstance(change, Notice)

    def _sets(self, which: Which, values: Mapping[str, Any]) -> bool:
        if which in self.inserted:
            self.inserted[which].update(values)
            return False
        first = which not in self.set
        self.set[which] = self.set.get(which, {}) | dict(values)
        return first

    def _all_of(self, change: Change) -> Change | None:
        """The change with all that is known of its row by now; None when nothing is left of it."""
        if isinstance(change, Insert):
            which = (change.kind, change.gid)
            return None if which in self.gone else Insert(*which, self.inserted[which])
        if isinstance(change, Set):
            which = (change.kind, change.gid)
            old = self._known[change.kind].get(change.gid) or {}
            values = {name: value for name, value in self.set[which].items() if name in old and old[name] != value}
            self.set[which] = values
            return Set(*which, values) if values and which not in self.gone else None
        return change
