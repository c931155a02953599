"""Batches that commit together or not at all, and batches that only try: their actions run within one draft."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import msgspec

from batchwright.engine.extensions import Extended
from batchwright.engine.references import FAILED
from batchwright.engine.running import LATE, TIMED_OUT, Action, Running, Start
from batchwright.model.calls import Call, Reply
from batchwright.model.problems import Problem
from batchwright.store.interface import Draft

Perform = Callable[[Call], Awaitable[Reply]]
Drafting = Callable[[], AbstractAsyncContextManager[tuple[Draft, Perform]]]
"""Opens a draft; how an action is performed in it."""


async def in_draft(
    actions: Sequence[Action], extended: Extended, drafting: Drafting, starting: Callable[[Perform], Start]
) -> tuple[list[Reply], list[int]]:
    """The replies, and the gids of the rows that were inserted. starting: how to start actions that are performed so.

    Where its turn to write doesn't come within its own time, nothing is begun: each action is too late. Raises Problem
    503 when others would wait too long for theirs.
    """
    try:
        async with AsyncExitStack() as opened:
            turn = await _turn(extended, opened, drafting)
            if turn is None:
                return [Problem(TIMED_OUT, LATE).reply() for _ in actions], []
            left, (draft, perform) = turn
            running = Running(actions, left, starting(perform))
            replies = await running.replies()
            if extended.atomic and running.failed >= 0:
                return [_undone(running, reply) for reply in replies], []
            if not extended.dry_run:
                await draft.keep()
            return replies, list(draft.made)
    except TimeoutError:
        raise Problem(503, "The batch took too long to be written as one. Nothing of it was written") from None


async def _turn(
    extended: Extended, opened: AsyncExitStack, drafting: Drafting
) -> tuple[Extended, tuple[Draft, Perform]] | None:
    """A draft, once nobody else writes, and what is left to do in the time that is left; None when none is left."""
    now = asyncio.get_running_loop().time
    ends = now() + extended.timeout_ms / 1000 if extended.timeout_ms else None
    try:
        async with asyncio.timeout_at(ends):
            drafted = await opened.enter_async_context(drafting())
    except TimeoutError:
        return None
    if ends is not None:
        extended = msgspec.structs.replace(extended, timeout_ms=max(1, round((ends - now()) * 1000)))
    return extended, drafted


def _undone(running: Running, reply: Reply) -> Reply:
    """What is left of a reply when another action failed. Those that failed as well say why."""
    if reply.status >= 400:
        return reply
    return Problem(FAILED, f"Undone: {running.told(running.failed)}").reply()
