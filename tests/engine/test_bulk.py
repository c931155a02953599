"""Batches of many actions, worked off behind the scenes: taken in, run, told of, cancelled, taken over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.api.invariants import wrongs
from tests.engine.test_batch import get, post
from tests.engine.test_extended_batch import ref
from tests.world import Client, World, open_world

from batchwright import app
from batchwright.engine.bulk import Bulk, working
from batchwright.engine.bulk.operations import MOST_OPEN
from batchwright.engine.extensions import extended
from batchwright.engine.limits.memory import Unlimited
from batchwright.engine.running import Running
from batchwright.model import moments
from batchwright.model.calls import Caller, Reply
from batchwright.model.changes import Changes, Set
from batchwright.model.conditions import Reading
from batchwright.settings import Settings
from batchwright.store.interface import Store
from batchwright.store.views import Committed


async def send(client: Client, actions: list[Any], *, lines: bool = False, **rest: Any) -> httpx2.Response:
    """The actions as a job."""
    headers = {"Authorization": f"Bearer {client.token}", "Prefer": "respond-async"}
    if lines:
        headers["Content-Type"] = "application/x-ndjson"
        return await client.http.post("/api/1.0/batch", content="\n".join(map(json.dumps, actions)), headers=headers)
    return await client.http.post("/api/1.0/batch", json={"data": {"actions": actions, **rest}}, headers=headers)


async def streamed(client: Client, path: str) -> list[dict[str, Any]]:
    """What a stream tells until it ends."""
    headers = {"Authorization": f"Bearer {client.token}", "Accept": "application/x-ndjson"}
    response = await asyncio.wait_for(client.http.get(f"/api/1.0/batch_jobs/{path}", headers=headers), 60)
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


async def ended(client: Client, gid: str) -> dict[str, Any]:
    """The job's record once it is over, by the stream that tells of it."""
    records = await streamed(client, f"{gid}/progress")
    assert [each["done"] for each in records] == sorted(each["done"] for each in records)
    return records[-1]


async def until(holds: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(30):
        while not await holds():  # noqa: ASYNC110 - it is told of in the database alone
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "RENEW", 0.05)
    monkeypatch.setattr(working, "POLL", 0.1)


@pytest.mark.parametrize("lines", [False, True])
async def test_a_job_is_taken_in_and_worked_off(world: World, database: str, *, lines: bool) -> None:
    actions = [post("/tasks", {"name": str(n), "workspace": world.workspace}) for n in range(40)] + [get("/tasks/1")]
    taken = await send(world.ann, actions, lines=lines)
    assert taken.status_code == 202
    job = taken.json()["data"]
    assert taken.headers["location"] == f"/api/1.0/batch_jobs/{job['gid']}"
    assert (job["resource_type"], job["actions"], job["done"]) == ("batch_job", 41, 0)
    over = await ended(world.ann, job["gid"])
    assert (over["status"], over["done"], over["failed"], over["left"]) == ("succeeded", 41, 1, 0)
    found = await streamed(world.ann, f"{job['gid']}/results")
    assert [each["index"] for each in found] == list(range(41))
    assert [each["status_code"] for each in found] == [201] * 40 + [404]
    assert found[7]["body"]["data"]["name"] == "7"
    assert found[7]["headers"]["location"].endswith(found[7]["body"]["data"]["gid"])
    assert not wrongs(database)


async def test_with_keys_a_job_is_taken_in_once_and_so_is_what_it_does(world: World) -> None:
    made = post("/tasks", {"name": "t", "workspace": world.workspace}, idempotency_key="action")
    body = {"data": {"actions": [made, made]}}
    jobs = [await world.ann.send("POST", "/batch_jobs", json=body, key="job") for _ in range(2)]
    assert [each.status for each in jobs] == [202, 202]
    assert jobs[0].data["gid"] == jobs[1].data["gid"]
    assert len((await world.ann.get("/batch_jobs")).data) == 1
    assert (await ended(world.ann, jobs[0].data["gid"]))["status"] == "succeeded"
    alone = await world.ann.batch(made)
    found = [*await streamed(world.ann, f"{jobs[0].data['gid']}/results"), *alone.data]
    assert len({each["body"]["data"]["gid"] for each in found}) == 1


