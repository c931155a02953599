"""Idempotency keys: what is sent again with the same key happens once and is answered the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.api.invariants import wrongs
from tests.engine.keys import REPLAYED, Failing, batch, beside, bodies, create, names, replayed, task
from tests.engine.test_batch import get, post, statuses
from tests.engine.test_extended_batch import ref
from tests.store.dumping import dump
from tests.world import Answer, World, open_world

from batchwright import app
from batchwright.engine import receipts
from batchwright.engine.keys import digest_of
from batchwright.model import gids, moments
from batchwright.model.calls import Call, Caller
from batchwright.model.changes import Changes, Insert
from batchwright.model.conditions import Reading
from batchwright.model.views import Key, Rows
from batchwright.settings import Settings

USED = "The idempotency key was sent with another request before. Use a new one for a new request."


@asynccontextmanager
async def failing(tmp_path: Path, database: str, *fates: str) -> AsyncIterator[World]:
    """A world whose store fails so."""
    settings = Settings(db=database, limits="off")
    async with open_world(tmp_path, settings, Failing(app.open_store(settings), *fates)) as world:
        yield world


async def test_a_request_that_is_sent_again_is_answered_the_same(world: World) -> None:
    first = await create(world, "k")
    await world.ann.put(f"/tasks/{first.data['gid']}", {"name": "renamed"})
    again = await create(world, "k")
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert (REPLAYED in first.headers, again.headers[REPLAYED]) == (False, "true")
    assert again.headers["location"] == first.headers["location"]
    assert await names(world) == ["renamed"]


async def test_so_is_an_action_and_it_may_be_sent_by_itself(world: World) -> None:
    made = post("/tasks", task(world, "t"), idempotency_key="k")
    first = await batch(world.ann, None, made, get("/users/me"))
    again = await batch(world.ann, None, get("/users/me"), made)
    assert (replayed(first), replayed(again)) == ([False, False], [False, True])
    assert bodies(again)[1] == bodies(first)[0]
    alone = await create(world, "k")
    assert (alone.body, alone.headers[REPLAYED]) == (first.data[0]["body"], "true")
    assert await names(world) == ["t"]


async def test_the_order_of_names_makes_no_other_request(world: World) -> None:
    first = await create(world, "k")
    turned = dict(reversed(task(world, "t").items()))
    again = await world.ann.send("POST", "/tasks", json={"data": turned}, key="k")
    assert again.body == first.body


@pytest.mark.parametrize("change", ["name", "path", "query", "method"])
async def test_a_key_is_for_one_request(world: World, change: str) -> None:
    gid = (await create(world, "k")).data["gid"]
    other: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
        "name": ("POST", "/tasks", task(world, "other"), {}),
        "path": ("POST", f"/tasks/{gid}/subtasks", task(world, "t"), {}),
        "query": ("POST", "/tasks", task(world, "t"), {"opt_fields": "name"}),
        "method": ("PUT", f"/tasks/{gid}", task(world, "t"), {}),
    }
    method, path, data, query = other[change]
    answer = await world.ann.send(method, path, json={"data": data}, query=query, key="k")
    assert (answer.status, answer.message) == (409, USED)
    assert await names(world) == ["t"]


async def test_an_action_with_a_used_key_fails_alone(world: World) -> None:
    await create(world, "k")
    answer = await batch(
        world.ann,
        None,
        post("/tasks", task(world, "other"), idempotency_key="k"),
        post("/tasks", task(world, "fine")),
    )
    assert statuses(answer) == [409, 201]
    assert await names(world) == ["fine", "t"]


async def test_a_batch_with_a_used_key_is_refused_before_anything_runs(world: World, database: str) -> None:
    await batch(world.ann, "k", post("/tasks", task(world, "a")), get("/users/me"))
    before = dump(database)
    for actions in (
        [post("/tasks", task(world, "b")), get("/users/me")],
        [post("/tasks", task(world, "a"))],
        [get("/users/me"), post("/tasks", task(world, "a"))],
    ):
        answer = await batch(world.ann, "k", *actions)
        assert (answer.status, answer.message) == (409, USED)
    assert (await create(world, "k")).status == 409
    assert dump(database) == before


async def test_each_action_of_a_batch_with_a_key_happens_once(world: World) -> None:
    actions = (
        post("/projects", {"name": "P", "workspace": world.workspace}, id="p"),
        post("/tasks", task(world, "a", projects=[ref("p#/data/gid")]), id="a"),
        post("/tasks/{a#/data/gid}/stories", {"text": "hello"}, id="said"),
        get("/tasks/{a#/data/gid}/stories", depends_on=["said"]),
        get("/tasks/1", id="lost"),
        post("/tasks", task(world, "b"), **{"if": {"id": "lost", "status": 404}}),
    )
    first = await batch(world.ann, "k", *actions)
    gid = first.data[1]["body"]["data"]["gid"]
    await world.ann.post(f"/tasks/{gid}/stories", {"text": "later"})
    again = await batch(world.ann, "k", *actions)
    assert statuses(first) == [201, 201, 201, 200, 404, 201]
    assert bodies(again) == bodies(first)
    assert replayed(again) == [True] * 6
    assert await names(world) == ["a", "b"]
    assert len((await world.ann.get(f"/tasks/{gid}/stories")).data) == len(first.data[3]["body"]["data"]) + 1


async def test_what_a_reference_leads_to_is_no_part_of_the_request(world: World) -> None:
    """The action that is referred to has no key here, so it happens twice; who refers to it has, and doesn't."""
    actions = (
        post("/tasks", task(world, "a"), id="a"),
        post("/tasks/{a#/data/gid}/subtasks", {"name": "sub"}, idempotency_key="k"),
    )
    first, again = await batch(world.ann, None, *actions), await batch(world.ann, None, *actions)
    assert replayed(again) == [False, True]
    assert bodies(again)[1] == bodies(first)[1]
    other = post("/tasks/{b#/data/gid}/subtasks", {"name": "sub"}, idempotency_key="k")
    assert statuses(await batch(world.ann, None, {**actions[0], "id": "b"}, other)) == [201, 409]


