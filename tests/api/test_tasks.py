"""Tasks: creating, reading, changing and deleting them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.making import a_project, a_tag, a_task, gids_of
from tests.world import World

UNKNOWN = "1234567890123456"


async def test_a_new_task_has_what_the_official_live_test_asserts(world: World) -> None:
    """Facts, 5.1: the full record's defaults."""
    answer = await world.ann.post("/tasks", {"name": "Buy catnip", "workspace": world.workspace, "assignee": "me"})
    assert answer.status == 201
    task = answer.data
    assert answer.headers["location"] == f"/api/1.0/tasks/{task['gid']}"
    ann = {"gid": world.ann.gid, "resource_type": "user", "name": "Ann Archer"}
    expected: dict[str, Any] = {
        "resource_type": "task",
        "resource_subtype": "default_task",
        "name": "Buy catnip",
        "notes": "",
        "assignee": ann,
        "assignee_status": "inbox",
        "actual_time_minutes": None,
        "completed": False,
        "completed_at": None,
        "completed_by": None,
        "due_at": None,
        "due_on": None,
        "start_at": None,
        "start_on": None,
        "parent": None,
        "liked": False,
        "hearted": False,
        "likes": [],
        "hearts": [],
        "num_likes": 0,
        "num_hearts": 0,
        "followers": [ann],
        "memberships": [],
        "projects": [],
        "tags": [],
        "custom_fields": [],
        "workspace": {"gid": world.workspace, "resource_type": "workspace", "name": "Acme"},
    }
    assert {name: task[name] for name in expected} == expected
    assert task["permalink_url"].startswith("http")
    opt_in = {"dependencies", "dependents", "external", "html_notes", "is_rendered_as_separator", "num_subtasks"}
    assert not opt_in & task.keys()
    assert not {"created_by", "assigned_by", "approval_status"} & task.keys()
    assert (await world.ann.get(f"/tasks/{task['gid']}")).data == task


async def test_a_list_shows_compact_records(world: World) -> None:
    task = await a_task(world.ann, world, assignee="me")
    listed = (await world.ann.get("/tasks", workspace=world.workspace, assignee="me")).data
    assert listed == [
        {"gid": task["gid"], "resource_type": "task", "name": "T", "resource_subtype": "default_task"},
    ]


async def test_fields_that_are_shown_when_named(world: World) -> None:
    task = await a_task(world.ann, world, name="Later:", assignee="me")
    fields = (
        "dependencies,dependents,external,html_notes,is_rendered_as_separator,num_subtasks,created_by.name,assigned_by"
    )
    answer = await world.ann.get(f"/tasks/{task['gid']}", opt_fields=fields)
    assert answer.data == {
        "gid": task["gid"],
        "dependencies": [],
        "dependents": [],
        "external": None,
        "html_notes": "<body></body>",
        "is_rendered_as_separator": True,
        "num_subtasks": 0,
        "created_by": {"gid": world.ann.gid, "name": "Ann Archer"},
        "assigned_by": {"gid": world.ann.gid, "resource_type": "user"},
    }


async def test_fields_on_other_levels(world: World) -> None:
    project = await a_project(world.ann, world)
    task = await a_task(world.ann, world, projects=[project])
    answer = await world.ann.get(
        f"/tasks/{task['gid']}", opt_fields="memberships.(project|section).name, this.followers.email,nonsense"
    )
    assert answer.data == {
        "gid": task["gid"],
        "memberships": [
            {
                "project": {"gid": project, "name": "P"},
                "section": {"gid": task["memberships"][0]["section"]["gid"], "name": "Untitled section"},
            }
        ],
        "followers": [{"gid": world.ann.gid, "email": "ann@acme.example"}],
    }


