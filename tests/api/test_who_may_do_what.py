"""Who may do what: the table of docs/decisions/0040-who-may-do-what.md cell by cell, and what goes beyond it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from tests.api.making import a_colleague, a_project, a_section, a_tag, a_task, gids_of
from tests.world import Answer, Client, World

from batchwright.model.operations import Operation
from batchwright.resources import KINDS, OPERATIONS

LEVELS = ("admin", "editor", "commenter", "viewer")
WRITING = [each for each in OPERATIONS if each.built and each.method != "GET" and "{" in each.path]
# What whoever sees the row of the path may do, and what asks by itself for more.
OPEN = {
    "addUserForTeam": "who is added decides which deed it is",
    "createProjectForWorkspace": "it may be for a team",
    "createTagForWorkspace": "everybody makes tags",
    "createTaskForWorkspace": "everybody has tasks",
    "duplicateProject": "a copy changes nothing of the original",
    "duplicateTask": "a copy changes nothing of the original",
}
Cell = tuple[str, str, str, dict[str, Any]]  # the row of the table, method, path, data

CELLS: tuple[Cell, ...] = (
    ("administer", "PUT", "/projects/{project}", {"owner": "{ann}"}),
    ("administer", "PUT", "/projects/{project}", {"default_access_level": "admin"}),
    ("administer", "PUT", "/projects/{project}", {"minimum_access_level_for_sharing": "admin"}),
    ("administer", "PUT", "/projects/{project}", {"name": "X", "minimum_access_level_for_customization": "admin"}),
    ("customize", "PUT", "/projects/{project}", {"name": "New"}),
    ("customize", "PUT", "/projects/{project}", {"archived": True, "color": "light-green"}),
    ("customize", "POST", "/projects/{project}/sections", {"name": "New"}),
    ("customize", "PUT", "/sections/{section}", {"name": "New"}),
    (
        "customize",
        "POST",
        "/projects/{project}/sections/insert",
        {"section": "{section}", "before_section": "{empty}"},
    ),
    ("customize", "DELETE", "/sections/{empty}", {}),
    ("share", "PUT", "/projects/{project}", {"public": True}),
    ("share", "PUT", "/projects/{project}", {"privacy_setting": "public_to_workspace"}),
    ("share", "POST", "/projects/{project}/addMembers", {"members": ["{gus}"]}),
    ("share", "POST", "/projects/{project}/addFollowers", {"followers": ["me", "{gus}"]}),
    ("share", "POST", "/projects/{project}/removeFollowers", {"followers": ["{gus}"]}),
    ("share", "POST", "/projects/{project}/removeMembers", {"members": ["{gus}"]}),
    ("fill", "POST", "/tasks", {"name": "N", "projects": ["{project}"]}),
    ("fill", "POST", "/tasks", {"name": "N", "memberships": [{"project": "{project}", "section": "{section}"}]}),
    ("fill", "POST", "/tasks", {"name": "N", "parent": "{task}"}),
    ("fill", "POST", "/tasks/{task}/subtasks", {"name": "N"}),
    ("fill", "PUT", "/tasks/{task}", {"completed": True}),
    ("fill", "PUT", "/tasks/{task}", {"liked": True, "name": "N"}),
    ("fill", "PUT", "/tasks/{part}", {"name": "N"}),
    ("fill", "POST", "/tasks/{task}/addTag", {"tag": "{tag}"}),
    ("fill", "POST", "/tasks/{task}/removeTag", {"tag": "{tag}"}),
    ("fill", "POST", "/tasks/{task}/addProject", {"project": "{own}"}),
    ("fill", "POST", "/tasks/{mine}/addProject", {"project": "{project}"}),
    ("fill", "POST", "/tasks/{task}/setParent", {"parent": "{mine}"}),
    ("fill", "POST", "/tasks/{task}/addDependencies", {"dependencies": ["{mine}"]}),
    ("fill", "POST", "/tasks/{part}/addDependents", {"dependents": ["{task}"]}),
    ("fill", "POST", "/sections/{section}/addTask", {"task": "{mine}"}),
    ("fill", "POST", "/tasks/{task}/removeFollowers", {"followers": ["{bob}"]}),
    ("fill", "PUT", "/stories/{story}", {"is_pinned": True}),
    ("fill", "POST", "/tasks/{mine}/removeProject", {"project": "{project}"}),
    ("comment", "POST", "/tasks/{task}/stories", {"text": "Hi"}),
    ("comment", "POST", "/tasks/{task}/addFollowers", {"followers": ["{ann}"]}),
    ("see", "POST", "/tasks/{task}/addFollowers", {"followers": ["me"]}),
    ("see", "POST", "/tasks/{task}/removeFollowers", {"followers": "me"}),
    ("see", "PUT", "/tasks/{task}", {"liked": True}),
    ("see", "PUT", "/tasks/{task}", {}),
    ("see", "PUT", "/stories/{story}", {"liked": True}),
    ("see", "POST", "/tasks/{task}/duplicate", {"include": "notes,subtasks"}),
    ("see", "POST", "/tasks/{mine}/addDependencies", {"dependencies": ["{other}"]}),
    ("see", "POST", "/projects/{project}/duplicate", {"name": "Copy"}),
    ("fill", "DELETE", "/tasks/{task}", {}),
    ("delete", "DELETE", "/projects/{project}", {}),
)
MAY = {
    "admin": {"administer", "customize", "share", "fill", "comment", "see", "delete"},
    "editor": {"customize", "share", "fill", "comment", "see"},
    "commenter": {"comment", "see"},
    "viewer": {"see"},
}


def kind_of(operation: Operation) -> str:
    """The kind of the last row of its path."""
    return operation.path.rpartition("{")[2].partition("_gid}")[0]


@pytest.mark.parametrize("operation", WRITING, ids=[each.id for each in WRITING])
def test_each_operation_names_what_it_does(operation: Operation) -> None:
    declared = KINDS[kind_of(operation)].by_deed
    named = {operation.deed}
    if operation.method == "PUT":
        named = {each.deed or operation.deed for each in operation.body}
    if operation.id in OPEN:
        assert named == {""}, "it no longer belongs to those that are open"
    else:
        assert named <= declared.keys()
    assert operation.freely in ("", *(each.name for each in operation.body))


def test_what_is_asked_of_named_rows_is_declared() -> None:
    asked = {(each.target, each.asks) for operation in OPERATIONS for each in _fields(operation) if each.asks}
    assert {("project", "fill"), ("task", "edit"), ("team", "fill"), ("workspace", "found")} == asked
    assert all(deed in KINDS[kind].by_deed for kind, deed in asked)


def _fields(operation: Operation) -> Iterable[Any]:
    for each in operation.body:
        yield each
        yield from each.fields


async def somebody(world: World, level: str, *, member: bool) -> tuple[Client, dict[str, str]]:
    """A person with a level in a project of bob's, and what there is in it."""
    cal, bob = await a_colleague(world), world.bob
    project = await a_project(bob, world, default_access_level=level)
    if member:
        await bob.post(f"/projects/{project}/addMembers", {"members": [cal.gid]})
        await bob.put(f"/projects/{project}", {"default_access_level": "viewer" if level != "viewer" else "admin"})
    section, empty = (gids_of((await bob.get(f"/projects/{project}/sections")).data)[0]), ""
    empty = await a_section(world, project, "Empty")
    task = (await a_task(bob, world, projects=[project]))["gid"]
    found = {
        "project": project,
        "section": section,
        "empty": empty,
        "task": task,
        "other": (await a_task(bob, world, projects=[project]))["gid"],
        "part": (await bob.post(f"/tasks/{task}/subtasks", {"name": "Part"})).data["gid"],
        "story": (await bob.post(f"/tasks/{task}/stories", {"text": "Words"})).data["gid"],
        "mine": (await a_task(cal, world))["gid"],
        "own": await a_project(cal, world),
        "tag": await a_tag(world),
    }
    return cal, found | {"ann": world.ann.gid, "bob": bob.gid, "gus": world.gus.gid}


