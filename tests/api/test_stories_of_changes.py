"""System stories and modification times: what a task's feed tells of changes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.making import a_project, a_section, a_tag, a_task
from tests.world import World

from batchwright.model import moments

EVERYTHING = (
    "resource_subtype,text,old_name,new_name,old_dates,new_dates,assignee.name,follower.name,project.name,tag.name,"
    "task.name,dependency.name,old_section.name,new_section.name,old_resource_subtype,new_resource_subtype,"
    "old_approval_status,new_approval_status,old_text_value,new_text_value,type,created_by.name"
)


async def told(world: World, task: str, path: str, data: Any, method: str = "PUT") -> list[dict[str, Any]]:
    """The stories of the task that a request of ann's makes, by what of them isn't null."""
    known = {each["gid"] for each in (await world.ann.get(f"/tasks/{task}/stories")).data}
    answer = await world.ann.send(method, path, json={"data": data})
    assert answer.status in (200, 201), answer.body
    stories = [each for each in (await world.ann.get(f"/tasks/{task}/stories")).data if each["gid"] not in known]
    full = [(await world.ann.get(f"/stories/{each['gid']}")).data for each in stories]
    assert all(each["type"] == "system" and each["created_by"]["name"] == "Ann Archer" for each in full)
    return full


PLAIN = [
    ({"name": "New"}, "name_changed", 'Ann Archer changed the name to "New"', {"old_name": "T", "new_name": "New"}),
    ({"completed": True}, "marked_complete", "Ann Archer marked this task complete", {}),
    ({"notes": "n"}, "notes_changed", "Ann Archer changed the description", {"new_text_value": "n"}),
    (
        {"due_on": "2026-02-21"},
        "due_date_changed",
        "Ann Archer changed the due date to February 21, 2026",
        {
            "old_dates": {"start_on": None, "due_at": None, "due_on": None},
            "new_dates": {"start_on": None, "due_at": None, "due_on": "2026-02-21"},
        },
    ),
    (
        {"resource_subtype": "milestone"},
        "resource_subtype_changed",
        "Ann Archer changed this task to a milestone",
        {"old_resource_subtype": "default_task", "new_resource_subtype": "milestone"},
    ),
]


@pytest.mark.parametrize(
    ("data", "subtype", "text", "fields"), PLAIN, ids=lambda each: each if type(each) is str else ""
)
async def test_each_change_of_a_field_is_told_once(
    world: World, data: dict[str, Any], subtype: str, text: str, fields: dict[str, Any]
) -> None:
    task = (await a_task(world.ann, world))["gid"]
    first, again = [await told(world, task, f"/tasks/{task}", data) for _ in range(2)]
    assert [(each["resource_subtype"], each["text"]) for each in first] == [(subtype, text)]
    assert first[0].items() >= fields.items()
    assert again == []


async def test_assigning(world: World) -> None:
    task = (await a_task(world.ann, world))["gid"]
    (story,) = await told(world, task, f"/tasks/{task}", {"assignee": world.bob.gid})
    assert (story["resource_subtype"], story["text"]) == ("assigned", "Ann Archer assigned to Bob Baker")
    assert story["assignee"]["gid"] == world.bob.gid
    (story,) = await told(world, task, f"/tasks/{task}", {"assignee": None})
    assert (story["resource_subtype"], story["text"]) == ("unassigned", "Ann Archer unassigned from Bob Baker")


async def test_reopening_and_dates_that_go(world: World) -> None:
    task = (await a_task(world.ann, world, completed=True, due_on="2026-02-21"))["gid"]
    stories = await told(world, task, f"/tasks/{task}", {"completed": False, "due_on": None})
    assert [each["text"] for each in stories] == [
        "Ann Archer marked this task incomplete",
        "Ann Archer removed the due date",
    ]


async def test_deciding_an_approval(world: World) -> None:
    task = (await a_task(world.ann, world, resource_subtype="approval"))["gid"]
    stories = await told(world, task, f"/tasks/{task}", {"approval_status": "rejected"})
    assert [each["resource_subtype"] for each in stories] == ["marked_complete", "approval_status_changed"]
    assert (stories[1]["old_approval_status"], stories[1]["new_approval_status"]) == ("pending", "rejected")


async def test_projects_and_sections(world: World) -> None:
    task = (await a_task(world.ann, world))["gid"]
    project = await a_project(world.ann, world, name="Web")
    path = f"/tasks/{task}/addProject"
    (story,) = await told(world, task, path, {"project": project}, "POST")
    assert (story["resource_subtype"], story["text"]) == ("added_to_project", "Ann Archer added this task to Web")
    assert await told(world, task, path, {"project": project}, "POST") == []
    other = await a_section(world, project, "Later")
    (story,) = await told(world, task, f"/sections/{other}/addTask", {"task": task}, "POST")
    assert story["resource_subtype"] == "section_changed"
    assert story["text"] == 'Ann Archer moved this Task from "Untitled section" to "Later" in Web'
    assert (story["old_section"]["name"], story["new_section"]["name"]) == ("Untitled section", "Later")
    (story,) = await told(world, task, f"/tasks/{task}/removeProject", {"project": project}, "POST")
    assert (story["resource_subtype"], story["project"]["name"]) == ("removed_from_project", "Web")


async def test_what_a_task_is_linked_to(world: World) -> None:
    task, other = [(await a_task(world.ann, world, name=name))["gid"] for name in ("T", "Other")]
    tag = await a_tag(world)
    for path, data, subtype, field in (
        ("addFollowers", {"followers": [world.bob.gid]}, "follower_added", "follower"),
        ("addTag", {"tag": tag}, "added_to_tag", "tag"),
        ("removeTag", {"tag": tag}, "removed_from_tag", "tag"),
        ("addDependencies", {"dependencies": [other]}, "dependency_added", "dependency"),
        ("removeDependencies", {"dependencies": [other]}, "dependency_removed", "dependency"),
        ("setParent", {"parent": other}, "added_to_task", "task"),
        ("setParent", {"parent": None}, "removed_from_task", "task"),
    ):
        (story,) = await told(world, task, f"/tasks/{task}/{path}", data, "POST")
        assert story["resource_subtype"] == subtype
        assert story[field]["gid"] in (tag, other, world.bob.gid)
    subtypes = [each["resource_subtype"] for each in (await world.ann.get(f"/tasks/{other}/stories")).data]
    assert subtypes == ["dependent_added", "dependent_removed"]
    assert await told(world, task, f"/tasks/{task}/addFollowers", {"followers": [world.bob.gid]}, "POST") == []


async def test_a_new_task_first_tells_where_it_is(world: World) -> None:
    project = await a_project(world.ann, world)
    task = await a_task(world.ann, world, projects=[project], assignee="bob@acme.example", followers=[world.gus.gid])
    stories = (await world.ann.get(f"/tasks/{task['gid']}/stories")).data
    assert [each["resource_subtype"] for each in stories] == ["added_to_project", "assigned"]


async def test_a_story_keeps_the_names_of_its_moment(world: World) -> None:
    project = await a_project(world.ann, world, name="Before")
    task = (await a_task(world.ann, world, projects=[project]))["gid"]
    await world.ann.put(f"/projects/{project}", {"name": "After {actor}"})
    (story,) = (await world.ann.get(f"/tasks/{task}/stories", opt_fields="text,html_text,project.name")).data
    assert story["text"] == "Ann Archer added this task to Before"
    assert story["project"]["name"] == "After {actor}"
    await world.ann.delete(f"/projects/{project}")
    stories = (await world.ann.get(f"/tasks/{task}/stories", opt_fields="text")).data
    assert story["text"] in {each["text"] for each in stories}


async def test_a_copy_tells_what_it_is_a_copy_of(world: World) -> None:
    task = (await a_task(world.ann, world))["gid"]
    copy = (await world.ann.post(f"/tasks/{task}/duplicate", {"name": "Copy"})).data["new_task"]["gid"]
    (story,) = (await world.ann.get(f"/tasks/{copy}/stories", opt_fields="text,duplicated_from")).data
    assert story["text"] == "Ann Archer duplicated this task from T"
    assert story["duplicated_from"]["gid"] == task


async def test_a_deleted_task_tells_nothing_any_more(world: World) -> None:
    parent = (await a_task(world.ann, world))["gid"]
    task = (await a_task(world.ann, world, parent=parent))["gid"]
    assert (await world.ann.delete(f"/tasks/{task}")).status == 200
    assert (await world.ann.get(f"/tasks/{parent}")).status == 200


async def modified(world: World, path: str) -> int:
    """When the object was last modified, in milliseconds."""
    at = moments.parse((await world.ann.get(path, opt_fields="modified_at")).data["modified_at"])
    assert at is not None
    return at


async def test_what_modifies_a_task_and_what_does_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = moments.now()
    monkeypatch.setattr(moments, "now", lambda: now)
    project = await a_project(world.ann, world)
    task = (await a_task(world.ann, world, projects=[project]))["gid"]
    path = f"/tasks/{task}"
    for method, at, data, touches in (
        ("PUT", path, {"name": "T"}, False),
        ("PUT", path, {"name": "New"}, True),
        ("PUT", path, {"liked": True}, False),
        ("POST", f"{path}/stories", {"text": "Hi"}, True),
        ("POST", f"{path}/addFollowers", {"followers": [world.bob.gid]}, True),
        ("POST", f"{path}/subtasks", {"name": "Sub"}, True),
    ):
        before, now = await modified(world, path), now + 1000
        assert (await world.ann.send(method, at, json={"data": data})).status in (200, 201)
        assert await modified(world, path) == (now if touches else before), (at, data)


async def test_a_project_is_modified_by_itself_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = moments.now()
    monkeypatch.setattr(moments, "now", lambda: now)
    project = await a_project(world.ann, world)
    path, before, now = f"/projects/{project}", await modified(world, f"/projects/{project}"), now + 1000
    await a_task(world.ann, world, projects=[project])
    assert await modified(world, path) == before
    await world.ann.put(path, {"notes": "n"})
    assert await modified(world, path) == now
