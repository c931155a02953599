"""Runs the actions of a batch that asks for more than Asana has: each as soon as those that it waits for are answered.

Actions that wait for nothing run in parallel, as in any batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from batchwright.engine.extensions import Extended, Extra
from batchwright.engine.references import FAILED, Filling
from batchwright.model.calls import Reply
from batchwright.model.problems import Problem

Action = Mapping[str, Any]
Start = Callable[[int, Action], Awaitable[Reply]]
TIMED_OUT = 504
AGAIN = 0.5  # seconds after which a task that goes on is cancelled once more
LATE = "The action took longer than its timeout_ms. Nothing of it was written"


class Running:
    """One batch under way. start: performs an action, given its place in the batch; never raises.

    late: what is told of an action that takes too long. most: how many may run at once (0: all); the others aren't
    even filled, as their values are much where they are many.
    """

    def __init__(
        self, actions: Sequence[Action], extended: Extended, start: Start, late: str = LATE, most: int = 0
    ) -> None:
        self._actions, self._extended, self._start, self._late = actions, extended, start, late
        self._places = asyncio.Semaphore(most) if most else nullcontext()
        self._loop = asyncio.get_running_loop()
        self._ends = self._loop.time() + extended.timeout_ms / 1000 if extended.timeout_ms else None
        self._answered: list[asyncio.Future[Reply]] = [self._loop.create_future() for _ in actions]
        self.failed = -1  # the action that failed first

    async def replies(self) -> list[Reply]:
        """All replies, in the order of the actions."""
        async with self._begun() as tasks:
            return [reply for _, reply in await asyncio.gather(*tasks)]

    async def finished(self) -> AsyncGenerator[tuple[int, Reply]]:
        """Each action's place and its reply, as they are answered. Who stops listening stops what hasn't ended."""
        async with self._begun() as tasks:
            for task in asyncio.as_completed(tasks):
                yield await task

    @asynccontextmanager
    async def _begun(self) -> AsyncIterator[list[asyncio.Task[tuple[int, Reply]]]]:
        """The actions under way; at the end none is any more."""
        tasks = [asyncio.ensure_future(self._one(index)) for index in range(len(self._actions))]
        try:
            yield tasks
        finally:
            await ended(tasks)

    async def _one(self, index: int) -> tuple[int, Reply]:
        extra = self._extended.each[index]
        for other in extra.waits:
            await asyncio.shield(self._answered[other])
        reason = self._refused(extra)
        if reason:
            reply = Problem(FAILED, f"Not run: {reason}").reply()
        else:
            try:
                async with self._places:
                    reply = await self._timed(index, extra)
            except Problem as problem:
                reply = problem.reply()
            if reply.status >= 400 and self.failed < 0:
                self.failed = index
        self._answered[index].set_result(reply)
        return index, reply

    def told(self, index: int) -> str:
        """An action and its answer, in words."""
        return f"the action {self._extended.each[index].id or index} was answered {self._status(index)}"

    def _refused(self, extra: Extra) -> str:
        """Why an action isn't to be run, as it turned out; "" if it is."""
        needed = next((other for other in extra.needs if self._status(other) >= 400), None)
        if needed is not None:
            return f"{self.told(needed)}, and it is needed"
        condition = extra.condition
        if condition is not None and self._status(condition.index) not in condition.statuses:
            return self.told(condition.index)
        stops = self._extended.atomic or self._extended.on_error == "stop"
        return self.told(self.failed) if stops and self.failed >= 0 else ""

    def _status(self, index: int) -> int:
        return self._answered[index].result().status

    async def _timed(self, index: int, extra: Extra) -> Reply:
        """The reply; 504 where it takes too long; what was started is stopped then."""
        action = self._filled(index) if extra.refers else self._actions[index]
        ends = self._loop.time() + extra.timeout_ms / 1000 if extra.timeout_ms else self._ends
        if ends is not None and self._ends is not None:
            ends = min(ends, self._ends)
        if ends is None:
            return await self._start(index, action)
        try:
            async with asyncio.timeout_at(ends):
                return await self._start(index, action)
        except TimeoutError:
            raise Problem(TIMED_OUT, self._late) from None

    def _filled(self, index: int) -> Action:
        each = self._extended.each
        bodies = {each[other].id: self._answered[other].result().body for other in each[index].needs}
        action, filling = dict(self._actions[index]), Filling(bodies)
        action["relative_path"] = filling.path(action["relative_path"])
        return action | {part: filling.value(action[part]) for part in ("data", "options") if part in action}


async def ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancels tasks until they are over: who is writing something isn't told so (store/queue.py) and goes on after it.

    Who is cancelled meanwhile is so when they are over.
    """
    cancelled: asyncio.CancelledError | None = None
    while left := [each for each in tasks if not each.done()]:
        for each in left:
            each.cancel()
        try:
            await asyncio.wait(left, timeout=AGAIN)
        except asyncio.CancelledError as problem:
            cancelled = problem
    for each in tasks:
        each.cancelled() or each.exception()  # many may have failed of the same cause: nobody need be told twice
    if cancelled is not None:
        raise cancelled
