"""What a batch may ask for beyond Asana (docs/batch.md): references, order, deadlines, short results, streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.engine.test_batch import get, messages, post, statuses
from tests.world import World, open_world

from batchwright import app
from batchwright.engine.limits.memory import Unlimited
from batchwright.model.calls import Call, Caller
from batchwright.model.changes import Changes, Insert
from batchwright.model.conditions import Reading
from batchwright.model.views import Key, Rows
from batchwright.settings import Settings
from batchwright.store.interface import Store


def ref(text: str) -> dict[str, str]:
    return {"$ref": text}


async def asked(world: World, *actions: dict[str, Any], **rest: Any) -> Any:
    return await world.ann.send("POST", "/batch", json={"data": {"actions": list(actions), **rest}})


async def test_an_action_takes_values_from_the_reply_of_another(world: World) -> None:
    answer = await asked(
        world,
        post("/tasks/{parent#/data/gid}/subtasks", {"name": ref("me#/data/name")}),
        post("/tasks", {"name": "parent", "workspace": ref("me#/data/workspaces/0/gid")}, id="parent"),
        get("/users/me", id="me"),
    )
    assert statuses(answer) == [201, 201, 200]
    child, parent, me = (result["body"]["data"] for result in answer.data)
    assert (child["parent"]["gid"], child["name"]) == (parent["gid"], me["name"])
    assert [set(result) for result in answer.data] == [
        {"body", "headers", "status_code"},
        *[{"id", "body", "headers", "status_code"}] * 2,
    ]


async def test_options_take_values_too(world: World) -> None:
    answer = await asked(
        world,
        post("/tasks", {"name": "name", "workspace": world.workspace}, id="a"),
        get("/tasks/{a#/data/gid}", options={"fields": [ref("a#/data/name")]}),
    )
    assert set(answer.data[1]["body"]["data"]) == {"gid", "name"}


async def test_who_needs_an_action_that_failed_is_not_run(world: World) -> None:
    answer = await asked(
        world,
        get("/tasks/1", id="lost"),
        post("/tasks", {"name": ref("lost#/data/name"), "workspace": world.workspace}, id="second"),
        post("/tasks", {"name": "third", "workspace": world.workspace, "assignee": "me"}, depends_on=["second"]),
        get("/users/me", depends_on=[]),
    )
    assert statuses(answer) == [404, 424, 424, 200]
    assert (
        answer.data[1]["body"]["errors"][0]["message"] == "Not run: the action lost was answered 404, and it is needed"
    )
    assert (await world.ann.get("/tasks", assignee="me", workspace=world.workspace)).data == []


async def test_a_reference_that_leads_to_nothing_fails_its_action_alone(world: World) -> None:
    answer = await asked(
        world,
        get("/users/me", id="me"),
        get("/tasks/{me#/data/nothing}"),
        get("/tasks/{me#/data/workspaces}"),
        get("/tasks/{me#/data/workspaces/7/gid}"),
        get("/tasks/{me#/data/workspaces/-1/gid}"),
        post("/tasks", {"name": ref("me#/data/name/0")}),
    )
    assert statuses(answer) == [200, 424, 400, 424, 424, 424]
    assert answer.data[2]["body"]["errors"][0]["message"].startswith("relative_path: What is at me#/data/workspaces is")


async def test_a_value_never_becomes_another_operation(world: World) -> None:
    """A path was weighed and its scope is known by its operation: what is put into it stays one segment of it."""
    name = "../../users/me"
    answer = await asked(
        world,
        post("/tasks", {"name": name, "workspace": world.workspace}, id="a"),
        get("/tasks/{a#/data/name}"),
        post("/tasks", {"name": "me", "workspace": world.workspace}, id="b"),
        get("/tags/{b#/data/name}/tasks"),
    )
    assert statuses(answer) == [201, 404, 201, 404]


async def test_a_value_never_makes_an_operation_of_a_path_that_had_none(world: World) -> None:
    """What is no operation weighs nothing but itself: a search, which weighs more, would go by the limits."""
    search = f"/workspaces/{world.workspace}/tasks/{{a#/data/name}}"
    answer = await asked(
        world,
        post("/tasks", {"name": "search", "workspace": world.workspace}, id="a"),
        get(search),
        get("/{b#/data/name}/me"),
        post("/tasks", {"name": "users", "workspace": world.workspace}, id="b"),
        dry_run=True,
    )
    assert statuses(answer) == [201, 404, 404, 201]
    assert answer.body["dry_run"]["cost"] == {"reads": 2, "writes": 2, "searches": 0, "jobs": 0}


async def test_pointers_are_escaped_as_the_standard_has_it(world: World) -> None:
    answer = await asked(
        world,
        post("/tasks", {"name": "t", "workspace": world.workspace, "external": {"gid": "x", "data": "a~b"}}, id="a"),
        post("/tasks", {"name": ref("a#/data/external/data"), "workspace": world.workspace}),
        post("/tasks", {"name": ref("a#/data/~1~0"), "workspace": world.workspace}),
    )
    assert (statuses(answer), answer.data[1]["body"]["data"]["name"]) == ([201, 201, 424], "a~b")


async def test_what_an_action_takes_is_bounded_however_many_references_it_is_taken_by(world: World) -> None:
    """Else a request of some kilobytes would make many megabytes of each of its actions."""
    notes = {"name": "t", "workspace": world.workspace, "notes": "x" * 30_000}
    two, three = ({"name": "t", "projects": [ref("a#/data/notes")] * count} for count in (2, 3))
    answer = await asked(world, post("/tasks", notes, id="a"), post("/tasks", two), post("/tasks", three))
    assert statuses(answer) == [201, 400, 400]
    said = [result["body"]["errors"][0]["message"] for result in answer.data[1:]]
    assert said[0].startswith("projects: ")
    assert said[1] == "With what is at a#/data/notes its values are larger than 65536 bytes"


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ([get("/users/me", id=7)], "actions: [0]: id: Value is not a text of 1 to 64 characters without # / { }"),
        ([get("/users/me", id="")], "actions: [0]: id: Value is not a text"),
        ([get("/users/me", id="a"), get("/users/me", id="a")], "actions: [1]: id: Another action has the id a"),
        ([get("/users/me", depends_on="a")], "actions: [0]: depends_on: Value is not an array"),
        ([get("/users/me", depends_on=["a"])], "actions: [0]: depends_on: No action has the id a"),
        ([get("/tasks/{b#/data/gid}", id="a")], "actions: [0]: No action has the id b"),
        ([get("/users/me", id="a", data={"x": ref("b#/x")})], "actions: [0]: No action has the id b"),
        ([get("/users/me", id="a", data={"x": ref("nonsense")})], "actions: [0]: A $ref is an action's id"),
        ([get("/users/me", id="a", data={"x": ref("a#data")})], "actions: [0]: A $ref is an action's id"),
        ([get("/tasks/{a#data/gid}"), get("/users/me", id="a")], "actions: [0]: A $ref is an action's id"),
        ([get("/users/me", id="a", data={"x": [ref("a#/x")] * 101})], "actions: [0]: At most 100 references"),
        ([get("/users/me", id="a", depends_on=["a"])], "actions: [0]: It waits for an action that waits for it"),
        (
            [get("/users/me", id="a", depends_on=["b"]), get("/tasks/{a#/x}", id="b"), get("/users/me")],
            "actions: [0]: It waits for an action that waits for it",
        ),
        ([get("/users/me", timeout_ms=0)], "actions: [0]: timeout_ms: Value is not a whole number from 1 to"),
        ([get("/users/me", timeout_ms=True)], "actions: [0]: timeout_ms: Value is not a whole number from 1 to"),
        ([get("/users/me", **{"if": "a"})], "actions: [0]: if: Value is not an object of an id and a status"),
        ([get("/users/me", **{"if": {"id": "b", "status": 200}})], "actions: [0]: if: No action has the id b"),
        ([get("/users/me", id="a", **{"if": {"id": "a", "status": "ok"}})], "actions: [0]: if: status: Value is not"),
    ],
)
async def test_what_can_not_be_understood_refuses_the_whole_batch(
    world: World, actions: list[dict[str, Any]], message: str
) -> None:
    first = post("/tasks", {"name": "unwanted", "workspace": world.workspace, "assignee": "me"})
    answer = await asked(world, *actions, first)
    assert (answer.status, answer.message[: len(message)]) == (400, message)
    assert (await world.ann.get("/tasks", assignee="me", workspace=world.workspace)).data == []


@pytest.mark.parametrize(
    ("name", "value"), [("on_error", "halt"), ("results", "none"), ("results", None), ("timeout_ms", "5")]
)
async def test_what_the_batch_asks_for_is_checked(world: World, name: str, value: Any) -> None:
    answer = await asked(world, get("/users/me"), **{name: value})
    assert (answer.status, answer.message.partition(":")[0]) == (400, name)


async def test_an_action_runs_if_another_was_answered_so(world: World) -> None:
    answer = await asked(
        world,
        get("/tasks/1", id="a"),
        post("/tasks", {"name": "made", "workspace": world.workspace}, **{"if": {"id": "a", "status": 404}}),
        post("/tasks", {"name": "not made"}, **{"if": {"id": "a", "status": [200, 201]}}),
    )
    assert statuses(answer) == [404, 201, 424]
    assert answer.data[2]["body"]["errors"][0]["message"] == "Not run: the action a was answered 404"


async def test_after_a_failure_nothing_more_begins_where_that_is_asked_for(world: World) -> None:
    actions = (get("/tasks/1", id="a"), get("/users/me", **{"if": {"id": "a", "status": 404}}))
    assert statuses(await asked(world, *actions, on_error="stop")) == [404, 424]
    assert statuses(await asked(world, *actions, on_error="continue")) == [404, 200]


async def test_results_can_be_short(world: World) -> None:
    actions = (get("/users/me", id="a"), get("/tasks/1", id="b"))
    short = {"id": "a", "status_code": 200}
    assert (await asked(world, *actions, results="status")).data == [short, {"id": "b", "status_code": 404}]
    failed = (await asked(world, *actions, results="failed")).data
    assert (failed[0], set(failed[1])) == (short, {"id", "status_code", "headers", "body"})


async def test_a_batch_that_names_no_action_has_no_references(world: World) -> None:
    """So that nothing changes for who knows nothing of them, whatever their texts are."""
    answer = await world.ann.batch(get("/tasks/{a#/data/gid}"), post("/tasks", {"name": ref("a#/data/gid")}))
    assert statuses(answer) == [404, 400]
    assert messages(answer) == ["No matching route for request", 'name: Value is not a string: {"$ref":"a#/data/gid"}']


@pytest.mark.parametrize("name", ["id", "depends_on", "if", "timeout_ms"])
async def test_a_strict_server_refuses_what_asana_does_not_know(tmp_path: Path, name: str) -> None:
    async with open_world(tmp_path, Settings(db=str(tmp_path / "strict.db"), limits="off", strict=True)) as world:
        answer = await asked(world, get("/users/me"), get("/users/me", **{name: "x"}))
        assert (answer.status, answer.message.partition(": This")[0]) == (400, f"actions: [1]: {name}")
        answer = await asked(world, get("/users/me"), results="full")
        assert (answer.status, answer.message.partition(": This")[0]) == (400, "results")
        assert (await asked(world, get("/users/me"))).status == 200


async def lines(world: World, accept: str, *actions: dict[str, Any]) -> tuple[httpx2.Response, str]:
    headers = {"Authorization": f"Bearer {world.ann.token}", "Accept": accept}
    body = {"data": {"actions": list(actions)}}
    response = await world.ann.http.post("/api/1.0/batch", json=body, headers=headers)
    return response, response.text


async def test_results_are_sent_as_they_finish(world: World) -> None:
    actions = (get("/tasks/{me#/data/gid}"), get("/users/me", id="me"), get("/nowhere", id="x"))
    response, text = await lines(world, "application/x-ndjson, */*", *actions)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/x-ndjson")
    found = [json.loads(line) for line in text.splitlines()]
    assert {(each["index"], each.get("id"), each["status_code"]) for each in found} == {
        (0, None, 404),
        (1, "me", 200),
        (2, "x", 404),
    }
    assert [each["index"] for each in found].index(1) < [each["index"] for each in found].index(0)


async def test_results_are_sent_as_events(world: World) -> None:
    response, text = await lines(world, "text/event-stream", get("/users/me"))
    assert response.headers["content-type"] == "text/event-stream"
    first, last = text.strip().split("\n\n")
    assert first.startswith("event: result\ndata: {")
    assert last == "event: end\ndata: {}"


@pytest.mark.parametrize(
    ("accept", "type"),
    [
        ("Application/X-NDJSON;charset=utf-8", "application/x-ndjson"),
        ("text/html, text/event-stream, application/x-ndjson", "text/event-stream"),
        ("application/x-ndjson;q=0, text/event-stream", "text/event-stream"),
        ("application/json, text/event-stream", "application/json; charset=UTF-8"),
        ("application/x-ndjson; q=0.0, */*", "application/json; charset=UTF-8"),
    ],
)
async def test_who_takes_json_first_gets_it(world: World, accept: str, type: str) -> None:
    response, _ = await lines(world, accept, get("/users/me"))
    assert (response.status_code, response.headers["content-type"]) == (200, type)


async def test_a_malformed_batch_is_no_stream(world: World) -> None:
    response, _ = await lines(world, "application/x-ndjson", {"method": "get"})
    assert (response.status_code, response.headers["content-type"]) == (400, "application/json; charset=UTF-8")


async def test_what_is_in_flight_is_let_go_when_a_stream_ends(tmp_path: Path) -> None:
    async with open_world(tmp_path, Settings(db=str(tmp_path / "limited.db"), limits="paid")) as world:
        for _ in range(12):  # 15 writes may be in flight
            _, text = await lines(
                world, "application/x-ndjson", *[post("/tasks", {"name": "t", "workspace": world.workspace})] * 10
            )
            assert {json.loads(line)["status_code"] for line in text.splitlines()} == {201}


class Slow:
    """A store that commits nothing until it is let."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.let = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, changes: Changes) -> None:
        if any(isinstance(each, Insert) and each.values.get("name") == "slow" for each in changes.of):
            await self.let.wait()
        await self._store.commit(changes)


