"""What took how long: measured here, told in a Server-Timing header to who asks, and to traces where they are on."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import msgspec

from batchwright.engine.headers import TIMING
from batchwright.model.calls import Call, Reply, Timing
from batchwright.model.problems import Problem

Perform = Callable[[Call], Awaitable[Reply]]


async def timed(perform: Perform, call: Call) -> Reply:
    """The reply to a call that has a timing; once it ended, or was stopped, all who want to know have been told."""
    timing, reply = call.timing, None
    assert timing is not None
    timing.begun = time.perf_counter()
    try:
        reply = await perform(call)
    finally:
        _end(timing, reply)
    return _headed(reply, timing)


def refused(problem: Problem, timing: Timing) -> Reply:
    """The same for an action that can't be a call: it waited, and that is all."""
    timing.begun, reply = time.perf_counter(), problem.reply()
    _end(timing, reply)
    return _headed(reply, timing)


def _end(timing: Timing, reply: Reply | None) -> None:
    timing.ended = time.perf_counter()
    if timing.tell is not None:
        timing.tell(timing, reply)


def _headed(reply: Reply, timing: Timing) -> Reply:
    """The reply, with a header that has milliseconds, for who asked for it."""
    if not timing.shown:
        return reply
    told = ", ".join(f"{name};dur={seconds * 1000:.2f}" for name, seconds in timing.spans.items())
    return msgspec.structs.replace(reply, headers={**reply.headers, TIMING.lower(): told})
