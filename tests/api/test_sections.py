"""Sections: their order in a project, and the tasks in them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world import Client, World

from batchwright.resources.sections.kind import SECTION


async def project(client: Client, world: World, **values: Any) -> str:
    """A project of the client's, with its one section."""
    answer = await client.post("/projects", {"name": "P", "workspace": world.workspace, **values})
    return str(answer.data["gid"])


async def section(client: Client, of: str, name: str, **values: Any) -> str:
    """One more section."""
    answer = await client.post(f"/projects/{of}/sections", {"name": name, **values})
    assert answer.status == 201, answer.body
    return str(answer.data["gid"])


async def names(client: Client, of: str) -> list[str]:
    """The sections of a project by name, in their order."""
    return [each["name"] for each in (await client.get(f"/projects/{of}/sections")).data]


async def task(client: Client, world: World, name: str, **values: Any) -> str:
    """A task."""
    answer = await client.post("/tasks", {"name": name, "workspace": world.workspace, **values})
    assert answer.status == 201, answer.body
    return str(answer.data["gid"])


async def order(client: Client, of: str) -> list[str]:
    """The tasks of a section by name, in their order."""
    return [each["name"] for each in (await client.get(f"/sections/{of}/tasks")).data]


async def test_a_section_shows_its_project(world: World) -> None:
    """The full record; Location leads to it."""
    home = await project(world.ann, world)
    answer = await world.ann.post(f"/projects/{home}/sections", {"name": "Doing"})
    compact = {"gid": home, "resource_type": "project", "name": "P"}
    assert answer.status == 201
    assert answer.headers["location"] == f"/api/1.0/sections/{answer.data['gid']}"
    assert answer.data == {
        "gid": answer.data["gid"],
        "resource_type": "section",
        "name": "Doing",
        "created_at": answer.data["created_at"],
        "project": compact,
        "projects": [compact],
    }
    assert (await world.ann.get(f"/sections/{answer.data['gid']}")).data == answer.data


async def test_sections_are_put_before_and_after_each_other(world: World) -> None:
    """insert_before and insert_after on creation, at the end by default; pages keep the order."""
    home = await project(world.ann, world)
    b = await section(world.ann, home, "B")
    await section(world.ann, home, "A", insert_before=b)
    await section(world.ann, home, "C", insert_after=b)
    await section(world.ann, home, "D")
    ordered = ["Untitled section", "A", "B", "C", "D"]
    assert await names(world.ann, home) == ordered
    path = f"/projects/{home}/sections"
    page = await world.ann.get(path, limit=2)
    assert [each["name"] for each in page.data] == ordered[:2]
    page = await world.ann.get(path, limit=3, offset=page.body["next_page"]["offset"])
    assert [each["name"] for each in page.data] == ordered[2:]
    assert page.body["next_page"] is None


async def test_sections_move(world: World) -> None:
    """POST /projects/{gid}/sections/insert answers with nothing."""
    home = await project(world.ann, world)
    a, b = await section(world.ann, home, "A"), await section(world.ann, home, "B")
    path = f"/projects/{home}/sections/insert"
    moved = await world.ann.post(path, {"section": b, "before_section": a})
    assert (moved.status, moved.data) == (200, {})
    assert await names(world.ann, home) == ["Untitled section", "B", "A"]
    await world.ann.post(path, {"section": b, "after_section": a})
    assert await names(world.ann, home) == ["Untitled section", "A", "B"]
    assert (await world.ann.post(path, {"section": b, "after_section": b})).status == 200
    assert await names(world.ann, home) == ["Untitled section", "A", "B"]


