"""The way from many callers to one writer: whatever arrives while a group is being written forms the next group."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from batchwright.model.changes import Changes

T = TypeVar("T")
Write = Callable[[list[Changes]], list[Exception | None]]


class CommitQueue:
    """Hands groups of change sets to `write`, which runs on the executor and tells of each whether it failed.

    turn: held by whoever has the writer.
    """

    def __init__(self, executor: Executor, write: Write) -> None:
        self.turn = asyncio.Lock()
        self._executor = executor
        self._write = write
        self._waiting: list[tuple[Changes, asyncio.Future[None]]] = []
        self._draining: asyncio.Task[None] | None = None

    async def commit(self, changes: Changes) -> None:
        """Joins the next group; returns when it is durable, raises what its change set failed with.

        Who is cancelled while the change set waits takes it back. While it is being written it is too late: then this
        returns as if nothing had been, so that nobody believes a change undone that isn't.
        """
        if not changes.of:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (changes, future)
        self._waiting.append(entry)
        if self._draining is None or self._draining.done():
            self._draining = asyncio.ensure_future(self._drain())
        while not future.done():
            try:
                await asyncio.shield(future)
            except asyncio.CancelledError:
                if any(each is entry for each in self._waiting):
                    self._waiting = [each for each in self._waiting if each is not entry]
                    raise
        future.result()

    async def alone(self, work: Callable[[], T]) -> T:
        """What `work` gives, done where groups are written, by who holds the turn; done even if nobody waits for it."""
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._executor, work))

    async def close(self) -> None:
        """Waits until nothing is left to write."""
        if self._draining is not None:
            await self._draining
        self._executor.shutdown()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            async with self.turn:
                group, self._waiting = self._waiting, []
                try:
                    results = await loop.run_in_executor(self._executor, self._write, [each for each, _ in group])
                except Exception as problem:
                    results = [problem] * len(group)
            for (_, future), result in zip(group, results, strict=True):
                if not future.done():
                    future.set_exception(result) if result else future.set_result(None)