def filled(value: Any, names: dict[str, str]) -> Any:
    """The gids in place of their names."""
    if isinstance(value, dict):
        return {key: filled(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, names) for each in value]
    return value.format(**names) if isinstance(value, str) else value


async def ask(client: Client, cell: Cell, names: dict[str, str]) -> Answer:
    """One cell's request."""
    _, method, path, data = cell
    return await client.send(method, path.format(**names), json={"data": filled(data, names)})


def action(cell: Cell, names: dict[str, str]) -> dict[str, Any]:
    """The same in a batch."""
    _, method, path, data = cell
    return {"method": method.lower(), "relative_path": path.format(**names), "data": filled(data, names)}


@pytest.mark.parametrize("member", [True, False], ids=["member", "visitor"])
@pytest.mark.parametrize("level", LEVELS)
async def test_the_table(world: World, level: str, *, member: bool) -> None:
    """What is refused is so singly and in a batch, in the same words; what isn't works."""
    cal, names = await somebody(world, level, member=member)
    refused = [cell for cell in CELLS if cell[0] not in MAY[level]]
    project, task = (f"/projects/{names['project']}", f"/tasks/{names['task']}")
    before = [(await world.bob.get(path)).data for path in (project, task)]
    for start in range(0, len(refused), 10):
        part = refused[start : start + 10]
        results = (await cal.batch(*(action(cell, names) for cell in part))).data
        for cell, result in zip(part, results, strict=True):
            answer = await ask(cal, cell, names)
            assert (answer.status, result["status_code"]) == (403, 403), cell
            assert answer.message.startswith("You do not have permission to "), cell
            assert answer.body == result["body"]
    assert [(await world.bob.get(path)).data for path in (project, task)] == before
    for cell in CELLS:
        if cell[0] in MAY[level]:
            answer = await ask(cal, cell, names)
            assert answer.status < 300, (cell, answer.body)
            if "access_level" in str(cell) or "owner" in cell[3]:
                await world.ann.put(project, {each: before[0][each] for each in before[0] if "access_level" in each})


