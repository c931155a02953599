"""Reads asked for in the same turn of the event loop are merged: one statement a reading, answered to each asker.

Ten actions that run in lock-step cost one query a level, not ten; the code that asks for single rows doesn't know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from batchwright.model.conditions import Reading
from batchwright.model.views import Key, Rows


@dataclass(eq=False, slots=True)
class Ask:
    """One reading on behalf of one caller (0: whoever asks), all its keys, and those who wait for some of them.

    company: who asked first; what is asked for by one is mostly asked for together.
    """

    reading: Reading
    caller: int
    company: asyncio.Task[Any] | None = None
    keys: set[Key] = field(default_factory=set)
    askers: list[tuple[asyncio.Future[Rows], tuple[Key, ...]]] = field(default_factory=list)

    def answer(self, rows: Rows) -> None:
        """Gives each asker the rows of its keys; a key that has none an empty list."""
        for future, keys in self.askers:
            if not future.done():
                future.set_result({key: rows.get(key, []) for key in keys})

    def fail(self, problem: Exception) -> None:
        """Gives each asker the problem."""
        for future, _ in self.askers:
            if not future.done():
                future.set_exception(problem)
                future.exception()  # counts as heard: who asked several things at once hears of the first alone


class Coalescer:
    """Merges readings before they reach `run`, which has to answer or fail each Ask of a turn."""

    def __init__(self, run: Callable[[list[Ask]], None]) -> None:
        self._run = run
        self._loop: asyncio.AbstractEventLoop
        self._asks: dict[tuple[Reading, int], Ask] = {}

    def fetch(self, reading: Reading, caller: int, keys: Iterable[Key]) -> asyncio.Future[Rows]:
        """The rows of these keys; each key has a list, empty when nothing was found. The read is under way at once."""
        wanted = tuple(keys)
        if not self._asks:
            self._loop = asyncio.get_running_loop()
        future: asyncio.Future[Rows] = self._loop.create_future()
        if not wanted:
            future.set_result({})
            return future
        whose = caller if reading.visible or reading.mine else 0
        if not self._asks:
            self._loop.call_soon(self._start)
        ask = self._asks.get((reading, whose))
        if ask is None:
            ask = self._asks[reading, whose] = Ask(reading, whose, asyncio.current_task(self._loop))
        ask.keys.update(wanted)
        ask.askers.append((future, wanted))
        return future

    def _start(self) -> None:
        asks, self._asks = self._asks, {}
        self._run(list(asks.values()))


def grouped(rows: Iterable[tuple[object, ...]]) -> Rows:
    """Rows by their first column, which is left out."""
    found: Rows = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1:])
    return found
