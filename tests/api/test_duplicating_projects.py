"""Duplicating projects: POST /projects/{gid}/duplicate, its job, and what the copy holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from tests.world import World

from batchwright.steps import copying

SHOWN = (
    "name,completed,notes,html_notes,due_on,due_at,start_on,assignee,followers,tags,dependencies,parent,num_subtasks,"
    "memberships.(project|section).name"
)


@dataclass(frozen=True)
class Original:
    """A project of ann's: sections Todo (one, two) and Done (three, done); `two` waits for `one` and has a subtask."""

    gid: str
    other: str
    tasks: dict[str, str]


async def made(world: World, path: str, **data: Any) -> str:
    """Something new of ann's."""
    answer = await world.ann.post(path, data)
    assert answer.status in (200, 201), answer.body
    return str(answer.data.get("gid", ""))


@pytest.fixture
async def original(world: World) -> Original:
    """The project."""
    home = world.workspace
    values = {"color": "light-green", "notes": "about", "start_on": "2026-03-02", "due_on": "2026-03-31"}
    gid = await made(world, "/projects", name="P", workspace=home, public=False, followers=[world.bob.gid], **values)
    other = await made(world, "/projects", name="Other", workspace=home)
    [first] = (await world.ann.get(f"/projects/{gid}/sections")).data
    await world.ann.put(f"/sections/{first['gid']}", {"name": "Todo"})
    done = await made(world, f"/projects/{gid}/sections", name="Done")
    tasks = {
        "one": await made(
            world,
            "/tasks",
            name="one",
            projects=[gid],
            html_notes="<body><em>n</em></body>",
            assignee=world.bob.gid,
            followers=[world.gus.gid],
            start_on="2026-03-02",
            due_on="2026-03-06",
        ),
        "two": await made(world, "/tasks", name="two", projects=[gid, other], due_at="2026-03-10T09:30:00.000Z"),
        "three": await made(world, "/tasks", name="three", memberships=[{"project": gid, "section": done}]),
        "done": await made(world, "/tasks", name="done", memberships=[{"project": gid, "section": done}]),
    }
    await world.ann.put(f"/tasks/{tasks['done']}", {"completed": True})
    tasks["sub"] = await made(world, f"/tasks/{tasks['two']}/subtasks", name="sub")
    await made(world, f"/tasks/{tasks['two']}/addDependencies", dependencies=[tasks["one"]])
    tag = await made(world, "/tags", name="Tag", workspace=home)
    await made(world, f"/tasks/{tasks['one']}/addTag", tag=tag)
    return Original(gid, other, tasks)


async def duplicate(world: World, of: Original, *include: str, **data: Any) -> str:
    """The copy's gid."""
    body = {"name": "Copy", "include": ",".join(include), **data}
    answer = await world.ann.post(f"/projects/{of.gid}/duplicate", body)
    assert answer.status == 201, answer.body
    return str(answer.data["new_project"]["gid"])


async def tasks_of(world: World, project: str) -> dict[str, dict[str, Any]]:
    """The project's tasks by name, in their order."""
    found = (await world.ann.get(f"/projects/{project}/tasks", opt_fields=SHOWN)).data
    return {each["name"]: each for each in found}


async def test_the_job_is_done_at_once(world: World, original: Original) -> None:
    """201, a job with a Location that names the new project; it is the caller's alone."""
    answer = await world.ann.post(f"/projects/{original.gid}/duplicate", {"name": "Copy"})
    assert answer.status == 201
    job = answer.data
    assert answer.headers["location"] == f"/api/1.0/jobs/{job['gid']}"
    assert job == {
        "gid": job["gid"],
        "resource_type": "job",
        "resource_subtype": "duplicate_project",
        "status": "succeeded",
        "new_project": {"gid": job["new_project"]["gid"], "resource_type": "project", "name": "Copy"},
        "new_task": None,
        "new_portfolio": None,
        "new_project_template": None,
        "new_graph_export": None,
        "new_resource_export": None,
    }
    assert (await world.ann.get(f"/jobs/{job['gid']}")).data == job
    assert (await world.bob.get(f"/jobs/{job['gid']}")).status == 403