async def test_minimum_levels_hold_for_editors(world: World) -> None:
    cal, names = await somebody(world, "editor", member=True)
    levels = {"minimum_access_level_for_customization": "admin", "minimum_access_level_for_sharing": "admin"}
    assert (await world.bob.put(f"/projects/{names['project']}", levels)).status == 200
    for cell in CELLS:
        if cell[0] in ("customize", "share"):
            assert (await ask(cal, cell, names)).status == 403, cell
            assert (await ask(world.bob, cell, names)).status < 300, cell
        elif cell[0] == "comment":
            assert (await ask(cal, cell, names)).status < 300, cell


async def test_a_level_is_that_of_the_day_of_joining(world: World) -> None:
    """It ends with the membership; being added again changes nothing."""
    cal, bob = await a_colleague(world), world.bob
    project = await a_project(bob, world, privacy_setting="private", default_access_level="viewer")
    task = (await a_task(bob, world, projects=[project]))["gid"]

    async def edits() -> int:
        return (await cal.put(f"/tasks/{task}", {"name": "N"})).status

    await bob.post(f"/projects/{project}/addMembers", {"members": [cal.gid]})
    assert await edits() == 403
    await bob.put(f"/projects/{project}", {"default_access_level": "editor"})
    await bob.post(f"/projects/{project}/addMembers", {"members": [cal.gid]})
    await cal.post(f"/projects/{project}/addFollowers", {"followers": "me"})
    assert await edits() == 403
    await bob.post(f"/projects/{project}/removeMembers", {"members": [cal.gid]})
    await bob.post(f"/projects/{project}/addMembers", {"members": [cal.gid]})
    assert await edits() == 200


