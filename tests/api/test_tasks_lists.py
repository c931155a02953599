"""Lists of tasks, and the filters of GET /tasks."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.making import a_project, a_section, a_tag, a_task, gids_of, names_of
from tests.world import Client, World

from batchwright.model import moments
from batchwright.resources.tasks.kind import TASK

UNKNOWN = "1234567890123456"
NOT_ONE = "Must specify exactly one of project, tag, section, user task list, or assignee + workspace"


async def pages(client: Client, path: str, size: int, **query: Any) -> list[str]:
    """The names of all rows, page by page."""
    found: list[str] = []
    answer = await client.get(path, limit=size, **query)
    while True:
        assert len(answer.data) <= size
        found += names_of(answer.data)
        following = answer.body["next_page"]
        if following is None:
            return found
        assert len(answer.data) == size
        assert following["uri"].endswith(following["path"])
        answer = await client.send("GET", following["path"])


async def test_what_a_filter_may_be(world: World) -> None:
    """Facts, sections 3.3 and 13."""
    project = await a_project(world.ann, world)
    section = await a_section(world, project, "S")
    tag = await a_tag(world)
    own = (await world.ann.get("/users/me/user_task_list", workspace=world.workspace)).data["gid"]
    here = world.workspace
    good: list[dict[str, str]] = [
        {"project": project},
        {"section": section},
        {"tag": tag},
        {"user_task_list": own},
        {"workspace": here, "assignee": "me"},
        {"workspace": here, "assignee": "ann@acme.example"},
        {"workspace": here, "assignee": world.bob.gid},
        {"project": project, "nonsense": "1"},
    ]
    for query in good:
        answer = await world.ann.get("/tasks", **query)
        assert (answer.status, answer.data) == (200, []), query
    bad: list[dict[str, str]] = [
        {"workspace": here},
        {"assignee": "me"},
        {"project": project, "assignee": "me"},
        {"project": project, "workspace": here},
        {"project": project, "assignee": "me", "workspace": here},
        {"project": project, "section": section},
        {"tag": tag, "user_task_list": own},
    ]
    for query in bad:
        answer = await world.ann.get("/tasks", **query)
        assert (answer.status, answer.message) == (400, NOT_ONE), query


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "You should specify one of workspace, project, tag, section, user_task_list"),
        ({"completed_since": "now"}, "You should specify one of workspace, project, tag, section, user_task_list"),
        ({"project": UNKNOWN}, f"project: Unknown object: {UNKNOWN}"),
        ({"project": "abc"}, "project: Not a recognized ID: abc"),
        ({"workspace": "W", "assignee": "nobody"}, "assignee: Not a recognized ID: nobody"),
        (
            {"workspace": "W", "assignee": "me", "completed_since": "then"},
            "completed_since: Date-time must be in ISO-8601 format, not: then",
        ),
        ({"workspace": "W", "assignee": "me", "offset": "made-up"}, "offset: Your pagination token is invalid."),
    ],
)
async def test_bad_filters(world: World, query: dict[str, str], message: str) -> None:
    sent = {name: world.workspace if value == "W" else value for name, value in query.items()}
    answer = await world.ann.get("/tasks", **sent)
    assert (answer.status, answer.message) == (400, message)


async def test_a_foreign_project_is_refused(world: World) -> None:
    project = await a_project(world.ann, world)
    for path, query in (("/tasks", {"project": project}), (f"/projects/{project}/tasks", {})):
        answer = await world.eve.get(path, **query)
        assert (answer.status, answer.message) == (403, "You do not have access to this project.")


async def test_a_project_is_listed_section_by_section_in_pages(world: World) -> None:
    project = await a_project(world.ann, world)
    later = await a_section(world, project, "Later")
    for name in "cd":
        await a_task(world.ann, world, name=name, memberships=[{"project": project, "section": later}])
    for name in "ab":
        await a_task(world.ann, world, name=name, projects=[project])
    for size in (1, 2, 3, 4):
        assert await pages(world.ann, f"/projects/{project}/tasks", size) == list("abcd")
        assert await pages(world.ann, "/tasks", size, project=project, opt_fields="name") == list("abcd")
    assert await pages(world.ann, f"/sections/{later}/tasks", 1) == ["c", "d"]


async def test_completed_since(world: World) -> None:
    """`now` means incomplete only; the moment itself counts."""
    project = await a_project(world.ann, world)
    for name in ("open", "old", "new"):
        await a_task(world.ann, world, name=name, projects=[project])
    tasks = {each["name"]: each["gid"] for each in (await world.ann.get("/tasks", project=project)).data}
    done = {}
    for name in ("old", "new"):
        done[name] = (await world.ann.put(f"/tasks/{tasks[name]}", {"completed": True})).data["completed_at"]
    path = f"/projects/{project}/tasks"
    assert names_of((await world.ann.get(path)).data) == ["open", "old", "new"]
    for since, names in (
        ("now", ["open"]),
        ("2100-01-01T00:00:00Z", ["open"]),
        (done["new"], ["open", "new"]),
        (done["old"], ["open", "old", "new"]),
        ("2012-02-22", ["open", "old", "new"]),
    ):
        assert names_of((await world.ann.get(path, completed_since=since)).data) == names, since


async def test_modified_since_is_strict(world: World) -> None:
    task = await a_task(world.ann, world, assignee="me")
    query = {"workspace": world.workspace, "assignee": "me"}
    before = moments.parse(task["modified_at"])
    assert before is not None
    assert (await world.ann.get("/tasks", **query, modified_since=task["modified_at"])).data == []
    found = (await world.ann.get("/tasks", **query, modified_since=moments.show(before - 1))).data
    assert gids_of(found) == [task["gid"]]


async def test_a_tag_lists_what_one_sees(world: World) -> None:
    tag = await a_tag(world)
    shared = await a_task(world.ann, world, name="shared", tags=[tag], assignee=world.bob.gid)
    await a_task(world.ann, world, name="hidden", tags=[tag])
    assert names_of((await world.ann.get(f"/tags/{tag}/tasks")).data) == ["shared", "hidden"]
    assert gids_of((await world.bob.get(f"/tags/{tag}/tasks")).data) == [shared["gid"]]
    assert gids_of((await world.bob.get("/tasks", tag=tag)).data) == [shared["gid"]]
    assert await pages(world.ann, f"/tags/{tag}/tasks", 1) == ["shared", "hidden"]
    assert (await world.eve.get(f"/tags/{tag}/tasks")).status == 403


async def test_unassigned_tasks_can_be_asked_for(world: World) -> None:
    task = await a_task(world.ann, world)
    await a_task(world.ann, world, assignee="me")
    query = {"workspace": world.workspace, "assignee": "null"}
    assert gids_of((await world.ann.get("/tasks", **query)).data) == [task["gid"]]
    assert (await world.bob.get("/tasks", **query)).data == []


async def test_a_task_list_pages_over_tasks_without_a_section(world: World) -> None:
    """A section that went away leaves its tasks, which come first."""
    own = (await world.ann.get("/users/me/user_task_list", workspace=world.workspace)).data["gid"]
    for name in "ab":
        await world.make(TASK, name=name, workspace=world.workspace, assignee=world.ann.gid, assignee_rank=name)
    for name in "cd":
        await a_task(world.ann, world, name=name, assignee="me", assignee_status="today")
    for size in (1, 2, 3):
        assert await pages(world.ann, f"/user_task_lists/{own}/tasks", size) == list("abcd")