async def test_without_includes_the_bare_tasks_are_copied(world: World, original: Original) -> None:
    """Sections in order, tasks in place; whoever copies owns the copy and is its only member; nothing is done in it."""
    copy = await duplicate(world, original)
    record = (await world.ann.get(f"/projects/{copy}")).data
    expected = {"color": "light-green", "privacy_setting": "private", "notes": "", "due_on": None, "start_on": None}
    assert {name: record[name] for name in expected} == expected
    assert [each["gid"] for each in record["members"]] == [each["gid"] for each in record["followers"]]
    assert [each["gid"] for each in record["members"]] == [world.ann.gid]
    assert [each["name"] for each in (await world.ann.get(f"/projects/{copy}/sections")).data] == ["Todo", "Done"]
    tasks = await tasks_of(world, copy)
    assert list(tasks) == list(await tasks_of(world, original.gid)) == ["one", "two", "three", "done"]
    assert not {each["gid"] for each in tasks.values()} & set(original.tasks.values())
    for each in tasks.values():
        assert [place["project"]["gid"] for place in each["memberships"]] == [copy]
        nothing = ("notes", "due_on", "due_at", "start_on", "assignee", "tags", "dependencies", "num_subtasks")
        assert not any(each[name] for name in nothing)
        assert each["completed"] is False
    assert {name: each["memberships"][0]["section"]["name"] for name, each in tasks.items()} == {
        "one": "Todo",
        "two": "Todo",
        "three": "Done",
        "done": "Done",
    }


async def test_everything_is_copied_when_it_is_included(world: World, original: Original) -> None:
    """Each part by its name; dependencies and parents lead to the copies."""
    wanted = "notes assignee dates dependencies followers subtasks tags projects attachments".split()  # noqa: SIM905
    copy = await duplicate(world, original, "members", "notes", "forms", *(f"task_{each}" for each in wanted))
    record = (await world.ann.get(f"/projects/{copy}")).data
    assert (record["notes"], record["start_on"], record["due_on"]) == ("about", "2026-03-02", "2026-03-31")
    assert {each["gid"] for each in record["members"]} == {world.ann.gid, world.bob.gid}
    tasks = await tasks_of(world, copy)
    one, two = tasks["one"], tasks["two"]
    assert (one["html_notes"], one["notes"]) == ("<body><em>n</em></body>", "n")
    assert (one["start_on"], one["due_on"], two["due_at"]) == ("2026-03-02", "2026-03-06", "2026-03-10T09:30:00.000Z")
    assert one["assignee"]["gid"] == world.bob.gid
    assert world.gus.gid in {each["gid"] for each in one["followers"]}
    assert [each["gid"] for each in two["dependencies"]] == [one["gid"]]
    assert len(one["tags"]) == 1
    assert {place["project"]["gid"] for place in two["memberships"]} == {copy, original.other}
    [sub] = (await world.ann.get(f"/tasks/{two['gid']}/subtasks", opt_fields="name,parent,memberships")).data
    assert (sub["name"], sub["parent"]["gid"], sub["memberships"]) == ("sub", two["gid"], [])
    beside = [each["gid"] for each in (await world.ann.get(f"/projects/{original.other}/tasks")).data]
    assert beside == [original.tasks["two"], two["gid"]]


async def test_dates_move_with_the_last_due_date(world: World, original: Original) -> None:
    """The last due date falls on the given day, the others keep their distance; the project's own count too."""
    moves = {"due_on": "2026-04-30", "should_skip_weekends": False}
    copy = await duplicate(world, original, "task_dates", schedule_dates=moves)
    record = (await world.ann.get(f"/projects/{copy}")).data
    assert (record["start_on"], record["due_on"]) == ("2026-04-01", "2026-04-30")
    tasks = await tasks_of(world, copy)
    assert (tasks["one"]["start_on"], tasks["one"]["due_on"]) == ("2026-04-01", "2026-04-05")
    assert tasks["two"]["due_at"] == "2026-04-09T09:30:00.000Z"