async def test_results_come_in_pages(world: World) -> None:
    job = (await send(world.ann, [get("/users/me", id=str(n)) for n in range(5)])).json()["data"]["gid"]
    await ended(world.ann, job)
    first = await world.ann.get(f"/batch_jobs/{job}/results", limit=3)
    second = await world.ann.get(f"/batch_jobs/{job}/results", limit=3, after=first.body["after"])
    assert [each["id"] for each in (*first.data, *second.data)] == ["0", "1", "2", "3", "4"]
    assert second.body["after"] is None


async def test_actions_of_a_job_refer_to_each_other_and_need_each_other(world: World) -> None:
    actions = [
        post("/tasks", {"name": "parent", "workspace": world.workspace}, id="parent"),
        post("/tasks/{parent#/data/gid}/subtasks", {"name": ref("parent#/data/name")}, id="child"),
        get("/tasks/1", id="lost"),
        post("/tasks", {"name": "no"}, depends_on=["lost"]),
        get("/tasks/{child#/data/nothing}"),
    ]
    job = (await send(world.ann, actions)).json()["data"]["gid"]
    await ended(world.ann, job)
    found = await streamed(world.ann, f"{job}/results")
    assert [each["status_code"] for each in found] == [201, 201, 404, 424, 424]
    assert found[1]["body"]["data"]["parent"]["gid"] == found[0]["body"]["data"]["gid"]


async def test_so_many_are_filled_and_run_at_once_and_no_more() -> None:
    """Values that ten thousand actions took from one reply would fill the memory."""
    actions = [get("/x", id="a"), *[post("/x", {"name": ref("a#/data/name")})] * 30]
    asked, taken, at_once = extended({}, actions, strict=False), [0], list[int]()
    assert asked is not None

    class Named(dict[str, str]):
        def get(self, name: str, default: Any = None) -> Any:
            taken[0] += 1
            return super().get(name, default)

    async def start(index: int, action: Any) -> Reply:
        begun.append(index)
        at_once.append(len(begun) - len(done))
        assert taken[0] == len(begun) - 1  # all but the first take something, and none before it is started
        await asyncio.sleep(0)
        done.append(index)
        return Reply(200, {"data": Named(name="x")})

    begun, done = list[int](), list[int]()
    replies = await Running(actions, asked, start, most=3).replies()
    assert [reply.status for reply in replies] == [200] * 31
    assert taken == [30]
    assert max(at_once) == 3


async def test_each_action_of_a_job_has_a_result_whatever_is_wrong_with_it(world: World) -> None:
    wrong = [
        get("/nowhere"),
        get("/users/me", id="me"),
        get("/tasks/{me#/data/nothing}"),
        {"method": "fetch", "relative_path": "/users/me"},
        post("/batch", {"actions": []}),
        get("/users/me?x"),
        get("/{me#/data/name}/me"),
    ]
    job = (await send(world.ann, wrong)).json()["data"]["gid"]
    await ended(world.ann, job)
    found = await streamed(world.ann, f"{job}/results")
    assert [(each["index"], each["status_code"]) for each in found] == list(
        enumerate((404, 200, 424, 400, 400, 400, 404))
    )


async def test_nobody_else_sees_a_job(world: World) -> None:
    job = (await send(world.ann, [get("/users/me")])).json()["data"]["gid"]
    for path in ("", "/results", "/progress"):
        assert (await world.bob.get(f"/batch_jobs/{job}{path}")).status == 403
    assert (await world.bob.post(f"/batch_jobs/{job}/cancel")).status == 403
    assert (await world.bob.get("/batch_jobs")).data == []
    assert [each["gid"] for each in (await world.ann.get("/batch_jobs")).data] == [job]


