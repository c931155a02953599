"""The connections that PostgreSQL is read over: opened when they are needed, at most so many.

No pool of the driver's, as what is needed is what they don't do: while the database is away whoever reads is told so at
once, and when it is back whoever reads next is served.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")
Connection = psycopg.AsyncConnection[Any]


class Readers:
    """Runs reads, each on a connection that nobody else uses meanwhile."""

    def __init__(self, url: str, most: int) -> None:
        self._url = url
        self._most = most
        self._turns = asyncio.Semaphore(most)
        self._idle: list[Connection] = []

    async def read(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        """What `read` finds."""
        async with self._turns:
            connection = await self._connection()
            try:
                found = await read(connection)
            except BaseException:
                # Of what was begun and not finished nothing is known, so nobody shall meet the rest of it.
                await connection.close()
                raise
            self._idle.append(connection)
            return found

    async def close(self) -> None:
        """Hangs up, once the reads are done that are under way: nobody may wait for them any more."""
        for _ in range(self._most):
            await self._turns.acquire()
        while self._idle:
            await self._idle.pop().close()
        for _ in range(self._most):
            self._turns.release()

    async def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if is_open(connection):
                return connection
            await connection.close()
        return await psycopg.AsyncConnection.connect(self._url, autocommit=True, prepare_threshold=0)


def is_open(connection: psycopg.Connection[Any] | Connection) -> bool:
    """Whether the server has said nothing since the connection was last used: it does so when it hangs up."""
    if connection.closed:
        return False
    said = select.poll()  # not select(), which knows a thousand files only
    said.register(connection.fileno(), select.POLLIN)
    return not said.poll(0)