async def test_the_alias_creates_in_the_workspace_of_the_path(world: World) -> None:
    """The official batch example, facts section 8."""
    action = {
        "relative_path": f"/workspaces/{world.workspace}/tasks",
        "method": "post",
        "data": {"name": "Made via the batch API"},
        "options": {"fields": ["name"]},
    }
    [result] = (await world.ann.batch(action)).data
    assert result["status_code"] == 201
    assert result["body"]["data"].keys() == {"gid", "name"}
    assert result["headers"] == {"location": f"/api/1.0/tasks/{result['body']['data']['gid']}"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"workspace": None}, "You should specify one of workspace, parent, projects"),
        ({"projects": [], "workspace": None}, "You should specify one of workspace, parent, projects"),
        ({"workspace": "we"}, "workspace: Not a recognized ID: we"),
        ({"workspace": UNKNOWN}, f"workspace: Unknown object: {UNKNOWN}"),
        ({"workspace": 5}, "workspace: Not a valid GID type: number"),
        ({"projects": [UNKNOWN]}, f"projects: [0]: Unknown object: {UNKNOWN}"),
        ({"parent": "1010x"}, "parent: Not a recognized ID: 1010x"),
        ({"memberships": [{}]}, "memberships: [0]: project: Missing required field"),
        ({"assignee": "who"}, "assignee: Not a recognized ID: who"),
        ({"assignee": UNKNOWN}, f"assignee: Unknown object: {UNKNOWN}"),
        ({"assignee": 7}, "assignee: Not a valid GID type: number"),
        ({"assignee": "no@body.example"}, "assignee: Not a user in Organization: no@body.example"),
        ({"assignee": "eve@else.example"}, "assignee: Not a user in Organization: eve@else.example"),
        ({"assignee_status": "today"}, "Schedule status shouldn't be set for unassigned tasks"),
        ({"completed": "maybe"}, "completed: Value is not a boolean: maybe"),
        ({"custom_fields": {"77": "x"}}, "Custom field with ID 77 is not on given object"),
        ({"custom_fields": "77"}, "custom_fields: Value is not a JSON object: 77"),
        ({"num_likes": 3}, "num_likes: Cannot write this property"),
        ({"completed_at": None}, "completed_at: Cannot write this property"),
        ({"external": {"gid": "x" * 1_025}}, "external: gid: Value is too long: at most 1024 characters are allowed"),
        (
            {"external": {"data": "x" * 32_769}},
            "external: data: Value is too long: at most 32768 characters are allowed",
        ),
        ({"notes": "a", "html_notes": "<body>a</body>"}, "You may only provide one of notes or html_notes!"),
        ({"html_notes": "<body><b>a</b></body>"}, "html_notes: "),
        (
            {"resource_subtype": "section"},
            "resource_subtype: Value is not one of default_task, milestone, approval: section",
        ),
    ],
)
async def test_a_bad_body_creates_nothing(world: World, values: dict[str, Any], message: str) -> None:
    data = {"name": "T", "workspace": world.workspace, **values}
    answer = await world.ann.post(
        "/tasks", {name: value for name, value in data.items() if value is not None or name != "workspace"}
    )
    assert answer.status == 400
    assert answer.message.startswith(message)
    assert (await world.ann.get("/tasks", workspace=world.workspace, assignee="null")).data == []


async def test_an_assignee_outside_a_plain_workspace(world: World) -> None:
    """The other wording, facts section 3.3; who exists elsewhere is refused like who doesn't."""
    for email in ("bob@acme.example", "no@body.example"):
        answer = await world.eve.post("/tasks", {"workspace": world.elsewhere, "assignee": email})
        assert (answer.status, answer.message) == (400, f"assignee: Not a user in Workspace: {world.elsewhere}")


async def test_the_workspace_follows_from_the_project(world: World) -> None:
    project = await a_project(world.ann, world)
    assert (await a_task(world.ann, world, projects=[project]))["workspace"]["gid"] == world.workspace


async def test_a_foreign_place_is_refused(world: World) -> None:
    project = await a_project(world.ann, world)
    answer = await world.eve.post("/tasks", {"workspace": world.elsewhere, "projects": [project]})
    assert (answer.status, answer.message) == (403, "You do not have access to this project.")
    answer = await world.eve.post("/tasks", {"workspace": world.workspace})
    assert (answer.status, answer.message) == (403, "You do not have access to this workspace.")


async def test_a_task_stays_in_one_workspace(world: World) -> None:
    """Tags and projects of another workspace that the caller knows too."""
    await world.ann.post(f"/workspaces/{world.workspace}/addUser", {"user": "eve@else.example"})
    project, tag = await a_project(world.ann, world), await a_tag(world)
    answer = await world.eve.post("/tasks", {"workspace": world.elsewhere, "tags": [tag]})
    assert answer.message == f"tags: [0]: Not in the task's workspace: {world.elsewhere}"
    answer = await world.eve.post("/tasks", {"workspace": world.elsewhere, "projects": [project]})
    assert answer.status in (400, 403)


async def test_only_those_concerned_see_a_task(world: World) -> None:
    task = await a_task(world.ann, world, assignee=world.bob.gid)
    path = f"/tasks/{task['gid']}"
    assert (await world.bob.get(path)).status == 200
    for outsider in (world.gus, world.eve):
        for answer in (
            await outsider.get(path),
            await outsider.put(path, {"name": "mine"}),
            await outsider.delete(path),
            await outsider.post(f"{path}/addTag", {"tag": "1"}),
        ):
            assert (answer.status, answer.message) == (403, "You do not have access to this task.")
    assert (await world.ann.get(path)).data["name"] == "T"
    assert (await world.ann.post(f"{path}/addFollowers", {"followers": ["gus@guests.example"]})).status == 200
    assert (await world.gus.get(path)).status == 200