async def test_bad_places_change_nothing(world: World) -> None:
    """400 for an anchor elsewhere, for two, for none where one is needed, for no name."""
    home, other = await project(world.ann, world), await project(world.ann, world)
    a, foreign = await section(world.ann, home, "A"), await section(world.ann, other, "X")
    not_here = f"Not a section of this project: {foreign}"
    create, insert = f"/projects/{home}/sections", f"/projects/{home}/sections/insert"
    for path, data, message in (
        (create, {}, "name: Missing input"),
        (create, {"name": " "}, "name: Missing input"),
        (create, {"name": "B", "insert_before": foreign}, f"insert_before: {not_here}"),
        (
            create,
            {"name": "B", "insert_before": a, "insert_after": a},
            "You may only provide one of insert_before or insert_after!",
        ),
        (insert, {"before_section": a}, "section: Missing input"),
        (insert, {"section": a}, "You should specify one of before_section, after_section"),
        (insert, {"section": foreign, "before_section": a}, f"section: Not a section of this project: {foreign}"),
        (
            insert,
            {"section": a, "before_section": foreign},
            f"before_section: Not a section of this project: {foreign}",
        ),
        (insert, {"section": "9", "before_section": a}, "section: Unknown object: 9"),
    ):
        answer = await world.ann.post(path, data)
        assert (answer.status, answer.message) == (400, message)
    assert await names(world.ann, home) == ["Untitled section", "A"]


async def test_a_section_is_renamed_and_deleted(world: World) -> None:
    """Only when it is empty, and never the last one."""
    home = await project(world.ann, world)
    [first] = (await world.ann.get(f"/projects/{home}/sections")).data
    a = await section(world.ann, home, "A")
    assert (await world.ann.put(f"/sections/{a}", {"name": "B"})).data["name"] == "B"
    assert (await world.ann.put(f"/sections/{a}", {"name": ""})).message == "name: Missing input"
    assert (await world.ann.put(f"/sections/{a}", {})).data["name"] == "B"
    await world.ann.post(f"/sections/{a}/addTask", {"task": await task(world.ann, world, "T", projects=[home])})
    full = await world.ann.delete(f"/sections/{a}")
    assert (full.status, full.message) == (400, "Only an empty section can be deleted")
    gone = await world.ann.delete(f"/sections/{first['gid']}")
    assert (gone.status, gone.data) == (200, {})
    await world.ann.delete(f"/tasks/{(await world.ann.get(f'/sections/{a}/tasks')).data[0]['gid']}")
    last = await world.ann.delete(f"/sections/{a}")
    assert (last.status, last.message) == (400, "The last section cannot be deleted")


async def test_one_of_all_sections_survives_a_race(world: World) -> None:
    """Ten deletions at once leave the last section."""
    home = await project(world.ann, world)
    for number in range(9):
        await section(world.ann, home, str(number))
    every = [each["gid"] for each in (await world.ann.get(f"/projects/{home}/sections")).data]
    actions = [{"relative_path": f"/sections/{gid}", "method": "delete"} for gid in every]
    statuses = [each["status_code"] for each in (await world.ann.batch(*actions)).data]
    assert sorted(statuses) == [200] * 9 + [400]
    assert len(await names(world.ann, home)) == 1


async def test_a_task_is_never_lost_with_its_section(world: World) -> None:
    """A deletion and an addTask at once: one of them is refused."""
    home = await project(world.ann, world)
    [first] = (await world.ann.get(f"/projects/{home}/sections")).data
    for number in range(5):
        name = f"T{number}"
        a, made = await section(world.ann, home, name), await task(world.ann, world, name, projects=[home])
        delete = {"relative_path": f"/sections/{a}", "method": "delete"}
        add = {"relative_path": f"/sections/{a}/addTask", "method": "post", "data": {"task": made}}
        await world.ann.batch(*((delete, add) if number % 2 else (add, delete)))
        [place] = (await world.ann.get(f"/tasks/{made}", opt_fields="memberships.section")).data["memberships"]
        assert place["section"]["gid"] in (a, first["gid"])


