"""Batches that commit together or not at all, and batches that only try: their actions run within one draft."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from batchwright.engine.extensions import Extended
from batchwright.engine.references import FAILED
from batchwright.engine.running import Action, Running, Start
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

    Raises Problem 503 when it takes so long that others would wait too long for their turn to write.
    """
    try:
        async with drafting() as (draft, perform):
            running = Running(actions, extended, starting(perform))
            replies = await running.replies()
            if extended.atomic and running.failed >= 0:
                return [_undone(running, index, reply) for index, reply in enumerate(replies)], []
            if not extended.dry_run:
                await draft.keep()
            return replies, list(draft.made)
    except TimeoutError:
        raise Problem(503, "The batch took too long to be written as one. Nothing of it was written") from None


def _undone(running: Running, index: int, reply: Reply) -> Reply:
    """What is left of a reply when another action failed."""
    if index == running.failed or reply.status == FAILED:
        return reply
    return Problem(FAILED, f"Undone: {running.told(running.failed)}").reply()