async def test_the_same_key_twice_in_a_batch_is_one_request(world: World) -> None:
    made = post("/tasks", task(world, "t"), idempotency_key="k")
    answer = await batch(world.ann, None, made, made, made)
    assert sorted(replayed(answer)) == [False, True, True]
    assert len({each["body"]["data"]["gid"] for each in answer.data}) == 1
    assert await names(world) == ["t"]


async def test_an_action_may_have_the_key_of_its_batch(world: World) -> None:
    """It doesn't wait for the batch that waits for it: it is refused, as another request has the key."""
    answer = await batch(world.ann, "k", post("/tasks", task(world, "t"), idempotency_key="k"))
    assert statuses(answer) == [409]


@pytest.mark.parametrize("value", ["", "x" * 256, "a\nb", 7, None, "\u200b"])
async def test_what_is_no_key_is_refused(world: World, value: Any) -> None:
    made = post("/tasks", task(world, "t"))
    answer = await batch(world.ann, None, made, {**made, "idempotency_key": value})
    told = "Value is not a text of 1 to 255 printable characters"
    assert (answer.status, answer.message) == (400, f"actions: [1]: idempotency_key: {told}")
    if isinstance(value, str) and value.isascii() and "\n" not in value:
        for answer in (await create(world, value), await batch(world.ann, value, made)):
            assert (answer.status, answer.message) == (400, f"Idempotency-Key: {told}")
    assert await names(world) == []


