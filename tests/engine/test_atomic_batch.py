"""Batches that commit together or not at all, and batches that only try."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.invariants import wrongs
from tests.engine.test_batch import get, post, statuses
from tests.engine.test_extended_batch import asked, ref
from tests.store.dumping import dump
from tests.world import World


def task(world: World, name: str, **rest: Any) -> dict[str, Any]:
    return {"name": name, "workspace": world.workspace, "assignee": "me", **rest}


async def names(world: World) -> list[str]:
    """The names of all of Ann's tasks."""
    listed = await world.ann.get("/tasks", assignee="me", workspace=world.workspace, limit=100)
    return [each["name"] for each in listed.data]


async def test_all_is_written_and_later_actions_see_what_earlier_ones_made(world: World, database: str) -> None:
    answer = await asked(
        world,
        post("/projects", {"name": "Plan", "workspace": world.workspace}, id="plan"),
        post("/sections/{section#/data/gid}/addTask", {"task": ref("a#/data/gid")}, id="put"),
        post("/projects/{plan#/data/gid}/sections", {"name": "Doing"}, id="section"),
        post("/tasks", task(world, "a", projects=[ref("plan#/data/gid")]), id="a"),
        get("/tasks/{a#/data/gid}", depends_on=["put"]),
        atomic=True,
    )
    assert statuses(answer) == [201, 200, 201, 201, 200]
    seen = answer.data[4]["body"]["data"]
    assert seen["memberships"][0]["section"]["name"] == "Doing"
    stays = await world.ann.get(f"/tasks/{seen['gid']}")
    assert stays.data == seen
    assert not wrongs(database)


async def test_nothing_is_written_when_one_fails(world: World, database: str) -> None:
    gid = (await world.ann.post("/tasks", task(world, "old"))).data["gid"]
    before = dump(database)
    answer = await asked(
        world,
        post("/tasks", task(world, "new"), id="new"),
        {"method": "put", "relative_path": f"/tasks/{gid}", "data": {"name": "renamed"}},
        post(f"/tasks/{gid}/addFollowers", {"followers": ["7"]}, id="bad", depends_on=["new"]),
        post("/tasks", task(world, "late"), depends_on=["bad"]),
        atomic=True,
    )
    assert statuses(answer) == [424, 424, 400, 424]
    said = [result["body"]["errors"][0]["message"] for result in answer.data]
    assert said[0] == said[1] == "Undone: the action bad was answered 400"
    assert said[3] == "Not run: the action bad was answered 400, and it is needed"
    assert dump(database) == before


async def test_all_that_failed_say_why(world: World) -> None:
    """One error at a time would have to be put right one batch at a time."""
    answer = await asked(world, get("/nowhere"), get("/tasks/1"), post("/tasks", task(world, "x")), atomic=True)
    first, second, third = (result["body"]["errors"][0]["message"] for result in answer.data)
    assert first == "No matching route for request"
    assert second in ("task: Not a recognized ID: 1", "Not run: the action 0 was answered 404")
    assert third in ("Undone: the action 0 was answered 404", "Not run: the action 0 was answered 404")
    both = (get("/tasks/1", id="a"), post("/tasks", {"name": 7}, id="b"), get("/users/me", depends_on=["a", "b"]))
    answer = await asked(world, *both, atomic=True)
    assert 424 not in statuses(answer)[:2]
    assert statuses(answer)[2] == 424


async def test_a_deadline_counts_while_others_write(world: World, database: str) -> None:
    before, late = dump(database), post("/tasks", task(world, "late"))
    async with world.store.draft():
        for beyond in ("atomic", "dry_run"):
            answer = await asked(world, late, get("/users/me"), **{beyond: True}, timeout_ms=50)
            assert statuses(answer) == [504, 504]
    assert dump(database) == before
    assert statuses(await asked(world, post("/tasks", task(world, "in time")), atomic=True, timeout_ms=60_000)) == [201]


async def test_what_is_skipped_by_its_condition_fails_nothing(world: World) -> None:
    answer = await asked(
        world,
        post("/tasks", task(world, "new"), id="new"),
        get("/users/me", **{"if": {"id": "new", "status": 404}}),
        atomic=True,
    )
    assert statuses(answer) == [201, 424]
    assert await names(world) == ["new"]


async def test_nobody_sees_it_before_it_is_whole(world: World) -> None:
    """Lists that are read all the while hold all of an atomic batch, or nothing."""
    sizes: set[int] = set()

    async def watch(done: asyncio.Event) -> None:
        while not done.is_set():
            sizes.add(len(await names(world)) % 5)

    done = asyncio.Event()
    watching = asyncio.ensure_future(watch(done))
    for _ in range(6):
        answer = await asked(world, *(post("/tasks", task(world, "x")) for _ in range(5)), atomic=True)
        assert statuses(answer) == [201] * 5
    done.set()
    await watching
    assert sizes == {0}