async def test_nobody_raises_their_own_level(world: World) -> None:
    """By leaving and coming back, or by what a copy gives them, a viewer gets no more of the original."""
    cal, names = await somebody(world, "viewer", member=True)
    await world.bob.put(f"/projects/{names['project']}", {"default_access_level": "viewer"})
    project = f"/projects/{names['project']}"
    assert (await cal.post(f"{project}/removeMembers", {"members": ["me"]})).status == 200
    assert (await cal.post(f"{project}/addMembers", {"members": ["me"]})).status == 200
    assert (await cal.put(project, {"name": "N"})).status == 403
    copy = (await cal.post(f"{project}/duplicate", {"name": "Copy", "include": "members,task_projects"})).data
    gid = copy["new_project"]["gid"]
    assert (await cal.put(f"/projects/{gid}", {"minimum_access_level_for_sharing": "admin"})).status == 200
    copies = (await cal.get(f"/projects/{gid}/tasks", opt_fields="memberships.project.gid")).data
    assert {each["project"]["gid"] for task in copies for each in task["memberships"]} == {gid}
    assert (await cal.put(project, {"name": "N"})).status == 403


async def test_nobody_gets_a_level_by_coming_and_going_at_once(world: World) -> None:
    cal, names = await somebody(world, "viewer", member=True)
    project = f"/projects/{names['project']}"
    await world.bob.put(project, {"default_access_level": "viewer"})
    me = {"members": ["me"]}
    for _ in range(6):
        coming = (cal.post(f"{project}/addMembers", me) for _ in range(3))
        going = (cal.post(f"{project}/removeMembers", me) for _ in range(2))
        await asyncio.gather(*going, *coming)
        assert (await cal.put(project, {"name": "N"})).status == 403
        await cal.post(f"{project}/addMembers", me)


async def test_an_assignee_and_a_follower(world: World) -> None:
    cal, bob = await a_colleague(world), world.bob
    project = await a_project(bob, world, default_access_level="commenter", privacy_setting="private")
    assigned = (await a_task(bob, world, projects=[project], assignee=cal.gid))["gid"]
    followed = (await a_task(bob, world, projects=[project], followers=[cal.gid]))["gid"]
    assert (await cal.put(f"/tasks/{assigned}", {"completed": True})).status == 200
    assert (await cal.put(f"/tasks/{followed}", {"completed": True})).status == 403
    assert (await cal.post(f"/tasks/{followed}/stories", {"text": "Hi"})).status == 201
    await bob.put(f"/projects/{project}", {"default_access_level": "editor"})
    assert (await cal.put(f"/tasks/{followed}", {"completed": True})).status == 200
    await bob.put(f"/tasks/{assigned}", {"assignee": None})
    await bob.put(f"/projects/{project}", {"default_access_level": "viewer"})
    for task in (assigned, followed):
        assert (await cal.put(f"/tasks/{task}", {"completed": False})).status == 403
        assert (await cal.post(f"/tasks/{task}/stories", {"text": "Hi"})).status == 403


async def test_of_several_projects_the_one_that_allows_most_counts(world: World) -> None:
    """But not one that the caller doesn't see."""
    cal, bob = await a_colleague(world), world.bob
    closed = await a_project(bob, world, default_access_level="viewer")
    hidden = await a_project(bob, world, privacy_setting="private")
    shared = await a_project(bob, world)
    task = (await a_task(bob, world, projects=[closed, hidden]))["gid"]
    assert (await cal.put(f"/tasks/{task}", {"name": "N"})).status == 403
    assert (await bob.post(f"/tasks/{task}/addProject", {"project": shared})).status == 200
    assert (await cal.put(f"/tasks/{task}", {"name": "N"})).status == 200