async def test_a_strict_server_knows_no_keys(tmp_path: Path) -> None:
    async with open_world(tmp_path, Settings(db=str(tmp_path / "strict.db"), limits="off", strict=True)) as world:
        made = post("/tasks", task(world, "t"))
        answer = await batch(world.ann, None, {**made, "idempotency_key": "k"})
        assert (answer.status, answer.message.partition(": This")[0]) == (400, "actions: [0]: idempotency_key")
        for _ in range(2):
            assert REPLAYED not in (await create(world, "k")).headers
            assert replayed(await batch(world.ann, "k", made)) == [False]
        assert len(await names(world)) == 4


async def together(requests: Iterable[Awaitable[Answer]]) -> list[Answer]:
    return list(await asyncio.gather(*requests))


async def test_twenty_at_once_are_one(world: World, database: str) -> None:
    answers = await together(create(world, "k") for _ in range(20))
    assert {each.status for each in answers} == {201}
    assert len({each.data["gid"] for each in answers}) == 1
    assert sum(REPLAYED in each.headers for each in answers) == 19
    assert await names(world) == ["t"]
    assert not wrongs(database)


@pytest.mark.parametrize("atomic", [False, True])
async def test_twenty_batches_at_once_are_one(world: World, database: str, *, atomic: bool) -> None:
    made = [post("/tasks", task(world, name)) for name in "abc"]
    answers = await together(batch(world.ann, "k", *made, atomic=atomic) for _ in range(20))
    assert all(bodies(each) == bodies(answers[0]) for each in answers)
    assert sum(not any(replayed(each)) for each in answers) <= 1
    assert await names(world) == ["a", "b", "c"]
    assert not wrongs(database)


async def test_two_servers_on_one_database_do_it_once(world: World, database: str) -> None:
    made = [post("/tasks", task(world, name)) for name in "abc"]
    async with beside(world.ann, database) as other:
        for round in range(3):
            key = f"k{round}"
            alone = await together(create(world, key, key, who) for who in (world.ann, other) * 5)
            assert len({each.data["gid"] for each in alone}) == 1
            batches = await together(batch(who, f"b{round}", *made) for who in (world.ann, other) * 3)
            assert all(bodies(each) == bodies(batches[0]) for each in batches)
            whole = await together(batch(who, f"a{round}", *made, atomic=True) for who in (world.ann, other) * 2)
            assert all(bodies(each) == bodies(whole[0]) for each in whole)
    assert await names(world) == sorted(["a", "b", "c"] * 6 + ["k0", "k1", "k2"])
    assert not wrongs(database)


async def test_another_server_knows_what_was_done(world: World, database: str) -> None:
    made = [post("/tasks", task(world, name)) for name in "ab"]
    first, second = await create(world, "k"), await batch(world.ann, "b", *made)
    third = await batch(world.ann, "a", *made, atomic=True)
    async with beside(world.ann, database) as other:
        assert (await create(world, "k", who=other)).body == first.body
        assert bodies(await batch(other, "b", *made)) == bodies(second)
        assert bodies(await batch(other, "a", *made, atomic=True)) == bodies(third)
        assert (await create(world, "k", "other", who=other)).status == 409
    assert await names(world) == ["a", "a", "b", "b", "t"]


async def test_a_crash_before_the_commit_leaves_nothing_to_remember(tmp_path: Path, database: str) -> None:
    async with failing(tmp_path, database, "before") as world:
        assert (await create(world, "k")).status == 500
        assert await names(world) == []
        again = await create(world, "k")
        assert (again.status, REPLAYED in again.headers) == (201, False)
        assert await names(world) == ["t"]


async def test_a_crash_between_commit_and_reply_does_nothing_twice(tmp_path: Path, database: str) -> None:
    async with failing(tmp_path, database, "after") as world:
        assert (await create(world, "k")).status == 500
        assert await names(world) == ["t"]
        async with beside(world.ann, database) as other:
            again = await create(world, "k", who=other)
            assert (again.status, again.headers[REPLAYED]) == (201, "true")
            assert again.headers["location"].endswith(f"/tasks/{again.data['gid']}")
            await world.ann.put(f"/tasks/{again.data['gid']}", {"name": "renamed"})
        assert (await create(world, "k")).body == again.body  # it is known from then on
        assert await names(world) == ["renamed"]


