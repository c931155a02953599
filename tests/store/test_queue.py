"""The way to the writer: who gives up while a change set waits takes it back, and later learns what became of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from batchwright.model.changes import Changes, Conflict, Notice
from batchwright.store.queue import CommitQueue

ONE, TWO, THREE = (Changes((Notice("task", 1, name),), 0, 0) for name in ("one", "two", "three"))


@dataclass
class Writer:
    """Writes when it is let."""

    let: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    written: list[Changes] = field(default_factory=list)
    fails: bool = False

    def write(self, group: list[Changes]) -> list[Exception | None]:
        """A group."""
        self.begun.set()
        self.let.wait()
        self.written += group
        return [Conflict("so it is") if self.fails else None for _ in group]


@pytest.fixture
async def writer() -> Writer:
    """A writer that waits."""
    return Writer()


@pytest.fixture
async def queue(writer: Writer) -> AsyncIterator[CommitQueue]:
    """The way to it."""
    made = CommitQueue(ThreadPoolExecutor(1), writer.write)
    yield made
    writer.let.set()
    await made.close()


async def test_who_gives_up_in_time_takes_it_back(writer: Writer, queue: CommitQueue) -> None:
    first = asyncio.ensure_future(queue.commit(ONE))
    await asyncio.to_thread(writer.begun.wait)
    second, third = (asyncio.ensure_future(queue.commit(each)) for each in (TWO, THREE))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    writer.let.set()
    await asyncio.gather(first, third)
    assert writer.written == [ONE, THREE]


@pytest.mark.parametrize("fails", [False, True])
async def test_who_gives_up_too_late_learns_what_became_of_it(
    writer: Writer, queue: CommitQueue, *, fails: bool
) -> None:
    writer.fails = fails
    commit = asyncio.ensure_future(queue.commit(ONE))
    await asyncio.to_thread(writer.begun.wait)
    commit.cancel()
    await asyncio.sleep(0)
    assert not commit.done()
    writer.let.set()
    if fails:
        with pytest.raises(Conflict):
            await commit
    else:
        await commit
    assert writer.written == [ONE]