async def test_dates_move_off_weekends(world: World, original: Original) -> None:
    """By the first start date; what would fall on a Saturday or Sunday moves on to Monday."""
    moves = {"start_on": "2026-04-01", "should_skip_weekends": True}
    copy = await duplicate(world, original, "task_dates", schedule_dates=moves)
    one = (await tasks_of(world, copy))["one"]
    assert (one["start_on"], one["due_on"]) == ("2026-04-01", "2026-04-06")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"name": None}, None),
        ({"include": "task_notes,nonsense"}, None),
        ({"schedule_dates": 1}, "schedule_dates: Value is not a JSON object: 1"),
        (
            {"schedule_dates": {"due_on": "2026-01-01"}},
            "schedule_dates: should_skip_weekends: Missing required field",
        ),
        (
            {"schedule_dates": {"due_on": "2026-01-01", "should_skip_weekends": True}},
            "schedule_dates: Dates must be included to use this option",
        ),
        (
            {"include": "task_dates", "schedule_dates": {"should_skip_weekends": True}},
            "schedule_dates: due_on: Missing input",
        ),
        (
            {
                "include": "task_dates",
                "schedule_dates": {"should_skip_weekends": True, "due_on": "2026-01-01", "start_on": "2026-01-01"},
            },
            "schedule_dates: You may only provide one of due_on or start_on!",
        ),
    ],
)
async def test_a_bad_request_copies_nothing(
    world: World, original: Original, data: dict[str, Any], message: str | None
) -> None:
    """400, saying why."""
    answer = await world.ann.post(f"/projects/{original.gid}/duplicate", {"name": "Copy", **data})
    assert answer.status == 400
    assert message is None or answer.message == message
    assert len((await world.ann.get("/projects")).data) == 2


async def test_too_many_tasks_are_refused(world: World, original: Original, monkeypatch: pytest.MonkeyPatch) -> None:
    """Subtasks count too."""
    monkeypatch.setattr(copying.tasks, "MOST", 4)
    await duplicate(world, original)
    include = {"name": "Copy", "include": "task_subtasks"}
    answer = await world.ann.post(f"/projects/{original.gid}/duplicate", include)
    assert (answer.status, answer.message) == (400, "At most 4 tasks can be duplicated at once")


async def test_only_who_sees_a_project_copies_it(world: World, original: Original) -> None:
    """And of its parts only what they see: other projects, and dependencies, that are hidden stay out."""
    assert (await world.eve.post(f"/projects/{original.gid}/duplicate", {"name": "x"})).status == 403
    await world.ann.put(f"/projects/{original.other}", {"public": False})
    include = "task_projects,task_dependencies"
    answer = await world.bob.post(f"/projects/{original.gid}/duplicate", {"name": "x", "include": include})
    copy = answer.data["new_project"]["gid"]
    tasks = (await world.bob.get(f"/projects/{copy}/tasks", opt_fields="name,projects")).data
    assert {place["gid"] for each in tasks for place in each["projects"]} == {copy}
    assert len((await world.ann.get(f"/projects/{original.other}/tasks")).data) == 1


async def test_a_subtask_that_stands_before_its_parent_is_copied_under_it(world: World) -> None:
    """Both are in the project; the order of the list isn't the order of the tree."""
    home = world.workspace
    gid = await made(world, "/projects", name="P", workspace=home)
    child = await made(world, "/tasks", name="child", projects=[gid])
    parent = await made(world, "/tasks", name="parent", projects=[gid])
    await made(world, f"/tasks/{child}/setParent", parent=parent)
    copy = await duplicate(world, Original(gid, "", {}))
    tasks = await tasks_of(world, copy)
    assert list(tasks) == ["child", "parent"]
    assert tasks["child"]["parent"]["gid"] == tasks["parent"]["gid"]
