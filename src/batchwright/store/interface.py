"""The seam between operations and databases: whoever can do these five things is a store."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from batchwright.model.changes import Change, Changes
from batchwright.model.conditions import Query, Reading
from batchwright.model.kinds import Kinds
from batchwright.model.views import Key, Rows


class Open(Protocol):
    """What operations read and write through. Callers are named by their user's gid (0: the server itself)."""

    @property
    def kinds(self) -> Kinds:
        """The kinds it keeps."""

    @property
    def secret(self) -> bytes:
        """A key of this database's own, for signing page and sync tokens."""

    def fetch(self, reading: Reading, caller: int, keys: Iterable[Key]) -> Awaitable[Rows]:
        """Begins point reads, merged with what others ask at the same moment."""

    async def select(self, query: Query, caller: int, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """A list or search."""

    async def commit(self, changes: Changes) -> None:
        """Writes durably, all or nothing; raises Conflict when a precondition no longer holds."""


class Store(Open, Protocol):
    """A database: what is read is committed, and what is committed is durable."""

    def draft(self) -> AbstractAsyncContextManager[Draft]:
        """An open transaction that sees its own changes, and is undone at the end unless it was kept.

        Nobody else writes meanwhile. Raises TimeoutError when it takes long.
        """

    async def close(self) -> None:
        """Finishes what is queued and lets go of the database."""


class Draft(Open, Protocol):
    """A transaction: what is read has been written in it or is committed, and what is committed isn't durable yet."""

    @property
    def made(self) -> Sequence[int]:
        """The gids of the rows that operations have inserted."""

    async def keep(self) -> None:
        """Commits the draft durably; it can't be used any more."""


class Before(Protocol):
    """The rows as they are just before changes are written, inside the writing transaction."""

    def read(self, reading: Reading, *keys: Key) -> Rows:
        """The reading's rows by key."""

    def last(self, kind: str) -> int:
        """The greatest gid of the kind's rows, 0 when there are none; nobody else adds one before the commit."""


class Foresee(Protocol):
    """Tells what deriving is likely to read, so that it is read at once for many change sets."""

    def __call__(self, many: Sequence[Changes]) -> Iterable[tuple[Reading, Iterable[Key]]]:
        """Readings and keys, as far as they can be told from the changes alone. What isn't foreseen is read as well."""


def unforeseen(many: Sequence[Changes]) -> Iterable[tuple[Reading, Iterable[Key]]]:
    """Foresees nothing."""
    return ()


class Derive(Protocol):
    """Makes the changes that follow from others: events, system stories, modification times."""

    def __call__(self, changes: Changes, before: Before) -> tuple[Change, ...]:
        """What to write besides, in the same transaction."""