async def test_what_is_not_there(world: World) -> None:
    for method in ("get", "delete"):
        answer = await getattr(world.ann, method)(f"/tasks/{UNKNOWN}")
        assert (answer.status, answer.message) == (404, f"task: Not a recognized ID: {UNKNOWN}")


async def test_an_update_leaves_the_rest(world: World) -> None:
    task = await a_task(world.ann, world, notes="keep", due_on="2027-01-02")
    answer = await world.ann.put(f"/tasks/{task['gid']}", {"name": "New", "unheard_of": 1})
    assert answer.status == 200
    assert (answer.data["name"], answer.data["notes"], answer.data["due_on"]) == ("New", "keep", "2027-01-02")
    assert answer.data["modified_at"] > task["modified_at"]


@pytest.mark.parametrize("field", ["projects", "tags", "followers", "memberships", "workspace", "parent", "hearted"])
async def test_what_an_update_may_not_set(world: World, field: str) -> None:
    task = await a_task(world.ann, world)
    answer = await world.ann.put(f"/tasks/{task['gid']}", {"name": "New", field: []})
    assert (answer.status, answer.message) == (400, f"{field}: Cannot write this property")
    assert (await world.ann.get(f"/tasks/{task['gid']}")).data == task


async def test_two_callers_changing_different_fields_both_win(world: World) -> None:
    task = await a_task(world.ann, world, assignee=world.bob.gid)
    path = f"/tasks/{task['gid']}"
    await asyncio.gather(
        world.ann.put(path, {"name": "A"}),
        world.bob.put(path, {"notes": "B"}),
        world.ann.put(path, {"due_on": "2027-05-05"}),
        world.bob.put(path, {"completed": True}),
        world.ann.put(path, {"assignee": "me"}),
        world.bob.put(path, {"liked": True}),
    )
    after = (await world.ann.get(path)).data
    assert (after["name"], after["notes"], after["due_on"], after["completed"]) == ("A", "B", "2027-05-05", True)
    assert after["assignee"]["gid"] == world.ann.gid
    assert after["completed_by"]["gid"] == world.bob.gid
    assert after["num_likes"] == 1


async def test_notes_and_html_notes_say_the_same(world: World) -> None:
    task = await a_task(world.ann, world, html_notes="<body>Hi <strong>you</strong></body>")
    assert task["notes"] == "Hi you"
    answer = await world.ann.put(f"/tasks/{task['gid']}", {"notes": "a < b"}, opt_fields="notes,html_notes")
    assert (answer.data["notes"], answer.data["html_notes"]) == ("a < b", "<body>a &lt; b</body>")


@pytest.mark.parametrize("field", ["notes", "html_notes"])
async def test_null_clears_the_notes(world: World, field: str) -> None:
    """Facts, section 12."""
    task = await a_task(world.ann, world, notes="gone soon")
    answer = await world.ann.put(f"/tasks/{task['gid']}", {field: None}, opt_fields="notes,html_notes")
    assert (answer.data["notes"], answer.data["html_notes"]) == ("", "<body></body>")


async def test_a_mention_is_written_out(world: World) -> None:
    html = f'<body><a data-asana-gid="{world.bob.gid}"/></body>'
    task = await a_task(world.ann, world, html_notes=html)
    shown = (await world.ann.get(f"/tasks/{task['gid']}", opt_fields="html_notes")).data["html_notes"]
    assert "@Bob Baker</a>" in shown


async def test_likes_are_each_callers_own(world: World) -> None:
    task = await a_task(world.ann, world, assignee=world.bob.gid, liked=True)
    path = f"/tasks/{task['gid']}"
    assert (task["liked"], task["num_likes"], task["hearted"]) == (True, 1, True)
    assert [each["user"]["gid"] for each in task["likes"]] == [world.ann.gid]
    both = (await world.bob.put(path, {"liked": True})).data
    assert (both["liked"], both["num_hearts"]) == (True, 2)
    assert (await world.bob.put(path, {"liked": True})).data["num_likes"] == 2
    left = (await world.ann.put(path, {"liked": False})).data
    assert (left["liked"], left["num_likes"]) == (False, 1)
    assert (await world.bob.get(path)).data["liked"] is True


async def test_an_external_id_names_the_task(world: World) -> None:
    task = await a_task(world.ann, world, external={"gid": "my-1", "data": "blob"})
    assert task["external"] == {"gid": "my-1", "data": "blob"}
    assert (await world.ann.get("/tasks/external:my-1")).data == task
    renamed = await world.ann.put("/tasks/external:my-1", {"external": {"data": "other"}})
    assert renamed.data["external"] == {"gid": "my-1", "data": "other"}
    answer = await world.ann.post("/tasks", {"workspace": world.workspace, "external": {"gid": "my-1"}})
    assert (answer.status, answer.message) == (400, "external: gid: Another task has this id: my-1")
    gone = await world.ann.put("/tasks/external:my-1", {"external": None})
    assert "external" not in gone.data
    assert (await world.ann.get("/tasks/external:my-1")).status == 404
    await a_task(world.ann, world, external={"gid": "my-1"})