async def test_atomic_batches_and_others_at_once_lose_nothing(world: World, database: str) -> None:
    single = [world.ann.post("/tasks", task(world, "single")) for _ in range(10)]
    together = [asked(world, *(post("/tasks", task(world, "x")) for _ in range(3)), atomic=True) for _ in range(5)]
    answers = await asyncio.gather(*single, *together)
    assert {each.status for each in answers} == {200, 201}
    assert sorted(await names(world)) == ["single"] * 10 + ["x"] * 15
    assert not wrongs(database)


async def test_records_that_are_kept_are_neither_old_nor_from_a_batch_that_was_undone(world: World) -> None:
    project = (await world.ann.post("/projects", {"name": "Plan", "workspace": world.workspace})).data["gid"]
    gid = (await world.ann.post("/tasks", {"name": "t", "projects": [project]})).data["gid"]

    async def told() -> str:
        return str((await world.ann.get(f"/tasks/{gid}", opt_fields="projects.name")).data["projects"][0]["name"])

    def renaming(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        rename = {"method": "put", "relative_path": f"/projects/{project}", "data": {"name": name}, "id": "rename"}
        return rename, get(f"/tasks/{gid}", depends_on=["rename"], options={"fields": ["projects.name"]})

    assert await told() == "Plan"
    answer = await asked(world, *renaming("Better"), atomic=True)
    assert answer.data[1]["body"]["data"]["projects"][0]["name"] == "Better"
    assert await told() == "Better"
    answer = await asked(world, *renaming("Worse"), dry_run=True)
    assert answer.data[1]["body"]["data"]["projects"][0]["name"] == "Worse"
    assert await told() == "Better"
    answer = await asked(world, *renaming("Worst"), get("/tasks/1", depends_on=["rename"]), atomic=True)
    assert statuses(answer)[2] == 404
    assert await told() == "Better"


async def test_events_tell_of_it_once_it_is_written(world: World) -> None:
    project = (await world.ann.post("/projects", {"name": "Plan", "workspace": world.workspace})).data["gid"]
    sync = (await world.ann.get("/events", resource=project)).body["sync"]
    failing = (post("/tasks", {"name": "t", "projects": [project]}, id="t"), get("/tasks/1", depends_on=["t"]))
    assert statuses(await asked(world, *failing, atomic=True)) == [424, 404]
    assert (await world.ann.get("/events", resource=project, sync=sync)).data == []
    assert statuses(await asked(world, failing[0], atomic=True)) == [201]
    assert (await world.ann.get("/events", resource=project, sync=sync)).data != []


@pytest.mark.parametrize("atomic", [False, True])
async def test_a_dry_run_answers_as_if_and_writes_nothing(world: World, database: str, *, atomic: bool) -> None:
    gid = (await world.ann.post("/tasks", task(world, "old"))).data["gid"]
    before = dump(database)
    answer = await asked(
        world,
        post("/tasks", task(world, "new"), id="new"),
        get("/tasks/{new#/data/gid}"),
        {"method": "delete", "relative_path": f"/tasks/{gid}", "data": {}},
        dry_run=True,
        atomic=atomic,
    )
    assert statuses(answer) == [201, 200, 200]
    new = answer.data[0]["body"]["data"]
    assert answer.data[1]["body"]["data"]["name"] == "new"
    assert new["gid"] in answer.body["dry_run"]["provisional"]
    assert answer.body["dry_run"]["cost"] == {"reads": 1, "writes": 2, "searches": 0, "jobs": 0}
    assert dump(database) == before
    assert (await world.ann.get(f"/tasks/{new['gid']}")).status == 404
    assert await names(world) == ["old"]


async def test_a_dry_run_tells_what_would_fail(world: World) -> None:
    actions = (get("/tasks/1", id="a"), post("/tasks", task(world, "x")))
    assert statuses(await asked(world, *actions, dry_run=True)) == [404, 201]
    assert statuses(await asked(world, *actions, dry_run=True, atomic=True)) == [404, 424]
    assert await names(world) == []


@pytest.mark.parametrize("name", ["atomic", "dry_run"])
async def test_flags_are_flags(world: World, name: str) -> None:
    answer = await asked(world, get("/users/me"), **{name: 1})
    assert (answer.status, answer.message) == (400, f"{name}: Value is not a boolean")
