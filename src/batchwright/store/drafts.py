"""A draft: one open transaction that sees its own changes, for what commits together or not at all.

It has the writer for itself until it is kept or dropped: nobody else writes meanwhile, and what it read stays so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from batchwright.model.changes import Changes, Insert
from batchwright.model.conditions import Query, Reading
from batchwright.model.kinds import Kinds
from batchwright.model.views import Key, Rows
from batchwright.store.coalesce import Ask, Coalescer, grouped
from batchwright.store.queue import CommitQueue
from batchwright.store.statements import Statements
from batchwright.store.writing import Transaction

T = TypeVar("T")
Work = Callable[[], T]
LONGEST = 10.0  # seconds that a draft may keep all other writers waiting


class Draft:
    """Implements store.interface.Draft: a store that reads and writes in one transaction."""

    def __init__(
        self, kinds: Kinds, secret: bytes, statements: Statements, queue: CommitQueue, transaction: Transaction
    ) -> None:
        self.kinds, self.secret = kinds, secret
        self._made: list[int] = []
        self._over = False
        self._statements, self._queue, self._transaction = statements, queue, transaction
        self._coalescer = Coalescer(self._read)
        self._reading: set[asyncio.Task[None]] = set()
        self._order = asyncio.Lock()

    @property
    def made(self) -> Sequence[int]:
        """The gids of the rows that operations have inserted."""
        return self._made

    def fetch(self, reading: Reading, caller: int, keys: Iterable[Key]) -> Awaitable[Rows]:
        """Point reads, merged."""
        return self._coalescer.fetch(reading, caller, keys)

    async def select(self, query: Query, caller: int, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """A query."""

        def found() -> list[tuple[Any, ...]]:
            text, parameters = self._statements.query(query, columns)
            return self._transaction.rows(text, parameters | {"me": caller})

        return await self._on_writer(found)

    async def commit(self, changes: Changes) -> None:
        """Writes to the draft, all of a change set or nothing; raises Conflict as a store does."""
        problem = await self._on_writer(lambda: self._transaction.apply(changes))
        if problem is not None:
            raise problem
        self._made += [each.gid for each in changes.of if isinstance(each, Insert)]

    async def keep(self) -> None:
        """Makes the draft real; returns when it is durable. It can't be used any more.

        Who is cancelled meanwhile isn't told so, as for any commit: nobody may believe undone what isn't.
        """
        kept = asyncio.ensure_future(self._on_writer(self._transaction.keep))
        while not kept.done():
            with suppress(asyncio.CancelledError):
                await asyncio.shield(kept)
        kept.result()

    def end(self) -> None:
        """Reads and writes nothing more: what is still asked for would go to the transaction of somebody else."""
        self._over = True

    def _read(self, asks: list[Ask]) -> None:
        task = asyncio.ensure_future(self._answer(asks))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _answer(self, asks: list[Ask]) -> None:
        def read(ask: Ask) -> Rows | Exception:
            try:
                return grouped(self._transaction.rows(*self._statement(ask)))
            except Exception as problem:
                return problem

        rows: list[Rows | Exception]
        try:
            rows = await self._on_writer(lambda: [read(each) for each in asks])
        except Exception as problem:
            rows = [problem] * len(asks)
        for ask, found in zip(asks, rows, strict=True):
            ask.fail(found) if isinstance(found, Exception) else ask.answer(found)

    def _statement(self, ask: Ask) -> tuple[str, dict[str, Any]]:
        keys = self._statements.bound(tuple(ask.keys))
        return self._statements.reading(ask.reading), {"keys": keys, "me": ask.caller}

    async def _on_writer(self, work: Work[T]) -> T:
        # One after the other even when somebody gives up waiting: the connection is one.
        async with self._order:
            if self._over:
                raise RuntimeError("The draft is over")
            return await self._queue.alone(work)


@asynccontextmanager
async def drafted(
    kinds: Kinds, secret: bytes, statements: Statements, queue: CommitQueue, begin: Work[Transaction]
) -> AsyncIterator[Draft]:
    """A draft, which is dropped at the end unless it was kept. Raises TimeoutError past `LONGEST`."""
    async with queue.turn:
        begun = asyncio.ensure_future(queue.alone(begin))
        try:
            transaction = await asyncio.shield(begun)
            draft = Draft(kinds, secret, statements, queue, transaction)
            try:
                async with asyncio.timeout(LONGEST):
                    yield draft
            finally:
                draft.end()
        finally:
            await asyncio.shield(_dropped(queue, begun))


async def _dropped(queue: CommitQueue, begun: asyncio.Future[Transaction]) -> None:
    # Where the connection is lost, so is the transaction; the next writer opens another.
    with suppress(Exception):
        await queue.alone((await begun).drop)
