"""Drafts: transactions that see themselves, whoever gives up on them and whenever."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from tests.store.dumping import dump
from tests.world import World

from batchwright.model import gids, moments
from batchwright.model.changes import Changes, Insert
from batchwright.model.conditions import Reading
from batchwright.resources import KINDS
from batchwright.store import drafts

NAMES = Reading("tag", columns=("name",))


def tag(world: World, name: str) -> Changes:
    known = {"name": name, "workspace": int(world.workspace), "created_at": moments.now()}
    row = {each.name: known.get(each.name, each.default) for each in KINDS["tag"].columns}
    return Changes((Insert("tag", gids.make(), row),), int(world.ann.gid), moments.now())


def gid_of(changes: Changes) -> int:
    (insert,) = changes.of
    assert isinstance(insert, Insert)
    return insert.gid


class Held:
    """A step of the writer that is held up until it is let."""

    def __init__(self, step: Any) -> None:
        self._step = step
        self.begun, self.let = threading.Event(), threading.Event()

    def __call__(self, *given: Any) -> Any:
        self.begun.set()
        assert self.let.wait(20)
        return self._step(*given)


async def test_a_draft_that_is_being_kept_is_not_given_up(world: World) -> None:
    """Whatever the deadline: once it can't be undone, nobody is told that it was."""
    change = tag(world, "kept")

    async def keep() -> Held:
        async with world.store.draft() as draft:
            await draft.commit(change)
            held = Held(draft._transaction.keep)  # type: ignore[attr-defined]
            draft._transaction.keep = held  # type: ignore[attr-defined]
            beginning.set_result(held)
            await draft.keep()
            return held

    beginning: asyncio.Future[Held] = asyncio.get_running_loop().create_future()
    keeping = asyncio.ensure_future(keep())
    held = await beginning
    await asyncio.to_thread(held.begun.wait)
    keeping.cancel()
    await asyncio.sleep(0)
    held.let.set()
    assert await keeping is held
    assert (await world.store.fetch(NAMES, 0, (gid_of(change),)))[gid_of(change)] == [("kept",)]


async def test_a_draft_that_takes_too_long_is_undone_and_lets_others_write(
    world: World, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(database)
    monkeypatch.setattr(drafts, "LONGEST", 0.05)

    async def linger() -> None:
        async with world.store.draft() as draft:
            await draft.commit(tag(world, "late"))
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await linger()
    assert dump(database) == before
    change = tag(world, "next")
    await world.store.commit(change)
    assert (await world.store.fetch(NAMES, 0, (gid_of(change),)))[gid_of(change)] == [("next",)]


async def test_who_gives_up_on_a_draft_leaves_nothing_and_blocks_nobody(world: World, database: str) -> None:
    before = dump(database)

    async def write() -> None:
        async with world.store.draft() as draft:
            await draft.commit(tag(world, "given up"))
            written.set()
            await asyncio.Event().wait()

    for _ in range(3):
        written = asyncio.Event()
        writing, waiting = asyncio.ensure_future(write()), asyncio.ensure_future(write())
        await written.wait()
        for each in (waiting, writing):  # the one that has no turn yet, too
            each.cancel()
            with pytest.raises(asyncio.CancelledError):
                await each
    assert dump(database) == before


async def test_nothing_goes_through_a_draft_that_is_over(world: World, database: str) -> None:
    """The connection is the next one's by then, and a read that fails would undo what that has written."""
    async with world.store.draft() as first:
        pass
    before = dump(database)
    async with world.store.draft() as second:
        change = tag(world, "second")
        await second.commit(change)
        with pytest.raises(RuntimeError):
            await first.fetch(NAMES, 0, (gid_of(change),))
        with pytest.raises(RuntimeError):
            await first.commit(tag(world, "first"))
        assert (await second.fetch(NAMES, 0, (gid_of(change),)))[gid_of(change)] == [("second",)]
    assert dump(database) == before


async def test_a_statement_that_fails_undoes_nothing_of_its_draft(world: World) -> None:
    change = tag(world, "first")
    async with world.store.draft() as draft:
        await draft.commit(change)
        with pytest.raises(Exception, match="nowhere"):
            await draft._on_writer(lambda: draft._transaction.rows("SELECT nowhere", {}))  # type: ignore[attr-defined]
        await draft.keep()
    assert (await world.store.fetch(NAMES, 0, (gid_of(change),)))[gid_of(change)] == [("first",)]