async def test_tasks_go_to_the_top_or_beside_another(world: World) -> None:
    """addTaskForSection: at the top unless insert_before or insert_after says otherwise; nothing is answered."""
    home = await project(world.ann, world)
    a = await section(world.ann, home, "A")
    path = f"/sections/{a}/addTask"
    one, two, three = [await task(world.ann, world, name, projects=[home]) for name in ("one", "two", "three")]
    added = await world.ann.post(path, {"task": one})
    assert (added.status, added.data) == (200, {})
    await world.ann.post(path, {"task": two})
    assert await order(world.ann, a) == ["two", "one"]
    await world.ann.post(path, {"task": three, "insert_before": one})
    assert await order(world.ann, a) == ["two", "three", "one"]
    await world.ann.post(path, {"task": two, "insert_after": one})
    assert await order(world.ann, a) == ["three", "one", "two"]
    await world.ann.post(path, {"task": two, "insert_after": two})
    assert await order(world.ann, a) == ["three", "one", "two"]
    [place] = (await world.ann.get(f"/tasks/{two}", opt_fields="memberships.(project|section)")).data["memberships"]
    assert (place["project"]["gid"], place["section"]["gid"]) == (home, a)


async def test_a_task_of_elsewhere_joins_the_project(world: World) -> None:
    """It stays where it was besides."""
    home, other = await project(world.ann, world), await project(world.ann, world)
    made = await task(world.ann, world, "T", projects=[other])
    a = await section(world.ann, home, "A")
    assert (await world.ann.post(f"/sections/{a}/addTask", {"task": made})).status == 200
    projects = (await world.ann.get(f"/tasks/{made}", opt_fields="projects")).data["projects"]
    assert {each["gid"] for each in projects} == {home, other}


async def test_bad_tasks_and_anchors_change_nothing(world: World) -> None:
    """400 and 403, each saying why."""
    home = await project(world.ann, world)
    a = await section(world.ann, home, "A")
    made, outside = await task(world.ann, world, "in", projects=[home]), await task(world.ann, world, "out")
    theirs = (await world.eve.post("/tasks", {"name": "x", "workspace": world.elsewhere})).data["gid"]
    both = {"task": made, "insert_before": outside, "insert_after": outside}
    for data, status, message in (
        ({}, 400, "task: Missing input"),
        ({"task": "77"}, 400, "task: Unknown object: 77"),
        ({"task": theirs}, 403, "You do not have access to this task."),
        ({"task": made, "insert_before": outside}, 400, f"insert_before: Not a task in the section: {outside}"),
        (both, 400, "You may only provide one of insert_before or insert_after!"),
    ):
        answer = await world.ann.post(f"/sections/{a}/addTask", data)
        assert (answer.status, answer.message) == (status, message)
    assert await order(world.ann, a) == []


async def test_a_task_list_of_ones_own_has_sections_too(world: World) -> None:
    """They are shown to the owner alone and take what is assigned to the owner."""
    own = (await world.bob.get("/users/me/user_task_list", workspace=world.workspace)).data["gid"]
    later = await world.make(SECTION, name="Later", user_task_list=own, rank="m")
    assert (await world.ann.get(f"/sections/{later}")).status == 403
    record = (await world.bob.get(f"/sections/{later}")).data
    assert "project" not in record
    assert record["projects"] == []
    mine, other = await task(world.bob, world, "mine", assignee="me"), await task(world.bob, world, "other")
    assert (await world.bob.post(f"/sections/{later}/addTask", {"task": mine})).status == 200
    placed = (await world.bob.get(f"/tasks/{mine}", opt_fields="assignee_section")).data["assignee_section"]
    assert placed["gid"] == later
    refused = await world.bob.post(f"/sections/{later}/addTask", {"task": other})
    assert (refused.status, refused.message) == (400, f"task: Not a task in the user task list: {other}")


@pytest.mark.parametrize("who", ["eve", "gus"])
async def test_who_does_not_see_the_project_sees_no_section(world: World, who: str) -> None:
    """403 for everything."""
    client = getattr(world, who)
    home = await project(world.ann, world)
    [first] = (await world.ann.get(f"/projects/{home}/sections")).data
    path = f"/sections/{first['gid']}"
    answers = [
        await client.get(path),
        await client.put(path, {"name": "x"}),
        await client.delete(path),
        await client.post(f"{path}/addTask", {"task": "1"}),
        await client.get(f"/projects/{home}/sections"),
        await client.post(f"/projects/{home}/sections", {"name": "x"}),
    ]
    assert {answer.status for answer in answers} == {403}
    assert await names(world.ann, home) == ["Untitled section"]
