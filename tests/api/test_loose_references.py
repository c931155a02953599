"""What a story, a job or an event names may be gone: then it is null, and all the rest is as it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests import postgres
from tests.api.making import a_colleague, a_project, a_section, a_tag, a_task
from tests.world import Client, World, open_world

from batchwright.model import gids, moments
from batchwright.model.changes import Change, Changes, Conflict, Insert, Notice, Remove
from batchwright.model.kinds import Kind, Kinds
from batchwright.resources import KINDS
from batchwright.resources.projects.kind import PROJECT
from batchwright.resources.sections.kind import SECTION
from batchwright.resources.stories.kind import CHANGED
from batchwright.resources.tasks.kind import MEMBERSHIP
from batchwright.settings import Settings
from batchwright.store import databases, schema

NAMES = tuple(each.name for each in CHANGED if each.target)
WAYS = ("", ".gid", ".name")  # to ask for what a story names


@pytest.fixture(params=["sqlite", "postgres", "made before"])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A world in a new database, and in a file from when each of these references had a key and an index."""
    database = str(tmp_path / "world.db")
    if request.param == "postgres":
        database = postgres.emptied(request.getfixturevalue("postgres_database"))
    elif request.param == "made before":
        with closing(schema.connect(database)) as connection:
            schema.created(connection, _firm())
    async with open_world(tmp_path, Settings(db=database, limits="off")) as opened:
        yield opened
    assert databases.check(database, KINDS) == []


def _firm() -> Kinds:
    return Kinds(tuple(replace(kind, fields=tuple(replace(x, loose=False) for x in kind.fields)) for kind in KINDS.of))


async def gone(world: World, *users: Client) -> None:
    """Takes people out of the database, which no request does."""
    removals = tuple(Remove("user", int(user.gid)) for user in users)
    await world.store.commit(Changes(removals, 0, moments.now()))


async def feed(client: Client, task: str, **query: Any) -> list[dict[str, Any]]:
    """The whole feed of a task."""
    answer = await client.get(f"/tasks/{task}/stories", **query)
    assert answer.status == 200, answer.body
    stories: list[dict[str, Any]] = answer.data
    return stories


async def a_life(world: World) -> tuple[str, list[str], Client]:
    """A task of which stories tell all sorts of things; paths of those, but people; who was its assignee."""
    cal = await a_colleague(world)
    other = (await a_task(world.ann, world, name="Other"))["gid"]
    project, tag = await a_project(world.ann, world, name="Web"), await a_tag(world)
    section, _ = [await a_section(world, project, name) for name in ("Next", "Last")]
    task = (await a_task(world.ann, world, followers=["me"]))["gid"]
    comment = (await world.ann.post(f"/tasks/{task}/stories", {"text": "Hi"})).data["gid"]
    for method, path, data in (
        ("POST", f"/tasks/{task}/addProject", {"project": project}),
        ("POST", f"/sections/{section}/addTask", {"task": task}),
        ("POST", f"/tasks/{task}/addTag", {"tag": tag}),
        ("POST", f"/tasks/{task}/addDependencies", {"dependencies": [other]}),
        ("POST", f"/tasks/{task}/setParent", {"parent": other}),
        ("POST", f"/tasks/{task}/setParent", {"parent": None}),
        ("POST", f"/tasks/{task}/addFollowers", {"followers": [cal.gid]}),
        ("PUT", f"/tasks/{task}", {"assignee": cal.gid}),
        ("PUT", f"/stories/{comment}", {"liked": True}),
    ):
        answer = await world.ann.send(method, path, json={"data": data})
        assert answer.status in (200, 201), answer.body
    return task, [f"/stories/{comment}", f"/tags/{tag}", f"/tasks/{other}", f"/projects/{project}"], cal


async def test_stories_outlive_what_they_name(either: World) -> None:
    world = either
    task, paths, cal = await a_life(world)
    before = await feed(world.ann, task, opt_fields=f"text,{','.join(NAMES)}")
    named = {name for each in before for name in NAMES if each[name]}
    assert named == {*NAMES} - {"duplicate_of", "duplicated_from"}
    for path in paths:
        assert (await world.ann.delete(path)).status == 200
    await gone(world, cal)

    left = await feed(world.ann, task)
    assert [each["text"] for each in left] == [each["text"] for each in before if each["text"] != "Hi"]
    for way in WAYS:
        for each in await feed(world.ann, task, opt_fields=f"created_by{way},{','.join(f'{x}{way}' for x in NAMES)}"):
            assert [each[name] for name in NAMES] == [None] * len(NAMES), way
            assert each["created_by"]
    for each in left:
        record = (await world.ann.get(f"/stories/{each['gid']}")).data
        assert not record.keys() & {*NAMES}
    paged = await world.ann.get(f"/tasks/{task}/stories", limit=2)
    seen = [*paged.data]
    while paged.body["next_page"]:
        paged = await world.ann.get(f"/tasks/{task}/stories", limit=2, offset=paged.body["next_page"]["offset"])
        seen += paged.data
    assert seen == await feed(world.ann, task)


