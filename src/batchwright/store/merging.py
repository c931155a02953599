"""Work that several ask for in one turn of the event loop, done once for all of them.

Ten actions of a batch that show tasks in the same way are loaded and shaped as one list of ten tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

Work = Callable[[Iterable[int]], Awaitable[dict[int, Any]]]


@dataclass(eq=False, slots=True)
class _Meeting:
    work: Work
    items: dict[int, None] = field(default_factory=dict)
    waiting: list[asyncio.Future[dict[int, Any]]] = field(default_factory=list)


class Merger:
    """Who comes with the same key in the same turn gets the answer to all items that were brought."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop
        self._meetings: dict[Hashable, _Meeting] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def together(self, key: Hashable, items: Iterable[int], work: Work) -> dict[int, Any]:
        """The result of `work` for at least these items; `work` must be the same for everyone with this key."""
        if not self._meetings:
            self._loop = asyncio.get_running_loop()
            self._loop.call_soon(self._start)
        meeting = self._meetings.get(key)
        if meeting is None:
            meeting = self._meetings[key] = _Meeting(work)
        meeting.items.update(dict.fromkeys(items))
        future: asyncio.Future[dict[int, Any]] = self._loop.create_future()
        meeting.waiting.append(future)
        return await future

    def _start(self) -> None:
        meetings, self._meetings = self._meetings, {}
        for meeting in meetings.values():
            task = asyncio.ensure_future(_held(meeting))
            self._running.add(task)
            task.add_done_callback(self._running.discard)


async def _held(meeting: _Meeting) -> None:
    try:
        result = await meeting.work(meeting.items)
    except Exception as problem:
        for future in meeting.waiting:
            if not future.done():
                future.set_exception(problem)
        return
    for future in meeting.waiting:
        if not future.done():
            future.set_result(result)
