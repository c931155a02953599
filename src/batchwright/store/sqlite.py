"""The embedded store: readers that never block, one writer that commits whole groups of changes in one transaction.

Point reads run on the event loop (a hop to a thread costs more than they do); queries and commits run on threads.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import sqlite as dialect

from batchwright.model.changes import Changes
from batchwright.model.conditions import Query, Reading
from batchwright.model.kinds import Kinds
from batchwright.model.views import Key, Rows
from batchwright.store import schema
from batchwright.store.coalesce import Ask, Coalescer, grouped
from batchwright.store.drafts import Draft, drafted
from batchwright.store.interface import Derive, Foresee, unforeseen
from batchwright.store.queue import CommitQueue
from batchwright.store.schema import connect as connect
from batchwright.store.statements import statements
from batchwright.store.upgrading import upgrade
from batchwright.store.writing import Driver, Rules, Transaction, commit

DIALECT = dialect.dialect(paramstyle="named")
READERS = 4
KEYS_ON_LOOP = 2_000  # a point read of more keys than this goes to a thread
DRIVER = Driver(("BEGIN IMMEDIATE",), sqlite3.IntegrityError, lambda connection: bool(connection.in_transaction))


class SqliteStore:
    """Implements store.interface.Store over one file."""

    def __init__(self, path: Path, kinds: Kinds, derive: Derive, foresee: Foresee = unforeseen) -> None:
        self.kinds = kinds
        upgrade(path, kinds)
        self._path = str(path)
        self._statements = statements(kinds, DIALECT)
        self._reader = connect(self._path)
        self.secret = schema.secret(self._reader)
        self._rules = Rules(derive, foresee)
        self._coalescer = Coalescer(self._read)
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = [self._reader]
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._writing = connect(self._path)
        self._queue = CommitQueue(ThreadPoolExecutor(1, thread_name_prefix="writer"), self._write)
        self._reading: set[asyncio.Task[None]] = set()

    def fetch(self, reading: Reading, caller: int, keys: Iterable[Key]) -> Awaitable[Rows]:
        """Point reads, merged."""
        return self._coalescer.fetch(reading, caller, keys)

    async def select(self, query: Query, caller: int, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """A query, on a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._found, query, caller, columns)

    async def commit(self, changes: Changes) -> None:
        """Joins the next group; returns when it is durable."""
        await self._queue.commit(changes)

    def draft(self) -> AbstractAsyncContextManager[Draft]:
        """A transaction of its own, on the writer."""
        return drafted(self.kinds, self.secret, self._statements, self._queue, self._begun)

    async def close(self) -> None:
        """Commits what is queued, then closes the file."""
        await self._queue.close()
        self._readers.shutdown()
        for connection in (*self._opened, self._writing):
            connection.close()

    def _read(self, asks: list[Ask]) -> None:
        here = [ask for ask in asks if len(ask.keys) <= KEYS_ON_LOOP]
        for ask in asks if len(here) < len(asks) else ():
            if len(ask.keys) > KEYS_ON_LOOP:
                task = asyncio.ensure_future(self._read_apart(ask))
                self._reading.add(task)
                task.add_done_callback(self._reading.discard)
        try:
            if len(here) > 1:  # each by itself would look for the state of the file anew, under a lock of its own
                self._reader.execute("BEGIN")
            for ask in here:
                self._read_one(ask)
            if self._reader.in_transaction:
                self._reader.execute("END")
        except Exception as problem:
            for ask in here:
                ask.fail(problem)

    def _read_one(self, ask: Ask) -> None:
        try:
            ask.answer(grouped(self._reader.execute(*self._statement(ask))))
        except Exception as problem:
            ask.fail(problem)

    async def _read_apart(self, ask: Ask) -> None:
        try:
            rows = await asyncio.get_running_loop().run_in_executor(self._readers, self._all, *self._statement(ask))
            ask.answer(grouped(rows))
        except Exception as problem:
            ask.fail(problem)

    def _statement(self, ask: Ask) -> tuple[str, dict[str, Any]]:
        keys = self._statements.bound(tuple(ask.keys))
        return self._statements.reading(ask.reading), {"keys": keys, "me": ask.caller}

    def _found(self, query: Query, caller: int, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        # A query of a shape not seen before takes milliseconds to compile, so that isn't done on the loop either.
        text, parameters = self._statements.query(query, columns)
        return self._all(text, parameters | {"me": caller})

    def _all(self, text: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self._path)
            self._opened.append(connection)
        return connection.execute(text, parameters).fetchall()

    def _write(self, many: list[Changes]) -> list[Exception | None]:
        return commit(self._writing, self._statements, DRIVER, self._rules, many)

    def _begun(self) -> Transaction:
        return Transaction(self._writing, self._statements, DRIVER, self._rules).begin()