async def test_what_was_deleted_after_such_a_crash_was_done_all_the_same(tmp_path: Path, database: str) -> None:
    async with failing(tmp_path, database, "after") as world:
        await create(world, "k")
        (made,) = (await world.ann.get("/tasks", assignee="me", workspace=world.workspace)).data
        await world.ann.delete(f"/tasks/{made['gid']}")
        again = await create(world, "k")
        assert (again.status, again.data) == (201, {"gid": made["gid"], "resource_type": "task"})


async def test_of_a_batch_that_was_broken_off_only_the_rest_is_done(tmp_path: Path, database: str) -> None:
    """The batch takes its key first; then its actions: done and not told, not done, done and told."""
    async with failing(tmp_path, database, "", "after", "before") as world:
        made = [post("/tasks", task(world, name)) for name in "abc"]
        first = await batch(world.ann, "k", *made)
        assert statuses(first) == [500, 500, 201]
        again = await batch(world.ann, "k", *made)
        assert (statuses(again), replayed(again)) == ([201, 201, 201], [True, False, True])
        assert bodies(again)[2] == bodies(first)[2]
        assert await names(world) == ["a", "b", "c"]


async def test_an_atomic_batch_is_remembered_as_one_or_not_at_all(tmp_path: Path, database: str) -> None:
    async with failing(tmp_path, database, "", "after") as world:
        made = [post("/tasks", task(world, "a"), id="a"), post("/tasks/{a#/data/gid}/subtasks", {"name": "b"})]
        assert (await batch(world.ann, "k", *made, atomic=True)).status == 500
        again = await batch(world.ann, "k", *made, atomic=True)
        assert (statuses(again), replayed(again)) == ([201, 201], [True, True])
        assert await names(world) == ["a"]
        failed = [*made, post("/tasks", {"name": "c", "workspace": "1"})]
        for _ in range(2):
            answer = await batch(world.ann, "f", *failed, atomic=True)
            assert (statuses(answer)[2], any(replayed(answer))) == (400, False)
        assert await names(world) == ["a"]


async def test_a_dry_run_remembers_nothing(world: World, database: str) -> None:
    made = [post("/tasks", task(world, "a"), idempotency_key="own"), post("/tasks", task(world, "b"))]
    before = dump(database)
    for _ in range(2):
        answer = await batch(world.ann, "k", *made, dry_run=True)
        assert (statuses(answer), replayed(answer)) == ([201, 201], [False, False])
    assert dump(database) == before
    assert replayed(await batch(world.ann, "k", *made)) == [False, False]


async def test_what_was_refused_is_refused_again_and_what_was_read_is_read_again(world: World) -> None:
    missing = {"data": {"name": "t"}}
    first = await world.ann.send("POST", "/tasks", json=missing, key="r")
    again = await world.ann.send("POST", "/tasks", json=missing, key="r")
    assert (first.status, again.body, again.headers[REPLAYED]) == (400, first.body, "true")
    gid = (await create(world, None)).data["gid"]
    await world.ann.send("GET", f"/tasks/{gid}", key="g")
    await world.ann.put(f"/tasks/{gid}", {"name": "renamed"})
    assert (await world.ann.send("GET", f"/tasks/{gid}", key="g")).data["name"] == "t"
    assert (await world.ann.send("DELETE", f"/tasks/{gid}", key="d")).status == 200
    assert (await world.ann.send("DELETE", f"/tasks/{gid}", key="d")).status == 200
    assert (await world.ann.delete(f"/tasks/{gid}")).status == 404