@pytest.mark.parametrize(
    ("actions", "rest", "message"),
    [
        ([], {}, "actions: A batch has 1 to 10000 actions, not 0"),
        ([get("/users/me")] * 10_001, {}, "actions: A batch has 1 to 10000 actions, not 10001"),
        ([get("/users/me")], {"atomic": True}, "atomic: A batch that is worked off behind the scenes can't have it"),
        ([get("/users/me")], {"results": "status"}, "results: A batch that is worked off behind the scenes"),
        ([get("/users/me", timeout_ms=5)], {}, "timeout_ms: A batch that is worked off behind the scenes"),
        ([get("/users/me", depends_on=["x"])], {}, "actions: [0]: depends_on: No action has the id x"),
        ([7], {}, "actions: [0]: Value is not a JSON object"),
    ],
)
async def test_what_can_not_be_a_job(world: World, actions: list[Any], rest: dict[str, Any], message: str) -> None:
    answer = await send(world.ann, actions, **rest)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"].startswith(message)
    assert (await world.ann.get("/batch_jobs")).data == []


async def test_a_job_waits_for_its_callers_limits(tmp_path: Path) -> None:
    async with open_world(tmp_path, Settings(db=str(tmp_path / "limited.db"), limits="free")) as world:
        job = (await send(world.ann, [get("/users/me")] * 160)).json()["data"]["gid"]
        # 150 a minute, and taking the job in was one of them.
        await until(lambda: answered(world, job, 149))
        row = await state(world, job)
        assert (row["status"], row["failed"]) == ("running", 0)
        assert (await world.ann.get("/users/me")).status == 429


async def test_nobody_fills_the_database_with_jobs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "JOBS", 0)
    jobs = [(await send(world.ann, [get("/users/me")])).json()["data"]["gid"] for _ in range(MOST_OPEN)]
    refused = await send(world.ann, [get("/users/me")])
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert refused.json()["errors"][0]["message"].startswith(f"At most {MOST_OPEN} batch jobs may be open")
    assert (await send(world.bob, [get("/users/me")])).status_code == 202
    assert (await world.ann.post(f"/batch_jobs/{jobs[0]}/cancel")).status == 200
    assert (await send(world.ann, [get("/users/me")])).status_code == 202


async def test_who_waits_for_their_limits_keeps_nobody_else_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "JOBS", 2)
    async with open_world(tmp_path, Settings(db=str(tmp_path / "limited.db"), limits="free")) as world:
        first, *_ = [(await send(world.ann, [get("/users/me")] * 200)).json()["data"]["gid"] for _ in range(3)]
        await until(lambda: answered(world, first, 140))
        job = (await send(world.bob, [get("/users/me")] * 5)).json()["data"]["gid"]
        await until(lambda: over(world, job))
        assert (await state(world, first))["status"] == "running"


async def test_a_job_that_is_cancelled_ends(world: World) -> None:
    job = (await send(world.ann, [get("/users/me")] * 2_000)).json()["data"]["gid"]
    answer = await world.ann.post(f"/batch_jobs/{job}/cancel")
    assert answer.data["status"] == "cancelled"
    over = await ended(world.ann, job)
    assert over["status"] == "cancelled"
    again = await world.ann.post(f"/batch_jobs/{job}/cancel")
    assert again.data["ended_at"] == over["ended_at"]
    assert len(await streamed(world.ann, f"{job}/results")) < 2_000


@asynccontextmanager
async def restarted(settings: Settings, token: str, gid: str) -> AsyncIterator[Client]:
    """Another server on the same database, and somebody's client to it."""
    asgi = app.build(settings)
    async with (
        asgi.router.lifespan_context(asgi),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(asgi), base_url="http://server.test") as http,
    ):
        yield Client(http, token, gid)


