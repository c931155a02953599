"""Drafts: transactions that see themselves, whoever gives up on them and whenever."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import psycopg
import pytest
from tests.store.dumping import dump
from tests.world import World

from batchwright import app
from batchwright.model import gids, moments
from batchwright.model.changes import Changes, Insert
from batchwright.model.conditions import Reading
from batchwright.resources import KINDS
from batchwright.settings import Settings
from batchwright.store import drafts
from batchwright.store.interface import Store

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


async def test_another_process_waits_for_a_draft_and_finds_what_it_left(world: World, database: str) -> None:
    """Two stores over one database are what two processes are: they share nothing but that."""
    other = app.open_store(Settings(db=database))
    first, second = tag(world, "first"), tag(world, "second")
    async with world.store.draft() as draft:
        await draft.commit(first)
        writing = asyncio.ensure_future(other.commit(second))
        assert (await other.fetch(NAMES, 0, (gid_of(first),)))[gid_of(first)] == []
        await draft.keep()
    async with asyncio.timeout(20):
        await writing
    both = (gid_of(first), gid_of(second))
    for store in (world.store, other):
        assert await store.fetch(NAMES, 0, both) == {both[0]: [("first",)], both[1]: [("second",)]}
    await other.close()


async def test_drafts_of_two_processes_take_turns(world: World, database: str) -> None:
    other = app.open_store(Settings(db=database))
    changes = [tag(world, f"tag {number}") for number in range(6)]

    async def write(store: Store, change: Changes) -> None:
        async with store.draft() as draft:
            await draft.commit(change)
            assert (await draft.fetch(NAMES, 0, (gid_of(change),)))[gid_of(change)] != []
            await draft.keep()

    async with asyncio.timeout(20):
        await asyncio.gather(*(write((world.store, other)[number % 2], each) for number, each in enumerate(changes)))
    found = await other.fetch(NAMES, 0, [gid_of(each) for each in changes])
    assert all(found.values())
    await other.close()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # a file has no connection
async def test_a_connection_that_breaks_takes_its_draft_along_and_nothing_else(world: World, database: str) -> None:
    before = dump(database)

    async def write() -> None:
        async with world.store.draft() as draft:
            await draft.commit(tag(world, "lost"))
            with psycopg.connect(database, autocommit=True) as killer:
                killer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            with pytest.raises(psycopg.OperationalError):
                await draft.fetch(NAMES, 0, (1,))
            with pytest.raises(psycopg.OperationalError):
                await draft.commit(tag(world, "lost, too"))
            await draft.keep()

    with pytest.raises(psycopg.OperationalError):
        await write()
    assert dump(database) == before
    change = tag(world, "next")
    await world.store.commit(change)
    assert (await world.store.fetch(NAMES, 0, (gid_of(change),)))[gid_of(change)] == [("next",)]
