"""A caller's view of a store's rows, or of a draft's."""

from __future__ import annotations

from collections.abc import Awaitable, Hashable, Iterable
from functools import lru_cache
from typing import Any

import msgspec

from batchwright.model.calls import Caller
from batchwright.model.conditions import Query, Reading
from batchwright.model.kinds import Kind, Kinds
from batchwright.model.problems import not_found
from batchwright.model.views import Key, Row, Rows
from batchwright.store.interface import Open
from batchwright.store.kept import Kept
from batchwright.store.merging import Merger, Work


class Committed(msgspec.Struct, frozen=True, eq=False):
    """Implements model.views.View over a store."""

    store: Open
    caller: Caller
    merger: Merger = msgspec.field(default_factory=Merger)
    kept: Kept = msgspec.field(default_factory=Kept)

    @property
    def kinds(self) -> Kinds:
        """All kinds."""
        return self.store.kinds

    @property
    def secret(self) -> bytes:
        """The database's signing key."""
        return self.store.secret

    def fetch(self, reading: Reading, keys: Iterable[Key]) -> Awaitable[Rows]:
        """The reading's rows by key."""
        return self.store.fetch(reading, self.caller.user, keys)

    def together(self, key: Hashable, items: Iterable[int], work: Work) -> Awaitable[dict[int, Any]]:
        """Work shared with who asks for the same at this moment."""
        return self.merger.together((self.caller.user, key), items, work)

    async def select(self, query: Query, *columns: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return await self.store.select(query, self.caller.user, columns)

    async def rows(self, kind: str, gids: Iterable[int], *columns: str) -> dict[int, Row]:
        """Columns of the rows that exist."""
        found = await self.fetch(_reading(kind, columns), gids)
        return {gid: dict(zip(columns, rows[0], strict=True)) for gid, rows in found.items() if rows}

    async def row(self, kind: str, gid: int, *columns: str) -> Row:
        """Columns of one row."""
        rows = await self.rows(kind, (gid,), *columns)
        if gid not in rows:
            raise not_found(kind, str(gid))
        return rows[gid]

    async def value(self, kind: str, gid: int, column: str) -> Any:
        """One column of one row."""
        return (await self.row(kind, gid, column))[column]

    async def targets(self, kind: Kind, field: str, gid: int) -> list[int]:
        """The gids behind a `refs` field."""
        return [row[0] for row in (await self.fetch(kind.reading(field), (gid,)))[gid]]

    async def visible(self, kind: str, gids: Iterable[int]) -> set[int]:
        """Those that exist and may be seen."""
        return await self.may(kind, "", gids)

    async def may(self, kind: str, deed: str, gids: Iterable[int]) -> set[int]:
        """Those that may be seen, and to which the deed may be done."""
        found = await self.fetch(_visible(kind, deed if deed in self.kinds[kind].by_deed else ""), gids)
        return {gid for gid, rows in found.items() if rows}

    async def find(self, kind: str, column: str, value: Any, *columns: str) -> list[Row]:
        """Rows whose column holds the value."""
        found = await self.fetch(Reading(kind, column, ("gid", *columns)), (value,))
        return [dict(zip(("gid", *columns), row, strict=True)) for row in found[value]]


# Made once: these are asked for by every action.
@lru_cache(maxsize=1024)
def _reading(kind: str, columns: tuple[str, ...]) -> Reading:
    return Reading(kind, columns=columns)


@lru_cache(maxsize=256)
def _visible(kind: str, deed: str) -> Reading:
    return Reading(kind, visible=True, deed=deed)
