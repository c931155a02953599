"""The store for many processes: PostgreSQL, read over a few connections with the reads of a turn sent as one pipeline.

All processes write one after the other, each a whole group of changes in one transaction, under an advisory lock. So
a decision's preconditions hold until the commit, and the event log is numbered in the order of commits.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects.postgresql import psycopg as dialect

from batchwright.model.changes import Changes
from batchwright.model.conditions import Query, Reading
from batchwright.model.kinds import Kinds
from batchwright.model.views import Key, Rows
from batchwright.store import postgres_schema as schema
from batchwright.store.coalesce import Ask, Coalescer, grouped
from batchwright.store.drafts import Draft, drafted
from batchwright.store.interface import Derive, Foresee, unforeseen
from batchwright.store.queue import CommitQueue
from batchwright.store.readers import Connection, Readers, is_open, plans
from batchwright.store.statements import statements
from batchwright.store.writing import Driver, Rules, Transaction, commit

DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]
READERS, SEARCHERS = 4, 4  # connections of a process for rows by their keys, and for queries
KEYS_TOGETHER = 500  # of a reading that may go with others in one statement
IDLE = TransactionStatus.IDLE
DRIVER = Driver(
    ("BEGIN", f"SELECT pg_advisory_xact_lock({schema.LOCK})"),
    psycopg.IntegrityError,
    lambda connection: not connection.closed and connection.info.transaction_status != IDLE,
    lambda connection: connection.pipeline(),
    along=True,
)


class PostgresStore:
    """Implements store.interface.Store over a database that `batchwright db upgrade` has prepared."""

    def __init__(self, url: str, kinds: Kinds, derive: Derive, foresee: Foresee = unforeseen) -> None:
        self.kinds = kinds
        self._url = url
        self._statements = statements(kinds, DIALECT)
        self._writing, self._planned = schema.connect(url), 0.0
        self.secret = schema.secret(self._writing)
        self._rules = Rules(derive, foresee)
        self._coalescer = Coalescer(self._read)
        self._readers = Readers(url, READERS, by_keys=True)
        self._searchers = Readers(url, SEARCHERS)
        self._queue = CommitQueue(ThreadPoolExecutor(1, thread_name_prefix="writer"), self._write)
        self._reading: set[asyncio.Task[None]] = set()

    def fetch(self, reading: Reading, caller: int, keys: Iterable[Key]) -> Awaitable[Rows]:
        """Point reads, merged."""
        return self._coalescer.fetch(reading, caller, keys)

    async def select(self, query: Query, caller: int, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """A query."""
        text, parameters = await asyncio.to_thread(self._statements.query, query, columns)

        async def read(connection: Connection) -> list[tuple[Any, ...]]:
            return await (await connection.execute(text, parameters | {"me": caller})).fetchall()

        return await self._searchers.read(read)

    async def commit(self, changes: Changes) -> None:
        """Joins the next group; returns when it is durable."""
        await self._queue.commit(changes)

    def draft(self) -> AbstractAsyncContextManager[Draft]:
        """A transaction of its own, on the writer."""
        return drafted(self.kinds, self.secret, self._statements, self._queue, self._begun)

    async def close(self) -> None:
        """Commits what is queued, then lets go of the connections."""
        await self._queue.close()
        self._writing.close()
        await self._readers.close()
        await self._searchers.close()

    def _read(self, asks: list[Ask]) -> None:
        task = asyncio.ensure_future(self._pipelined(asks))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _pipelined(self, asks: list[Ask]) -> None:
        statements = _in_company(asks)

        async def read(connection: Connection) -> list[list[tuple[Any, ...]]]:
            if len(statements) == 1:
                return [await (await connection.execute(*self._statement(asks))).fetchall()]
            async with connection.pipeline():
                cursors = [await connection.execute(*self._statement(company)) for company in statements]
            return [await cursor.fetchall() for cursor in cursors]

        try:
            for company, rows in zip(statements, await self._readers.read(read), strict=True):
                self._answer(company, rows)
        except psycopg.DataError as problem:
            # A value that the database can't take fails the whole pipeline: each by itself, it fails alone.
            for ask in asks if len(asks) > 1 else ():
                await self._pipelined([ask])
            asks[0].fail(problem)  # where it was the only one; the others have their answers by now
        except Exception as problem:
            for ask in asks:
                ask.fail(problem)

    def _statement(self, company: list[Ask]) -> tuple[str, dict[str, Any]]:
        bound = self._statements.bound
        if len(company) == 1:
            (ask,) = company
            return self._statements.reading(ask.reading), {"keys": bound(tuple(ask.keys)), "me": ask.caller}
        parameters: dict[str, Any] = {}
        for number, ask in enumerate(company):
            parameters[f"keys{number}"], parameters[f"me{number}"] = bound(tuple(ask.keys)), ask.caller
        return self._statements.together(tuple(ask.reading for ask in company)), parameters

    def _answer(self, company: list[Ask], rows: list[tuple[Any, ...]]) -> None:
        if len(company) == 1:
            company[0].answer(grouped(rows))
            return
        for ask, found in zip(company, rows[0], strict=True):
            ask.answer(grouped(self._statements.decoder(ask.reading)(found) if found else ()))

    def _write(self, many: list[Changes]) -> list[Exception | None]:
        return commit(self._writer(), self._statements, DRIVER, self._rules, many)

    def _begun(self) -> Transaction:
        return Transaction(self._writer(), self._statements, DRIVER, self._rules).begin()

    def _writer(self) -> psycopg.Connection[Any]:
        if not is_open(self._writing):
            self._writing.close()
            self._writing, self._planned = schema.connect(self._url), 0.0
        for text in plans(self._planned):
            self._writing.execute(text)
            self._planned = time.monotonic()
        return self._writing


def _in_company(asks: list[Ask]) -> list[list[Ask]]:
    """Which asks go as one statement.

    What one asked for, as the same will be asked for together again and a statement is planned once; but not what has
    very many rows, which would be one text.
    """
    found: dict[Hashable, list[Ask]] = {}
    for ask in asks:
        found.setdefault(ask.company if len(ask.keys) <= KEYS_TOGETHER else ask, []).append(ask)
    return list(found.values())
