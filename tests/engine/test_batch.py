"""POST /batch as Asana documents it (contract/asana-behaviour.md, section 8): shape, faults, parallelism, isolation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from tests.world import Answer, World, open_world

from batchwright import app
from batchwright.model.changes import Changes
from batchwright.model.conditions import Query, Reading
from batchwright.model.kinds import Kinds
from batchwright.model.views import Key, Rows
from batchwright.settings import Settings
from batchwright.store.interface import Draft, Store

NO_ROUTE = "No matching route for request"


def get(path: str, **rest: Any) -> dict[str, Any]:
    return {"method": "get", "relative_path": path, **rest}


def post(path: str, data: Any = None, **rest: Any) -> dict[str, Any]:
    return {"method": "post", "relative_path": path, "data": data or {}, **rest}


def messages(answer: Answer) -> list[str]:
    return [result["body"]["errors"][0]["message"] for result in answer.data]


def statuses(answer: Answer) -> list[int]:
    return [result["status_code"] for result in answer.data]


async def test_a_result_is_exactly_status_headers_and_body_in_the_order_asked(world: World) -> None:
    answer = await world.ann.batch(
        post("/tasks", {"name": "first", "workspace": world.workspace}), get("/users/me"), get("/not_found")
    )
    assert answer.status == 200
    assert [set(result) for result in answer.data] == [{"status_code", "headers", "body"}] * 3
    made, me, lost = answer.data
    assert made["status_code"] == 201
    assert made["headers"] == {"location": f"/api/1.0/tasks/{made['body']['data']['gid']}"}
    assert me["body"]["data"]["gid"] == world.ann.gid
    assert (lost["status_code"], lost["headers"]) == (404, {})
    assert lost["body"]["errors"][0]["message"] == NO_ROUTE


@pytest.mark.parametrize(
    "fields", ["status_code, headers,nonsense", "this.status_code,headers", "(headers|status_code)"]
)
async def test_opt_fields_on_the_batch_pick_among_the_three(world: World, fields: str) -> None:
    answer = await world.ann.batch(get("/users/me"), opt_fields=fields)
    assert answer.data == [{"status_code": 200, "headers": {}}]


async def test_the_official_sdk_adds_a_limit_and_is_not_disturbed_by_it(world: World) -> None:
    answer = await world.ann.batch(get("/users/me"), limit=100)
    assert statuses(answer) == [200]
    assert answer.body.get("next_page") is None


async def test_data_of_a_get_is_its_query_and_options_are_its_options(world: World) -> None:
    for number in range(3):
        task = {"name": f"task {number}", "workspace": world.workspace, "assignee": "me"}
        assert (await world.ann.post("/tasks", task)).status == 201
    options = {"limit": 2, "fields": ["name"]}
    query = {"assignee": "me", "workspace": world.workspace}
    first = await world.ann.batch(get("/tasks", data=query, options=options))
    page = first.data[0]["body"]
    assert [set(task) for task in page["data"]] == [{"gid", "name"}] * 2
    options["offset"] = page["next_page"]["offset"]
    second = await world.ann.batch(get("/tasks", data=query, options=options))
    assert len(second.data[0]["body"]["data"]) == 1
    assert second.data[0]["body"]["next_page"] is None
    followed = await world.ann.send("GET", page["next_page"]["path"])
    assert followed.data == second.data[0]["body"]["data"]


async def test_options_fields_narrow_a_written_record(world: World) -> None:
    action = post("/tasks", {"name": "narrow", "workspace": world.workspace}, options={"fields": ["name"]})
    answer = await world.ann.batch(action)
    assert set(answer.data[0]["body"]["data"]) == {"gid", "name"}


@pytest.mark.parametrize("method", ["get", "GET", "Get", "head", "HEAD"])
@pytest.mark.parametrize("path", ["/users/me", "users/me", "/users/me/"])
async def test_methods_in_any_case_and_paths_with_or_without_a_slash(world: World, method: str, path: str) -> None:
    answer = await world.ann.batch({"method": method, "relative_path": path})
    assert statuses(answer) == [200]
    assert (answer.data[0]["body"] == {}) == (method.upper() == "HEAD")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "data: Missing input"),
        ({}, "actions: Missing input"),
        ([], "data: Value is not a JSON object: []"),
        ({"actions": None}, "actions: Missing input"),
        ({"actions": "get"}, "actions: Value is not an array"),
        ({"actions": []}, "actions: A batch has 1 to 10 actions, not 0"),
        ({"actions": [get("/users/me")] * 11}, "actions: A batch has 1 to 10 actions, not 11"),
        ({"actions": [get("/users/me"), 5]}, "actions: [1]: Value is not a JSON object"),
        ({"actions": [{"method": "get"}]}, "actions: [0]: relative_path: Missing required field"),
        ({"actions": [{"relative_path": "/x"}]}, "actions: [0]: method: Missing required field"),
        ({"actions": [{"relative_path": "/x", "method": 1}]}, "actions: [0]: method: Value is not a string"),
    ],
)
async def test_a_malformed_batch_is_refused_as_a_whole(world: World, data: Any, message: str) -> None:
    answer = await world.ann.send("POST", "/batch", json={"data": data})
    assert (answer.status, answer.message) == (400, message)


async def test_nothing_of_a_refused_batch_ran(world: World) -> None:
    good = post("/tasks", {"name": "unwanted", "workspace": world.workspace, "assignee": "me"})
    answer = await world.ann.send("POST", "/batch", json={"data": {"actions": [good, "nonsense"]}})
    assert answer.status == 400
    listed = await world.ann.get("/tasks", assignee="me", workspace=world.workspace)
    assert listed.data == []


async def test_one_failing_action_leaves_the_others_alone(world: World) -> None:
    answer = await world.ann.batch(
        get("/users/me"),
        {"method": "fetch", "relative_path": "/users/me"},
        get("/users/me?opt_fields=name"),
        get("/nowhere"),
        {"method": "patch", "relative_path": "/users/me"},
        post("/batch", {"actions": []}),
        get("/scim/Users"),
        post("/attachments", {}),
        post("/tasks", {"name": "no home"}),
        get(f"/workspaces/{world.elsewhere}"),
    )
    assert statuses(answer) == [200, 400, 400, 404, 404, 400, 400, 400, 400, 403]
    bodies = [result["body"] for result in answer.data]
    assert bodies[3]["errors"][0]["message"] == NO_ROUTE
    assert all("help" in body["errors"][0] for body in bodies[1:])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/organization_exports"),
        ("get", "/organization_exports/1"),
        ("delete", "/organization_exports/1"),
        ("get", "/scim/Users"),
        ("post", "/attachments"),
        ("post", "/tasks/1/attachments"),
    ],
)
async def test_exports_scim_and_uploads_are_kept_out_of_batches(world: World, method: str, path: str) -> None:
    answer = await world.ann.batch({"method": method, "relative_path": path}, get("/users/me"))
    assert statuses(answer) == [400, 200]
    assert answer.data[0]["body"]["errors"][0]["message"].endswith("is not supported in batch requests")


@pytest.mark.parametrize(
    "action",
    [
        get("/users/me", data=[1]),
        get("/users/me", data={"workspace": {"nested": 1}}),
        get("/users/me", options=[1]),
        get("/users/me", options=[]),
        get("/users/me", options=""),
        get("/users/me", options={"fields": {"a": 1}}),
        get("/users/me", options={"limit": [1]}),
        get("/workspaces", options={"limit": 0}),
        get("/workspaces", options={"limit": 101}),
        get("/workspaces", options={"offset": "made up"}),
        get("/workspaces", options={"offset": ""}),
    ],
)
async def test_bad_data_and_options_are_the_actions_own_fault(world: World, action: dict[str, Any]) -> None:
    answer = await world.ann.batch(action, get("/users/me"))
    assert statuses(answer) == [400, 200]


async def test_without_a_token_nothing_is_answered_but_401(world: World) -> None:
    answer = await world.nobody.batch(get("/users/me"))
    assert (answer.status, answer.message) == (401, "Not Authorized")


async def test_routes_are_told_before_tokens_are_asked_for(world: World) -> None:
    assert (await world.nobody.get("/nowhere")).status == 404
    assert (await world.nobody.send("PATCH", "/users/me")).message == NO_ROUTE


async def test_a_batch_is_refused_as_a_whole_when_an_action_would_pass_the_limit(tmp_path: Path) -> None:
    settings = Settings(db=str(tmp_path / "limited.db"), limits="free")
    async with open_world(tmp_path, settings) as world:
        for _ in range(14):
            assert (await world.ann.batch(*[get("/users/me")] * 10)).status == 200
        assert (await world.ann.batch(*[get("/users/me")] * 5)).status == 200
        refused = await world.ann.batch(*[get("/users/me")] * 6)
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) >= 1
        assert refused.message.startswith("You've made too many requests and hit a rate limit.")
        assert (await world.bob.get("/users/me")).status == 200


class Gathering:
    """A store whose lists are answered only once `parties` of them are being asked for at the same time."""

    def __init__(self, store: Store, parties: int) -> None:
        self._store = store
        self._barrier = asyncio.Barrier(parties)

    @property
    def kinds(self) -> Kinds:
        return self._store.kinds

    @property
    def secret(self) -> bytes:
        return self._store.secret

    def draft(self) -> AbstractAsyncContextManager[Draft]:
        return self._store.draft()

    async def fetch(self, reading: Reading, caller: int, keys: Iterable[Key]) -> Rows:
        return await self._store.fetch(reading, caller, keys)

    async def select(self, query: Query, caller: int, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        if caller:
            await self._barrier.wait()
        return await self._store.select(query, caller, columns)

    async def commit(self, changes: Changes) -> None:
        await self._store.commit(changes)

    async def close(self) -> None:
        await self._store.close()


async def test_ten_actions_wait_for_each_other_and_would_deadlock_in_sequence(tmp_path: Path) -> None:
    settings = Settings(db=str(tmp_path / "parallel.db"), limits="off")
    store = Gathering(app.open_store(settings), 10)
    async with open_world(tmp_path, settings, store) as world, asyncio.timeout(20):
        answer = await world.ann.batch(*[get("/workspaces")] * 10)
        assert statuses(answer) == [200] * 10
