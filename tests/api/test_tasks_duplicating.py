"""Copies of tasks."""

from __future__ import annotations

from typing import Any

from tests.api.making import a_project, a_tag, a_task, gids_of, names_of
from tests.world import Client, World

EVERYTHING = "notes,assignee,subtasks,attachments,tags,followers,projects,dates,dependencies,parent"


async def original(world: World) -> dict[str, Any]:
    """A task with something of everything."""
    task = await a_task(
        world.ann,
        world,
        name="Plan",
        projects=[await a_project(world.ann, world)],
        notes="how",
        assignee=world.bob.gid,
        tags=[await a_tag(world)],
        due_on="2027-01-02",
        completed=True,
        liked=True,
        external={"gid": "plan"},
    )
    for name in ("one", "two"):
        await a_task(world.ann, world, name=name, parent=task["gid"])
    before = await a_task(world.ann, world)
    await world.ann.post(f"/tasks/{task['gid']}/addDependencies", {"dependencies": [before["gid"]]})
    return task


async def copied(client: Client, gid: str, **data: str) -> dict[str, Any]:
    """The copy, through its job."""
    answer = await client.post(f"/tasks/{gid}/duplicate", data)
    assert answer.status == 201
    job = answer.data
    assert answer.headers["location"] == f"/api/1.0/jobs/{job['gid']}"
    assert (job["resource_type"], job["resource_subtype"], job["status"]) == ("job", "duplicate_task", "succeeded")
    assert (await client.get(f"/jobs/{job['gid']}")).data == job
    copy: dict[str, Any] = (await client.get(f"/tasks/{job['new_task']['gid']}")).data
    return copy


async def test_a_bare_copy_is_a_new_task_of_the_name(world: World) -> None:
    task = await original(world)
    copy = await copied(world.ann, task["gid"], name="Again")
    assert copy["gid"] != task["gid"]
    assert (copy["name"], copy["notes"], copy["assignee"], copy["due_on"]) == ("Again", "", None, None)
    assert (copy["tags"], copy["projects"], copy["completed"], copy["num_likes"]) == ([], [], False, 0)
    assert "external" not in copy
    assert gids_of(copy["followers"]) == [world.ann.gid]
    assert (await world.ann.get(f"/tasks/{copy['gid']}/subtasks")).data == []


async def test_a_whole_copy(world: World) -> None:
    task = await original(world)
    copy = await copied(world.ann, task["gid"], include=EVERYTHING)
    for name in ("name", "notes", "assignee", "due_on", "tags", "projects", "memberships"):
        assert copy[name] == task[name], name
    assert (copy["completed"], copy["completed_at"]) == (False, None)
    path = f"/tasks/{copy['gid']}"
    subtasks = (await world.ann.get(f"{path}/subtasks")).data
    assert names_of(subtasks) == ["one", "two"]
    assert not set(gids_of(subtasks)) & set(gids_of((await world.ann.get(f"/tasks/{task['gid']}/subtasks")).data))
    assert len((await world.ann.get(f"{path}/dependencies")).data) == 1


async def test_a_copy_of_a_subtask_stays_under_its_parent(world: World) -> None:
    task = await original(world)
    one = (await world.ann.get(f"/tasks/{task['gid']}/subtasks")).data[0]
    assert (await copied(world.ann, one["gid"], include="parent"))["parent"]["gid"] == task["gid"]
    assert names_of((await world.ann.get(f"/tasks/{task['gid']}/subtasks")).data) == ["one", "two", "one"]
    assert (await copied(world.ann, one["gid"]))["parent"] is None


async def test_a_copy_is_not_put_under_what_its_maker_does_not_see(world: World) -> None:
    parent = (await a_task(world.ann, world))["gid"]
    part = (await a_task(world.ann, world, parent=parent, followers=[world.bob.gid]))["gid"]
    await copied(world.bob, part, include="parent")
    assert len((await world.ann.get(f"/tasks/{parent}/subtasks")).data) == 1


async def test_what_cannot_be_copied(world: World) -> None:
    task = await a_task(world.ann, world)
    answer = await world.ann.post(f"/tasks/{task['gid']}/duplicate", {"include": "notes,colour"})
    assert answer.status == 400
    assert answer.message.startswith("include: Value is not one of assignee, ")
    assert (await world.gus.post(f"/tasks/{task['gid']}/duplicate", {"name": "x"})).status == 403