class Waiting:
    """A store that reads nothing after a commit until it is let."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.committed = False
        self.reading, self.let = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def fetch(self, reading: Reading, caller: int, keys: Iterable[Key]) -> Rows:
        if self.committed:
            self.reading.set()
            await self.let.wait()
        return await self._store.fetch(reading, caller, keys)

    async def commit(self, changes: Changes) -> None:
        await self._store.commit(changes)
        self.committed = True


async def test_a_deadline_that_comes_after_the_commit_comes_too_late(world: World) -> None:
    """Who is answered 504 is promised that nothing was written."""
    store = Waiting(world.store)
    pipeline = app.pipeline(Settings(), store, Unlimited())
    task = {"name": "written", "workspace": world.workspace, "assignee": "me"}
    caller = Caller(user=int(world.ann.gid), token="1")
    performing = asyncio.ensure_future(
        pipeline.perform(Call(caller=caller, method="POST", relative_path="/tasks", data=task))
    )
    await store.reading.wait()
    performing.cancel()
    await asyncio.sleep(0)
    store.let.set()
    reply = await performing
    assert (reply.status, reply.body["data"]["name"]) == (201, "written")
    assert (await world.ann.get(f"/tasks/{reply.body['data']['gid']}")).status == 200


async def test_an_action_past_its_deadline_holds_up_nobody_and_writes_nothing(tmp_path: Path) -> None:
    settings = Settings(db=str(tmp_path / "slow.db"), limits="off")
    store = app.open_store(settings)
    slow = Slow(store)
    async with open_world(tmp_path, settings, slow) as world:
        task = {"workspace": world.workspace, "assignee": "me"}
        late, quick = post("/tasks", {"name": "slow", **task}, timeout_ms=50), post("/tasks", {"name": "quick", **task})
        answer = await asked(world, late, quick)
        assert statuses(answer) == [504, 201]
        answer = await asked(world, {**late, "timeout_ms": 60_000}, timeout_ms=50)
        assert statuses(answer) == [504]
        listed = await world.ann.get("/tasks", assignee="me", workspace=world.workspace)
        assert [each["name"] for each in listed.data] == ["quick"]