async def test_a_large_reply_is_made_again(world: World, monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.setattr(receipts, "LARGEST", 50)
    first = await create(world, "k")
    path = f"/tasks/{first.data['gid']}"
    read = await world.ann.send("GET", path, key="g")
    assert read.data == first.data
    await world.ann.put(path, {"name": "renamed"})
    for again in (await create(world, "k"), await world.ann.send("GET", path, key="g")):
        assert (again.data["name"], again.headers[REPLAYED]) == ("renamed", "true")
    assert {row[-2] for row in dump(database)["receipt"]} == {""}


async def test_a_key_is_its_owners_own(world: World) -> None:
    mine = await create(world, "k")
    theirs = await create(world, "k", "bob's", world.bob)
    assert (theirs.status, REPLAYED in theirs.headers) == (201, False)
    assert theirs.data["gid"] != mine.data["gid"]


def test_nor_does_another_app_share_it() -> None:
    def call(app: str, key: str) -> Call:
        return Call(caller=Caller(1, "1", app=app), method="GET", relative_path="/", key=key)

    assert len({digest_of(call(app, key)) for app in ("", "1", "2") for key in ("k", "2k")}) == 6


async def test_after_a_day_a_key_is_new(world: World, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, begun = await create(world, "k"), moments.now()
    await create(world, "other")
    monkeypatch.setattr(moments, "now", lambda: begun + moments.DAY_MS - 60_000)
    assert (await create(world, "k")).body == first.body
    monkeypatch.setattr(moments, "now", lambda: begun + moments.DAY_MS + 60_000)
    again = await create(world, "k", "u")
    assert (again.status, REPLAYED in again.headers) == (201, False)
    assert (await create(world, "k", "u")).body == again.body
    assert len(dump(database)["receipt"]) == 2


async def test_old_receipts_go_when_new_ones_come(world: World, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "TRIM_EVERY", 2)
    ages = {"older": 25 * 3_600_000, "old": moments.DAY_MS + 1, "young": moments.DAY_MS - 60_000}
    for name, age in ages.items():
        at = moments.now() - age
        row = {"user": int(world.ann.gid), "digest": name, "request": "", "outcome": "", "reply": "", "created_at": at}
        await world.store.commit(Changes((Insert("receipt", gids.floor(at), row),), 0, at))
    for key in ("k", "l"):
        await create(world, key)
    left = {row[2] for row in dump(database)["receipt"]}
    assert (len(left), left & ages.keys()) == (3, {"young"})


async def test_plain_requests_leave_no_receipts(world: World, database: str) -> None:
    await create(world, None)
    await batch(world.ann, None, post("/tasks", task(world, "t"), id="a"), get("/tasks/{a#/data/gid}"))
    assert dump(database)["receipt"] == []


class Stuck:
    """A store that answers nothing for a while once a task is written."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.next = False
        self.stuck, self.let = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, changes: Changes) -> None:
        await self._store.commit(changes)
        self.next = any(isinstance(each, Insert) and each.kind == "task" for each in changes.of)

    def fetch(self, reading: Reading, caller: int, keys: Iterable[Key]) -> Awaitable[Rows]:
        return asyncio.ensure_future(self._fetched(reading, caller, keys))

    async def _fetched(self, reading: Reading, caller: int, keys: Iterable[Key]) -> Rows:
        if self.next:
            self.next = False
            self.stuck.set()
            await self.let.wait()
        rows: Rows = await self._store.fetch(reading, caller, keys)
        return rows


@pytest.mark.parametrize("key", [None, "k"])
async def test_who_gives_up_after_the_commit_is_told_what_was_written(
    tmp_path: Path, database: str, key: str | None
) -> None:
    """As an action past its deadline does: it must not be told that nothing was written."""
    settings = Settings(db=database, limits="off")
    store = Stuck(app.open_store(settings))
    async with open_world(tmp_path, settings, store) as world:
        waiting = asyncio.ensure_future(create(world, key))
        await store.stuck.wait()
        waiting.cancel()
        answer = await waiting
        store.let.set()
        assert answer.status == 201
        assert await names(world) == ["t"]