async def test_external_ids_of_another_workspace_are_not_in_the_way(world: World) -> None:
    """Nor is it told that they are there, elsewhere or of a task that is hidden."""
    hidden = await a_task(world.ann, world, external={"gid": "my-1"})
    for client in (world.eve, world.bob):
        for ident in ("my-1", "my-2"):
            unknown = await client.get(f"/tasks/external:{ident}")
            assert (unknown.status, unknown.message) == (404, f"task: Not a recognized ID: external:{ident}")
    theirs = await world.eve.post("/tasks", {"workspace": world.elsewhere, "external": {"gid": "my-1"}})
    assert (await world.eve.get("/tasks/external:my-1")).data == theirs.data
    assert (await world.ann.get("/tasks/external:my-1")).data == hidden


async def test_two_callers_claiming_one_external_id(world: World) -> None:
    answers = await asyncio.gather(
        *(world.ann.post("/tasks", {"workspace": world.workspace, "external": {"gid": "one"}}) for _ in range(4))
    )
    assert sorted(each.status for each in answers) == [201, 400, 400, 400]


async def test_followers_on_create(world: World) -> None:
    task = await a_task(world.ann, world, followers=["bob@acme.example", world.gus.gid], assignee=world.bob.gid)
    assert sorted(gids_of(task["followers"])) == sorted([world.ann.gid, world.bob.gid, world.gus.gid])


async def test_followers_are_added_and_removed(world: World) -> None:
    path = f"/tasks/{(await a_task(world.ann, world))['gid']}"
    added = await world.ann.post(f"{path}/addFollowers", {"followers": [world.bob.gid, "me"]})
    assert sorted(gids_of(added.data["followers"])) == sorted([world.ann.gid, world.bob.gid])
    removed = await world.bob.post(f"{path}/removeFollowers", {"followers": ["me", world.gus.gid]})
    assert removed.status == 404 or gids_of(removed.data["followers"]) == [world.ann.gid]
    assert gids_of((await world.ann.get(path)).data["followers"]) == [world.ann.gid]
    answer = await world.ann.post(f"{path}/addFollowers", {})
    assert (answer.status, answer.message) == (400, "followers: Missing input")


async def test_tags_are_put_on_and_taken_off(world: World) -> None:
    tag, other = await a_tag(world), await a_tag(world, "later")
    task = await a_task(world.ann, world, tags=[tag])
    path = f"/tasks/{task['gid']}"
    assert task["tags"] == [{"gid": tag, "resource_type": "tag", "name": "urgent"}]
    for _ in range(2):
        answer = await world.ann.post(f"{path}/addTag", {"tag": other})
        assert (answer.status, answer.data) == (200, {})
    assert gids_of((await world.ann.get(path)).data["tags"]) == [tag, other]
    for _ in range(2):
        answer = await world.ann.post(f"{path}/removeTag", {"tag": tag})
        assert (answer.status, answer.data) == (200, {})
    assert gids_of((await world.ann.get(path)).data["tags"]) == [other]
    answer = await world.ann.post(f"{path}/addTag", {})
    assert (answer.status, answer.message) == (400, "tag: Missing input")


async def test_a_deleted_task_is_gone_with_its_subtasks(world: World) -> None:
    top = await a_task(world.ann, world)
    child = await a_task(world.ann, world, parent=top["gid"])
    below = await a_task(world.ann, world, parent=child["gid"])
    answer = await world.ann.delete(f"/tasks/{top['gid']}")
    assert (answer.status, answer.data) == (200, {})
    for gone in (top, child, below):
        answer = await world.ann.get(f"/tasks/{gone['gid']}")
        assert (answer.status, answer.message) == (404, f"task: Not a recognized ID: {gone['gid']}")


async def test_a_batch_of_tasks_answers_in_order(world: World) -> None:
    task = await a_task(world.ann, world)
    path = f"/tasks/{task['gid']}"
    results = (
        await world.ann.batch(
            {"relative_path": path, "method": "get", "options": {"fields": ["name"]}},
            {"relative_path": "/tasks", "method": "post", "data": {"name": "lost"}},
            {"relative_path": path, "method": "put", "data": {"notes": "n"}, "options": {"fields": ["notes"]}},
            {"relative_path": f"/tasks/{UNKNOWN}", "method": "delete"},
        )
    ).data
    assert [each["status_code"] for each in results] == [200, 400, 200, 404]
    assert results[2]["body"] == {"data": {"gid": task["gid"], "notes": "n"}}
