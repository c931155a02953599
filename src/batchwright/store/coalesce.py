"""Reads asked for in the same turn of the event loop are merged: one statement a reading, answered to each asker.

Ten actions that run in lock-step cost one query a level, not ten; the code that asks for single rows doesn't know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from batchwright.model.conditions import Reading
from batchwright.model.views import Key, Rows

Execute = Callable[[Reading, int, tuple[Key, ...]], Awaitable[Rows]]


@dataclass
class _Group:
    keys: set[Key] = field(default_factory=set)
    askers: list[tuple[asyncio.Future[Rows], tuple[Key, ...]]] = field(default_factory=list)


class Coalescer:
    """Merges readings before they reach `execute`, which takes (reading, caller, keys) and answers rows by key."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self._groups: dict[tuple[Reading, int], _Group] = {}
        self._running: set[asyncio.Task[None]] = set()

    def fetch(self, reading: Reading, caller: int, keys: Iterable[Key]) -> asyncio.Future[Rows]:
        """The rows of these keys; each key has a list, empty when nothing was found. The read is under way at once."""
        wanted = tuple(keys)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Rows] = loop.create_future()
        if not wanted:
            future.set_result({})
            return future
        whose = caller if reading.visible or reading.mine else 0
        if not self._groups:
            loop.call_soon(self._start)
        group = self._groups.setdefault((reading, whose), _Group())
        group.keys.update(wanted)
        group.askers.append((future, wanted))
        return future

    def _start(self) -> None:
        groups, self._groups = self._groups, {}
        for (reading, caller), group in groups.items():
            task = asyncio.ensure_future(self._answer(reading, caller, group))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _answer(self, reading: Reading, caller: int, group: _Group) -> None:
        try:
            rows = await self._execute(reading, caller, tuple(group.keys))
        except Exception as problem:
            for future, _ in group.askers:
                if not future.done():
                    future.set_exception(problem)
            return
        for future, keys in group.askers:
            if not future.done():
                future.set_result({key: rows.get(key, []) for key in keys})
