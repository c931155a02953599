"""What an operation reads through: committed rows, or (later) an open transaction. Operations don't know which."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from typing import Any, Protocol

from batchwright.model.calls import Caller
from batchwright.model.conditions import Query, Reading
from batchwright.model.kinds import Kind, Kinds

Row = Mapping[str, Any]
Key = int | str
Which = tuple[str, int]  # a kind's name and a gid: a row of whatever kind
Rows = dict[Any, list[tuple[Any, ...]]]


class Kept(Protocol):
    """Results that hold for one edition of the database."""

    def of(self, edition: int, key: Hashable) -> dict[int, Any]:
        """What is known by this edition, to look up and to add to; what is added must have been read after it."""

    def added(self, number: int, size: int) -> None:
        """Takes note of so many more results, of so many bytes in all."""


class View(Protocol):
    """Reads on behalf of one caller. Reads of one moment are merged, so code may ask for single rows."""

    @property
    def caller(self) -> Caller:
        """On whose behalf."""

    @property
    def kinds(self) -> Kinds:
        """All kinds."""

    @property
    def kept(self) -> Kept:
        """Results of earlier calls, whoever asked for them."""

    @property
    def secret(self) -> bytes:
        """The key that page and sync tokens are signed with."""

    def fetch(self, reading: Reading, keys: Iterable[Key]) -> Awaitable[Rows]:
        """Begins to read: the reading's rows by key, without the key itself; a key without rows has an empty list."""

    def together(
        self, key: Hashable, items: Iterable[int], work: Callable[[Iterable[int]], Awaitable[dict[int, Any]]]
    ) -> Awaitable[dict[int, Any]]:
        """Work on items, done once for all who ask with the same key at this moment on behalf of the same caller."""

    async def select(self, query: Query, *columns: str) -> list[tuple[Any, ...]]:
        """Each row's gid, the values of the query's order, then the columns asked for."""

    async def row(self, kind: str, gid: int, *columns: str) -> Row:
        """Columns of one row whoever asks; raises Problem 404 when it is gone."""

    async def value(self, kind: str, gid: int, column: str) -> Any:
        """One column of one row whoever asks; raises Problem 404 when it is gone."""

    async def rows(self, kind: str, gids: Iterable[int], *columns: str) -> dict[int, Row]:
        """Columns of the rows that exist, whoever asks."""

    async def targets(self, kind: Kind, field: str, gid: int) -> list[int]:
        """The gids that one row's `refs` field leads to, whoever asks."""

    async def visible(self, kind: str, gids: Iterable[int]) -> set[int]:
        """Those of the rows that exist and that the caller may see."""

    async def may(self, kind: str, deed: str, gids: Iterable[int]) -> set[int]:
        """Those of the visible rows to which the caller may do the deed; "": all that are visible."""

    async def find(self, kind: str, column: str, value: Any, *columns: str) -> list[Row]:
        """Rows whose column holds the value, with their gid and the columns asked for, whoever asks."""