async def test_a_job_goes_on_after_a_restart_where_it_was_left(tmp_path: Path) -> None:
    settings = Settings(db=str(tmp_path / "world.db"), limits="off")
    async with open_world(tmp_path, settings, app.open_store(settings)) as world:
        data = {"workspace": world.workspace, "assignee": "me"}
        actions = [post("/tasks", {"name": str(n), **data}) for n in range(300)]
        job = (await send(world.ann, actions)).json()["data"]["gid"]
        await until(lambda: streamed(world.ann, f"{job}/results"))
        token, gid = world.ann.token, world.ann.gid
    async with restarted(settings, token, gid) as ann:
        records = await streamed(ann, f"{job}/progress")
        assert records[0]["done"] > 0  # what was done before is counted
        over = records[-1]
        assert (over["status"], over["done"], over["failed"]) == ("succeeded", 300, 0)
        listed = await ann.get("/tasks", assignee="me", workspace=data["workspace"])
        assert sorted(int(each["name"]) for each in listed.data) == list(range(300))


@pytest.mark.parametrize("turns", range(6))
async def test_it_closes_though_a_new_job_is_told_of_at_that_moment(world: World, turns: int) -> None:
    bulk = Bulk(world.store)
    bulk.start(app.pipeline(Settings(), world.store, Unlimited()))
    await asyncio.sleep(0.05)
    bulk.ring()
    for _ in range(turns):
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await bulk.close()


class Forgetting:
    """A store that fails to keep what came of a job's actions, as if the process died before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.failed = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, changes: Changes) -> None:
        if any(isinstance(each, Set) and each.kind == "batch_action" for each in changes.of):
            self.failed += 1
            raise ConnectionError
        await self._store.commit(changes)


async def test_no_action_is_done_twice_though_its_result_was_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "CLAIM_MS", 1_000)
    settings = Settings(db=str(tmp_path / "world.db"), limits="off")
    forgetting = Forgetting(app.open_store(settings))
    async with open_world(tmp_path, settings, forgetting) as world:
        data = {"workspace": world.workspace, "assignee": "me"}
        actions = [post("/tasks", {"name": str(n), **data}) for n in range(30)]
        job = (await send(world.ann, actions)).json()["data"]["gid"]
        await until(lambda: lost(forgetting, 3))
        assert (await world.ann.get("/tasks", assignee="me", workspace=data["workspace"])).data != []
        token, gid = world.ann.token, world.ann.gid
    async with restarted(settings, token, gid) as ann:
        assert (await ended(ann, job))["status"] == "succeeded"
        listed = await ann.get("/tasks", assignee="me", workspace=data["workspace"])
        assert sorted(int(each["name"]) for each in listed.data) == list(range(30))
        assert {each["status_code"] for each in await streamed(ann, f"{job}/results")} == {201}


async def lost(store: Forgetting, number: int) -> bool:
    return store.failed >= number


async def test_what_is_left_of_a_job_is_refused_once_its_token_has_ended(world: World) -> None:
    me = int(world.ann.gid)
    tokens = await world.store.fetch(Reading("token", "user", ("gid",)), 0, (me,))
    ends = {"expires_at": moments.now() + 300}
    job = (await send(world.ann, [get("/users/me")] * 3_000)).json()["data"]["gid"]
    await world.store.commit(Changes((Set("token", tokens[me][0][0], ends),), 0, moments.now()))
    await until(lambda: over(world, job))
    row = await state(world, job)
    assert row["done"] == 3_000
    assert row["failed"] > 0


async def test_a_strict_server_has_no_jobs(tmp_path: Path) -> None:
    async with open_world(tmp_path, Settings(db=str(tmp_path / "strict.db"), limits="off", strict=True)) as world:
        assert (await send(world.ann, [get("/users/me")])).status_code == 200
        assert (await world.ann.get("/batch_jobs")).status == 404


async def state(world: World, job: str) -> Any:
    """The job's row, past the limits of the API."""
    return await Committed(world.store, Caller(0, "")).row("batch_job", int(job), "status", "failed", "done")


async def answered(world: World, job: str, number: int) -> bool:
    return bool((await state(world, job))["done"] >= number)


async def over(world: World, job: str) -> bool:
    return bool((await state(world, job))["status"] == "succeeded")