async def test_parts_of_a_task(world: World) -> None:
    """As open as what is above, however deep; who sees nothing above may change what they follow."""
    cal, bob = await a_colleague(world), world.bob
    project = await a_project(bob, world, default_access_level="commenter")
    parent = (await a_task(bob, world, projects=[project]))["gid"]
    chain = [parent]
    for _ in range(3):
        chain.append((await bob.post(f"/tasks/{chain[-1]}/subtasks", {"name": "Part"})).data["gid"])
    for task in chain[1:]:
        assert (await cal.post(f"/tasks/{task}/stories", {"text": "Following now"})).status == 201
        assert (await cal.put(f"/tasks/{task}", {"name": "N"})).status == 403
    await bob.put(f"/tasks/{chain[1]}", {"assignee": cal.gid})
    assert [(await cal.put(f"/tasks/{each}", {"name": "N"})).status for each in chain] == [403, 200, 200, 200]
    await bob.put(f"/tasks/{chain[1]}", {"assignee": None})
    await bob.put(f"/projects/{project}", {"privacy_setting": "private"})
    await bob.post(f"/tasks/{parent}/removeFollowers", {"followers": [cal.gid]})
    assert (await cal.put(f"/tasks/{chain[1]}", {"name": "N"})).status == 200


async def test_a_task_of_no_project_is_its_followers(world: World) -> None:
    task = (await a_task(world.bob, world, followers=[world.gus.gid]))["gid"]
    assert (await world.gus.put(f"/tasks/{task}", {"name": "N"})).status == 200
    assert (await world.gus.delete(f"/tasks/{task}")).status == 200


async def test_copies_go_only_where_the_copier_may_put_things(world: World) -> None:
    cal, names = await somebody(world, "commenter", member=False)
    await world.bob.post(f"/tasks/{names['task']}/addProject", {"project": names["own"]})
    await cal.put(f"/projects/{names['own']}", {"privacy_setting": "public_to_workspace"})
    answer = await cal.post(f"/tasks/{names['part']}/duplicate", {"include": "parent"})
    copy = (await cal.get(f"/tasks/{answer.data['new_task']['gid']}")).data
    assert copy["parent"]["gid"] == names["task"]  # cal's own project has it by now
    other = await cal.post(f"/tasks/{names['other']}/duplicate", {"include": "projects"})
    assert (await cal.get(f"/tasks/{other.data['new_task']['gid']}")).data["memberships"] == []
    both = await cal.post(f"/tasks/{names['task']}/duplicate", {"include": "projects"})
    places = (await cal.get(f"/tasks/{both.data['new_task']['gid']}")).data["memberships"]
    assert [each["project"]["gid"] for each in places] == [names["own"]]


async def test_a_copy_of_a_project_leaves_a_team_that_the_copier_cannot_fill(world: World) -> None:
    cal, bob = await a_colleague(world), world.bob
    secret = (await bob.post("/teams", {"name": "Crew", "organization": world.workspace})).data["gid"]
    project = await a_project(bob, world, team=secret, privacy_setting="private_to_team")
    await bob.post(f"/projects/{project}/addMembers", {"members": [cal.gid, world.gus.gid]})
    copy = (await cal.post(f"/projects/{project}/duplicate", {"name": "Copy"})).data["new_project"]["gid"]
    record = (await cal.get(f"/projects/{copy}")).data
    assert (record["team"], record["privacy_setting"]) == (None, "private")
    assert (await bob.get(f"/projects/{copy}")).status == 403
    refused = await world.gus.post(f"/projects/{project}/duplicate", {"name": "Copy"})
    assert (refused.status, refused.message.split(" in ")[0]) == (403, "You do not have permission to create projects")


async def test_what_guests_of_an_organization_may_not(world: World) -> None:
    gus, home = world.gus, world.workspace
    team = (await world.bob.post("/teams", {"name": "Crew", "organization": home})).data["gid"]
    tag = await a_tag(world)
    await world.bob.post(f"/teams/{team}/addUser", {"user": gus.gid})
    for method, path, data in (
        ("POST", "/teams", {"name": "Theirs", "organization": home}),
        ("PUT", f"/teams/{team}", {"name": "Theirs"}),
        ("POST", "/projects", {"name": "Theirs", "workspace": home}),
        ("POST", f"/workspaces/{home}/projects", {"name": "Theirs"}),
        ("PUT", f"/workspaces/{home}", {"name": "Theirs"}),
        ("POST", f"/workspaces/{home}/addUser", {"user": "more@guests.example"}),
        ("POST", f"/workspaces/{home}/removeUser", {"user": world.bob.gid}),
        ("PUT", f"/tags/{tag}", {"name": "Theirs"}),
        ("DELETE", f"/tags/{tag}", {}),
    ):
        answer = await gus.send(method, path, json={"data": data})
        assert answer.status == 403, (method, path)
        assert answer.message.startswith("You do not have permission to "), answer.message
    for path, data in (
        (f"/teams/{team}/projects", {"name": "Ours"}),
        ("/projects", {"name": "Ours", "team": team}),
        ("/tasks", {"name": "Mine", "workspace": home}),
        ("/tags", {"name": "mine", "workspace": home}),
    ):
        assert (await gus.post(path, data)).status == 201, path


