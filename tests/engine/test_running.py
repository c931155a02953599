"""Tasks that are let go: none is left behind, whatever each is doing at that moment."""

from __future__ import annotations

import asyncio

import pytest

from batchwright.engine import running
from batchwright.engine.running import ended


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "AGAIN", 0.01)


async def deaf(times: int, told: asyncio.Event) -> None:
    """Who doesn't hear so many cancels, as if writing, and would go on for long."""
    told.set()
    while times > 0:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            times -= 1
    await asyncio.sleep(60)


async def failing(told: asyncio.Event) -> None:
    told.set()
    raise ConnectionError


async def test_tasks_end_though_they_did_not_hear_of_it_at_first() -> None:
    told = [asyncio.Event() for _ in range(4)]
    tasks = [asyncio.ensure_future(deaf(n, told[n])) for n in range(3)] + [asyncio.ensure_future(failing(told[3]))]
    await asyncio.gather(*(each.wait() for each in told))
    async with asyncio.timeout(10):
        await ended(tasks)
    assert [each.cancelled() for each in tasks] == [True, True, True, False]


async def test_who_is_cancelled_while_ending_others_is_so_when_they_are_over() -> None:
    told = asyncio.Event()
    task = asyncio.ensure_future(deaf(3, told))
    await told.wait()
    ending = asyncio.ensure_future(ended((task,)))
    await asyncio.sleep(0)
    ending.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await ending
    assert task.cancelled()
