"""What took how long, told to those who ask for it as a Server-Timing header."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import msgspec

from batchwright.model.calls import Call, Reply, Timing

Perform = Callable[[Call], Awaitable[Reply]]


async def timed(perform: Perform, call: Call, asked: float) -> Reply:
    """The reply, with a header that tells how long its call waited, ran, and was being committed, in milliseconds.

    asked: when it was asked for, as `time.perf_counter` has it; the actions of a batch, when the batch was.
    """
    timing = Timing(asked)
    begun = time.perf_counter()
    reply = await perform(msgspec.structs.replace(call, timing=timing))
    ran = time.perf_counter() - begun - timing.committed
    spans = {"queued": begun - asked, "ran": ran, "committed": timing.committed}
    told = ", ".join(f"{name};dur={seconds * 1000:.2f}" for name, seconds in spans.items())
    return msgspec.structs.replace(reply, headers={**reply.headers, "server-timing": told})
