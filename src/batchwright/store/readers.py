"""The connections that PostgreSQL is read over: opened when they are needed, at most so many.

No pool of the driver's, as what is needed is what they don't do: while the database is away whoever reads is told so at
once, and when it is back whoever reads next is served.
"""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")
Connection = psycopg.AsyncConnection[Any]

# Planning a statement anew for its values, as PostgreSQL does where it has one key and not ten, takes three times as
# long as running it. A plan made for any values is as good where rows are looked up by their keys. It is to look at
# indexes alone, however small the tables are while it is made, and whatever PostgreSQL knows of them.
BY_KEYS = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
BY_KEYS |= dict.fromkeys(("enable_seqscan", "enable_hashjoin", "enable_mergejoin"), "off")
ONE_PLAN = "SELECT " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in BY_KEYS.items())
NEW_PLANS = "DISCARD PLANS"
PLANNED_SECONDS = 10.0  # how long a plan is used


class Readers:
    """Runs reads, each on a connection that nobody else uses meanwhile.

    most: of connections. by_keys: all that is read are rows by their keys, whose plans don't depend on which.
    """

    def __init__(self, url: str, most: int, *, by_keys: bool = False) -> None:
        self._url = url
        self._most = most
        self._by_keys = by_keys
        self._turns = asyncio.Semaphore(most)
        self._idle: list[_Open] = []

    async def read(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        """What `read` finds."""
        async with self._turns:
            opened = await self._opened()
            try:
                if self._by_keys:
                    await opened.plan()
                found = await read(opened.connection)
            except BaseException:
                # Of what was begun and not finished nothing is known, so nobody shall meet the rest of it.
                await opened.connection.close()
                raise
            self._idle.append(opened)
            return found

    async def close(self) -> None:
        """Hangs up, once the reads are done that are under way: nobody may wait for them any more."""
        for _ in range(self._most):
            await self._turns.acquire()
        while self._idle:
            await self._idle.pop().connection.close()
        for _ in range(self._most):
            self._turns.release()

    async def _opened(self) -> _Open:
        while self._idle:
            opened = self._idle.pop()
            if is_open(opened.connection):
                return opened
            await opened.connection.close()
        return _Open(await psycopg.AsyncConnection.connect(self._url, autocommit=True, prepare_threshold=0))


@dataclass(slots=True)
class _Open:
    """planned: since when its statements' plans are used, by the monotonic clock."""

    connection: Connection
    planned: float = 0.0

    async def plan(self) -> None:
        """Sees to it that statements are planned once, and that none goes by an old plan."""
        for text in plans(self.planned):
            await self.connection.execute(text)
            self.planned = time.monotonic()


def is_open(connection: psycopg.Connection[Any] | Connection) -> bool:
    """Whether the server has said nothing since the connection was last used: it does so when it hangs up."""
    if connection.closed:
        return False
    said = select.poll()  # not select(), which knows a thousand files only
    said.register(connection.fileno(), select.POLLIN)
    return not said.poll(0)


def plans(since: float) -> tuple[str, ...]:
    """What to tell a connection before rows are looked up by their keys. since: when it was last told so, or 0.0."""
    if not since:
        return (ONE_PLAN,)
    return (NEW_PLANS,) if time.monotonic() - since > PLANNED_SECONDS else ()