async def test_guests_of_a_plain_workspace_make_projects(world: World) -> None:
    await world.eve.post(f"/workspaces/{world.elsewhere}/addUser", {"user": "gus@guests.example"})
    assert (await world.gus.post("/projects", {"name": "P", "workspace": world.elsewhere})).status == 201


async def test_a_team_may_keep_its_content_to_its_admins(world: World) -> None:
    cal, bob = await a_colleague(world), world.bob
    data = {"name": "Crew", "organization": world.workspace, "visibility": "public"}
    team = (await bob.post("/teams", data | {"team_content_management_access_level": "only_team_admins"})).data["gid"]
    await cal.post(f"/teams/{team}/addUser", {"user": "me"})
    own = await a_project(cal, world)
    for method, path, given in (
        ("POST", f"/teams/{team}/projects", {"name": "P"}),
        ("POST", "/projects", {"name": "P", "team": team}),
        ("PUT", f"/projects/{own}", {"team": team}),
    ):
        answer = await cal.send(method, path, json={"data": given})
        words = "You do not have permission to create projects in this team."
        assert (answer.status, answer.message) == (403, words)
    assert (await bob.post(f"/teams/{team}/projects", {"name": "P"})).status == 201


async def test_admins_of_the_workspace_manage_what_they_see(world: World) -> None:
    """And see no more than others do."""
    bob = world.bob
    seen = await a_project(bob, world, minimum_access_level_for_sharing="admin", default_access_level="viewer")
    private = await a_project(bob, world, privacy_setting="private")
    secret = (await bob.post("/teams", {"name": "Crew", "organization": world.workspace})).data["gid"]
    assert (await world.ann.put(f"/projects/{seen}", {"owner": "me"})).status == 200
    assert (await world.ann.delete(f"/projects/{seen}")).status == 200
    for path in (f"/projects/{private}", f"/teams/{secret}"):
        answer = await world.ann.put(path, {"name": "Mine"})
        assert (answer.status, answer.message[:26]) == (403, "You do not have access to ")


async def test_whose_comment_it_is(world: World) -> None:
    task = (await a_task(world.bob, world, followers=[world.ann.gid]))["gid"]
    story = (await world.bob.post(f"/tasks/{task}/stories", {"text": "Mine"})).data["gid"]
    edit = await world.ann.put(f"/stories/{story}", {"text": "Yours"})
    assert (edit.status, edit.message) == (403, "You may only edit comments that you have written.")
    gone = await world.ann.delete(f"/stories/{story}")
    assert (gone.status, gone.message) == (403, "You may only delete stories that you have created.")
    assert (await world.ann.put(f"/stories/{story}", {"is_pinned": True})).status == 200
    assert (await world.bob.get(f"/stories/{story}")).data["text"] == "Mine"


async def test_levels_are_told_to_nobody(world: World) -> None:
    """The lists behind them are in no record, no event and no vocabulary."""
    project = await a_project(world.bob, world, default_access_level="viewer")
    sync = (await world.bob.get("/events", resource=project)).body["sync"]
    await world.bob.post(f"/projects/{project}/addMembers", {"members": [world.ann.gid]})
    events = (await world.bob.get("/events", resource=project, sync=sync)).data
    assert [each["change"]["field"] for each in events] == ["members"]
    shown = await world.bob.get(f"/projects/{project}", opt_fields="viewers.name,admins,name")
    assert shown.data == {"gid": project, "name": "P"}