async def test_what_is_gone_still_hides_what_only_some_could_see(either: World) -> None:
    """And nobody but who made the story sees it, whoever could while its project was there."""
    world = either
    task = (await a_task(world.ann, world, followers=["me", world.bob.gid, world.gus.gid]))["gid"]
    project = await a_project(world.ann, world, name="Web")
    await world.bob.post(f"/tasks/{task}/addProject", {"project": project})
    told = {client: [each["text"] for each in await feed(client, task)] for client in (world.ann, world.bob, world.gus)}
    assert told == {world.ann: ["Bob Baker added this task to Web"], world.bob: told[world.ann], world.gus: []}
    assert (await world.ann.delete(f"/projects/{project}")).status == 200
    for client, subtypes in (
        (world.ann, []),
        (world.bob, ["added_to_project"]),
        (world.gus, []),
    ):
        assert [each["resource_subtype"] for each in await feed(client, task)] == subtypes


async def test_who_did_something_is_null_once_they_are_gone(either: World) -> None:
    world = either
    cal = await a_colleague(world)
    task = (await a_task(world.ann, world, followers=["me", cal.gid]))["gid"]
    sync = (await world.ann.get("/events", resource=task)).body["sync"]
    assert (await cal.put(f"/tasks/{task}", {"completed": True})).status == 200
    known = {"gid": cal.gid, "resource_type": "user"}
    shown = "completed,completed_by.gid,completed_by.resource_type"
    assert (await world.ann.get(f"/tasks/{task}", opt_fields=shown)).data["completed_by"] == known
    await gone(world, cal)
    for way in WAYS:
        record = (await world.ann.get(f"/tasks/{task}", opt_fields=f"completed,completed_by{way}")).data
        assert (record["completed"], record["completed_by"]) == (True, None)
        events = (await world.ann.get("/events", resource=task, sync=sync, opt_fields=f"user{way},action")).data
        assert {each["user"] for each in events} == {None}
    assert (await world.ann.get(f"/tasks/{task}")).data["completed_by"] is None


async def test_a_job_outlives_what_it_made(either: World) -> None:
    world = either
    task, project = (await a_task(world.ann, world))["gid"], await a_project(world.ann, world)
    for path, field, made in (
        (f"/tasks/{task}/duplicate", "new_task", "tasks"),
        (f"/projects/{project}/duplicate", "new_project", "projects"),
    ):
        job = (await world.ann.post(path, {"name": "Copy"})).data
        assert (await world.ann.delete(f"/{made}/{job[field]['gid']}")).status == 200
        again = await world.ann.get(f"/jobs/{job['gid']}")
        assert (again.status, again.data) == (200, {**job, field: None})


def a_row(kind: Kind, **values: Any) -> Insert:
    """A new row."""
    return Insert(kind.name, gids.make(), {each.name: each.default for each in kind.columns} | values)


async def test_stories_of_a_group_need_not_wait_for_what_they_name(either: World) -> None:
    """The second one goes with the first, before its project does. Where a key insists, each set is written apart."""
    ann, (task, other) = either.ann, [(await a_task(either.ann, either))["gid"] for _ in range(2)]
    old = await a_project(ann, either, name="Old")
    row = {"task": int(task), "project": int(old), "section": int(await a_section(either, old, "There"))}
    project = a_row(PROJECT, name="New", workspace=int(either.workspace), owner=int(ann.gid))
    section = a_row(SECTION, name="Here", project=project.gid)
    place = a_row(MEMBERSHIP, task=int(other), project=project.gid, section=section.gid)
    sets: tuple[tuple[Change, ...], ...] = ((a_row(MEMBERSHIP, **row),), (project, section, place))
    await asyncio.gather(*(either.store.commit(Changes(each, int(ann.gid), moments.now())) for each in sets))
    for gid, named, name in ((task, old, "Old"), (other, str(project.gid), "New")):
        (story,) = await feed(ann, gid, opt_fields="text,project.gid")
        assert (story["text"], story["project"]["gid"]) == (f"Ann Archer added this task to {name}", named)


async def test_a_copy_fails_whose_original_went_meanwhile(either: World) -> None:
    """It would say that it is a copy of nothing."""
    copy, old = [(await a_task(either.ann, either))["gid"] for _ in range(2)]
    assert (await either.ann.delete(f"/tasks/{old}")).status == 200
    told = Notice("task", int(copy), "duplicated", {"duplicated_from": int(old)})
    with pytest.raises(Conflict):
        await either.store.commit(Changes((told,), int(either.ann.gid), moments.now()))
    assert await feed(either.ann, copy) == []
