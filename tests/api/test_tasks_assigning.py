"""Who a task is assigned to, and where it stands in that person's own list."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.making import a_project, a_section, a_task, gids_of, names_of
from tests.world import Client, World


async def own_list(client: Client, world: World) -> str:
    return str((await client.get("/users/me/user_task_list", workspace=world.workspace)).data["gid"])


async def listed(client: Client, world: World) -> list[str]:
    return names_of((await client.get(f"/user_task_lists/{await own_list(client, world)}/tasks")).data)


@pytest.mark.parametrize("sent", ["gid", "email", "me"])
async def test_a_user_may_be_named_in_three_ways(world: World, sent: str) -> None:
    name = {"gid": world.ann.gid, "email": "ANN@acme.example", "me": "me"}[sent]
    task = await a_task(world.ann, world, assignee=name)
    assert task["assignee"]["gid"] == world.ann.gid


async def test_reassigning_is_told_and_followed(world: World) -> None:
    task = await a_task(world.ann, world, assignee="me")
    path = f"/tasks/{task['gid']}"
    fields = "assignee.name,assigned_by.name,followers.name,assignee_status"
    after = (await world.ann.put(path, {"assignee": world.bob.gid}, opt_fields=fields)).data
    assert after["assignee"]["name"] == "Bob Baker"
    assert after["assigned_by"]["name"] == "Ann Archer"
    assert names_of(after["followers"]) == ["Ann Archer", "Bob Baker"]
    assert await listed(world.ann, world) == []
    assert await listed(world.bob, world) == ["T"]
    freed = (await world.bob.put(path, {"assignee": None}, opt_fields=fields)).data
    assert (freed["assignee"], freed["assigned_by"]) == (None, None)
    assert await listed(world.bob, world) == []


async def test_only_the_assignee_sees_the_section(world: World) -> None:
    """TaskRequestBase, assignee_section."""
    task = await a_task(world.ann, world, assignee=world.bob.gid)
    path = f"/tasks/{task['gid']}"
    assert "assignee_section" not in task
    seen = (await world.bob.get(path)).data["assignee_section"]
    assert seen["name"] == "Recently assigned"
    assert (await world.ann.get(path, opt_fields="assignee_section.name")).data["assignee_section"] is None
    assert gids_of((await world.bob.get(f"/sections/{seen['gid']}/tasks")).data) == [task["gid"]]
    assert (await world.ann.get(f"/sections/{seen['gid']}/tasks")).status == 403


@pytest.mark.parametrize(
    ("status", "section", "order"),
    [
        ("inbox", "Recently assigned", "cba"),
        ("new", "Recently assigned", "abc"),
        ("today", "Today", "abc"),
        ("upcoming", "Upcoming", "cba"),
        ("later", "Later", "abc"),
    ],
)
async def test_a_status_puts_the_task_into_a_section(world: World, status: str, section: str, order: str) -> None:
    """TaskBase, assignee_status: inbox and upcoming at the top, the others at the bottom."""
    for name in "abc":
        task = await a_task(world.ann, world, name=name, assignee="me", assignee_status=status)
        assert (task["assignee_status"], task["assignee_section"]["name"]) == (status, section)
    assert "".join(await listed(world.ann, world)) == order


async def test_the_list_follows_its_sections(world: World) -> None:
    for status in ("later", "today", "inbox", "upcoming"):
        await a_task(world.ann, world, name=status, assignee="me", assignee_status=status)
    assert await listed(world.ann, world) == ["inbox", "today", "upcoming", "later"]


async def test_the_assignee_moves_the_task_in_the_list(world: World) -> None:
    first = await a_task(world.ann, world, name="first", assignee="me", assignee_status="later")
    task = await a_task(world.ann, world, name="second", assignee="me")
    section = first["assignee_section"]["gid"]
    moved = (await world.ann.put(f"/tasks/{task['gid']}", {"assignee_section": section})).data
    assert moved["assignee_section"]["gid"] == section
    assert await listed(world.ann, world) == ["first", "second"]


async def test_sections_that_do_not_fit(world: World) -> None:
    theirs = (await a_task(world.bob, world, assignee="me"))["assignee_section"]["gid"]
    project = await a_project(world.ann, world)
    column = await a_section(world, project, "Column")
    task = await a_task(world.ann, world, assignee="me")
    path = f"/tasks/{task['gid']}"
    answer = await world.ann.put(path, {"assignee_section": theirs})
    assert (answer.status, answer.message) == (403, "You do not have access to this section.")
    answer = await world.ann.put(path, {"assignee_section": column})
    message = f"assignee_section: Not a section of the assignee's task list: {column}"
    assert (answer.status, answer.message) == (400, message)
    assert (await world.ann.get(path)).data == task


@pytest.mark.parametrize("change", [{"assignee_status": "today"}, {"assignee": None, "assignee_status": "later"}])
async def test_no_status_without_an_assignee(world: World, change: dict[str, Any]) -> None:
    task = await a_task(world.ann, world)
    answer = await world.ann.put(f"/tasks/{task['gid']}", change)
    assert (answer.status, answer.message) == (400, "Schedule status shouldn't be set for unassigned tasks")


async def test_refused_assignees_change_nothing(world: World) -> None:
    task = await a_task(world.ann, world, assignee="me")
    for sent in ("eve@else.example", world.eve.gid):
        answer = await world.ann.put(f"/tasks/{task['gid']}", {"assignee": sent, "name": "New"})
        assert (answer.status, answer.message) == (400, f"assignee: Not a user in Organization: {sent}")
    answer = await world.ann.post(f"/tasks/{task['gid']}/addFollowers", {"followers": [world.eve.gid]})
    assert answer.status in (400, 403)
    assert (await world.ann.get(f"/tasks/{task['gid']}")).data == task
