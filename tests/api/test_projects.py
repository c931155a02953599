"""Projects: making, changing, sharing, listing and deleting them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world import Client, World

from batchwright.resources.tasks.kind import MEMBERSHIP, TASK
from batchwright.resources.team_memberships import TEAM_MEMBERSHIP
from batchwright.resources.teams import TEAM


async def new(client: Client, world: World, **values: Any) -> dict[str, Any]:
    """A project of the client's in the organization."""
    answer = await client.post("/projects", {"name": "P", "workspace": world.workspace, **values})
    assert answer.status == 201, answer.body
    data: dict[str, Any] = answer.data
    return data


def gids(records: list[dict[str, Any]]) -> list[str]:
    """Their gids."""
    return [each["gid"] for each in records]


async def team(world: World, name: str = "Design", **values: Any) -> str:
    """A team of the organization."""
    return await world.make(TEAM, **{"name": name, "organization": world.workspace, "visibility": "public"} | values)


async def test_a_new_project_has_what_the_recorded_one_has(world: World) -> None:
    """Facts, 5.1: the full record on create, and its defaults."""
    answer = await world.ann.post("/projects", {"name": "Launch", "workspace": world.workspace})
    assert answer.status == 201
    made = answer.data
    assert answer.headers["location"] == f"/api/1.0/projects/{made['gid']}"
    ann = {"gid": world.ann.gid, "resource_type": "user", "name": "Ann Archer"}
    workspace = {"gid": world.workspace, "resource_type": "workspace", "name": "Acme"}
    expected = {
        "resource_type": "project",
        "owner": ann,
        "members": [ann],
        "followers": [ann],
        "due_date": None,
        "due_on": None,
        "start_on": None,
        "current_status": None,
        "current_status_update": None,
        "public": True,
        "privacy_setting": "public_to_workspace",
        "name": "Launch",
        "notes": "",
        "archived": False,
        "workspace": workspace,
        "team": None,
        "default_view": "list",
        "default_access_level": "editor",
        "minimum_access_level_for_customization": "editor",
        "minimum_access_level_for_sharing": "editor",
        "completed": False,
        "completed_at": None,
        "completed_by": None,
        "custom_fields": [],
        "custom_field_settings": [],
        "color": None,
        "icon": "list",
    }
    assert {name: made[name] for name in expected} == expected
    assert set(made) - set(expected) == {"gid", "created_at", "modified_at", "permalink_url"}
    assert (await world.ann.get(f"/projects/{made['gid']}")).data == made
    sections = (await world.ann.get("/projects/" + made["gid"] + "/sections")).data
    assert [each["name"] for each in sections] == ["Untitled section"]


async def test_the_three_ways_to_make_one_agree(world: World) -> None:
    """The path's workspace or team stands for the field; a team brings its workspace."""
    design = await team(world)
    at_home = (await world.ann.post(f"/workspaces/{world.workspace}/projects", {"name": "A"})).data
    of_team = (await world.ann.post(f"/teams/{design}/projects", {"name": "B"})).data
    by_team = (await world.ann.post("/projects", {"name": "C", "team": design})).data
    assert {each["workspace"]["gid"] for each in (at_home, of_team, by_team)} == {world.workspace}
    assert of_team["team"]["gid"] == by_team["team"]["gid"] == design
    alone = await world.eve.post("/projects", {"name": "Mine", "workspace": world.elsewhere})
    assert alone.data["owner"]["gid"] == world.eve.gid


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"workspace": None}, "workspace: Not a valid GID type: null"),
        ({"workspace": "12"}, "workspace: Unknown object: 12"),
        ({"workspace": 12}, "workspace: Not a valid GID type: number"),
        ({"completed": True}, "completed: Cannot write this property"),
        ({"members": []}, "members: Cannot write this property"),
        ({"due_on": "soon"}, "due_on: Date must be in ISO-8601 (yyyy-mm-dd) format, not: soon"),
        ({"start_on": "2026-03-01"}, "start_on: You must also provide due_on when setting or unsetting start_on"),
        ({"start_on": "2026-03-01", "due_on": "2026-03-01"}, "start_on: The start date must be before the due date"),
        (
            {"privacy_setting": "private_to_team"},
            "privacy_setting: A project without a team cannot be private to a team",
        ),
        ({"custom_fields": {"77": "x"}}, "Custom field with ID 77 is not on given object"),
        ({"html_notes": "<body>open"}, None),
        ({"html_notes": '<body><a data-asana-gid="12"/></body>'}, None),
    ],
)
async def test_a_bad_body_makes_nothing(world: World, values: dict[str, Any], message: str | None) -> None:
    """400, saying why."""
    answer = await world.ann.post("/projects", {"name": "P", "workspace": world.workspace, **values})
    assert answer.status == 400
    assert message is None or answer.message == message
    assert message or answer.message.startswith("html_notes: ")
    assert (await world.ann.get("/projects")).data == []


async def test_what_is_elsewhere_cannot_be_named(world: World) -> None:
    """A workspace must be named, and be one's own; so must people be known."""
    assert (await world.ann.post("/projects", {"name": "P"})).message == "workspace: Missing input"
    answer = await world.ann.post("/projects", {"name": "P", "workspace": world.elsewhere})
    assert (answer.status, answer.message) == (403, "You do not have access to this workspace.")
    answer = await world.ann.post("/projects", {"workspace": world.workspace, "owner": world.eve.gid})
    assert answer.status == 403


async def test_rich_and_plain_notes_say_the_same(world: World) -> None:
    """Whichever is written, the other follows; html_notes is shown only when named."""
    made = await new(world.ann, world, html_notes="<body><strong>Hi</strong> there</body>")
    assert made["notes"] == "Hi there"
    assert "html_notes" not in made
    changed = await world.ann.put(f"/projects/{made['gid']}", {"notes": "a < b"}, opt_fields="html_notes")
    assert changed.data["html_notes"] == "<body>a &lt; b</body>"
    empty = await new(world.ann, world)
    assert (await world.ann.get(f"/projects/{empty['gid']}", opt_fields="html_notes")).data["html_notes"] == (
        "<body></body>"
    )


async def test_a_mention_is_shown_to_each_as_they_may_see_it(world: World) -> None:
    """Facts, 12: without access only a private link is left."""
    hidden = await new(world.ann, world, name="Secret", public=False)
    notes = f'<body>see <a data-asana-gid="{hidden["gid"]}"/></body>'
    made = await new(world.ann, world, html_notes=notes)
    path = f"/projects/{made['gid']}"
    assert "Secret" in (await world.ann.get(path, opt_fields="html_notes")).data["html_notes"]
    shown = (await world.bob.get(path, opt_fields="html_notes")).data["html_notes"]
    assert "Secret" not in shown
    assert "Private Link" in shown
    refused = await world.bob.put(path, {"html_notes": notes})
    assert refused.status == 400


async def test_public_and_privacy_setting_are_one(world: World) -> None:
    """Either sets the other."""
    design = await team(world)
    loose, close = await new(world.ann, world, public=False), await new(world.ann, world, public=False, team=design)
    assert (loose["privacy_setting"], close["privacy_setting"]) == ("private", "private_to_team")
    path = f"/projects/{close['gid']}"
    assert (await world.ann.put(path, {"public": True})).data["privacy_setting"] == "public_to_workspace"
    assert (await world.ann.put(path, {"public": False})).data["privacy_setting"] == "private_to_team"
    assert (await world.ann.put(path, {"privacy_setting": "private"})).data["public"] is False
    assert (await world.ann.put(path, {"public": False})).data["privacy_setting"] == "private"
    await world.ann.put(path, {"privacy_setting": "private_to_team"})
    assert (await world.ann.put(path, {"team": None})).data["privacy_setting"] == "private"


async def test_due_date_is_due_on(world: World) -> None:
    """Both are written and read."""
    made = await new(world.ann, world, due_date="2026-05-01")
    assert (made["due_on"], made["due_date"]) == ("2026-05-01", "2026-05-01")
    changed = (await world.ann.put(f"/projects/{made['gid']}", {"due_on": "2026-06-01"})).data
    assert changed["due_date"] == "2026-06-01"


async def test_a_start_needs_a_due_date(world: World) -> None:
    """The contract: due_on is in the request that sets or unsets start_on; taking due_on away takes start_on along."""
    made = await new(world.ann, world, due_on="2026-05-10", start_on="2026-05-01")
    path = f"/projects/{made['gid']}"
    needs = "start_on: You must also provide due_on when setting or unsetting start_on"
    assert (await world.ann.put(path, {"start_on": None})).message == needs
    assert (await world.ann.put(path, {"start_on": "2026-05-02"})).message == needs
    early = await world.ann.put(path, {"due_on": "2026-04-30"})
    assert early.message == "start_on: The start date must be before the due date"
    later = (await world.ann.put(path, {"start_on": "2026-05-03", "due_on": "2026-05-10"})).data
    assert later["start_on"] == "2026-05-03"
    none = (await world.ann.put(path, {"due_on": None})).data
    assert (none["start_on"], none["due_on"]) == (None, None)


async def test_a_new_owner_becomes_a_member(world: World) -> None:
    """The creator stays."""
    made = await new(world.ann, world)
    changed = (await world.ann.put(f"/projects/{made['gid']}", {"owner": "bob@acme.example"})).data
    assert changed["owner"]["gid"] == world.bob.gid
    assert gids(changed["members"]) == [world.ann.gid, world.bob.gid]
    assert gids(changed["followers"]) == [world.ann.gid]
    assert (await world.ann.put(f"/projects/{made['gid']}", {"owner": None})).data["owner"] is None


async def test_what_is_not_named_stays(world: World) -> None:
    """PUT changes what it names; the workspace never."""
    made = await new(world.ann, world, notes="n", color="light-green")
    path = f"/projects/{made['gid']}"
    changed = (await world.ann.put(path, {"archived": True, "unknown": 1})).data
    assert (changed["archived"], changed["notes"], changed["color"]) == (True, "n", "light-green")
    refused = await world.ann.put(path, {"workspace": world.workspace})
    assert (refused.status, refused.message) == (400, "workspace: Cannot write this property")
    assert (await world.ann.put(path, {"color": "puce"})).status == 400
    assert (await world.ann.get(path)).data["color"] == "light-green"


async def test_followers_are_members_and_leave_with_them(world: World) -> None:
    """The contract's addFollowers, removeFollowers, addMembers, removeMembers; lists come as text or as lists."""
    path = f"/projects/{(await new(world.ann, world))['gid']}"
    added = (await world.ann.post(f"{path}/addFollowers", {"followers": f"{world.bob.gid}, {world.gus.gid}"})).data
    assert gids(added["members"]) == gids(added["followers"]) == [world.ann.gid, world.bob.gid, world.gus.gid]
    fewer = (await world.ann.post(f"{path}/removeFollowers", {"followers": [world.bob.gid]})).data
    assert gids(fewer["followers"]) == [world.ann.gid, world.gus.gid]
    assert world.bob.gid in gids(fewer["members"])
    gone = (await world.ann.post(f"{path}/removeMembers", {"members": [world.gus.gid]})).data
    assert gids(gone["followers"]) == [world.ann.gid]
    assert (await world.ann.post(f"{path}/addMembers", {"members": "me"})).status == 200
    missing = await world.ann.post(f"{path}/addMembers")
    assert (missing.status, missing.message) == (400, "members: Missing input")


async def test_only_colleagues_join(world: World) -> None:
    """Who isn't in the workspace is refused."""
    both = await world.eve.post("/projects", {"name": "Eve's", "workspace": world.elsewhere})
    answer = await world.eve.post(f"/projects/{both.data['gid']}/addMembers", {"members": [world.ann.gid]})
    assert answer.status == 403


async def test_who_sees_a_project(world: World) -> None:
    """Members, the owner, employees where it is public, team members where it is private to the team."""
    design = await team(world)
    open_, closed = await new(world.ann, world), await new(world.ann, world, public=False)
    of_team = await new(world.ann, world, public=False, team=design)
    assert gids((await world.bob.get("/projects")).data) == [open_["gid"]]
    assert (await world.gus.get("/projects")).data == []
    for client in (world.bob, world.gus, world.eve):
        refused = await client.get(f"/projects/{closed['gid']}")
        assert (refused.status, refused.message) == (403, "You do not have access to this project.")
    await world.make(TEAM_MEMBERSHIP, user=world.bob.gid, team=design)
    assert gids((await world.bob.get("/projects")).data) == [open_["gid"], of_team["gid"]]
    await world.ann.post(f"/projects/{closed['gid']}/addMembers", {"members": [world.gus.gid]})
    assert gids((await world.gus.get("/projects")).data) == [closed["gid"]]
    unknown = await world.ann.get("/projects/1206761664935512")
    assert (unknown.status, unknown.message) == (404, "project: Not a recognized ID: 1206761664935512")


async def test_lists_filter_and_page(world: World) -> None:
    """By workspace, team and archived; pages follow each other."""
    design = await team(world)
    plain, old = await new(world.ann, world), await new(world.ann, world, archived=True)
    teams = await new(world.ann, world, team=design)
    every = [plain["gid"], old["gid"], teams["gid"]]
    assert gids((await world.ann.get("/projects", workspace=world.workspace)).data) == every
    assert gids((await world.ann.get("/projects", archived="false")).data) == [plain["gid"], teams["gid"]]
    assert gids((await world.ann.get("/projects", archived="True")).data) == [old["gid"]]
    assert gids((await world.ann.get("/projects", team=design)).data) == [teams["gid"]]
    assert gids((await world.ann.get(f"/teams/{design}/projects", archived=False)).data) == [teams["gid"]]
    path = f"/workspaces/{world.workspace}/projects"
    first = await world.ann.get(path, limit=2)
    assert gids(first.data) == every[:2]
    second = await world.ann.get(path, limit=2, offset=first.body["next_page"]["offset"])
    assert gids(second.data) == every[2:]
    assert second.body["next_page"] is None
    assert first.data[0] == {"gid": plain["gid"], "resource_type": "project", "name": "P"}


async def test_a_page_needs_a_workspace_or_team(world: World) -> None:
    """Facts, 3.3."""
    answer = await world.ann.get("/projects", limit=1)
    assert (answer.status, answer.message) == (400, "Need to specify a workspace or team to paginate!")
    assert (await world.eve.get("/projects", workspace=world.workspace)).status == 403


async def task_in(world: World, *projects: dict[str, Any], **values: Any) -> str:
    """A task in the first section of each project."""
    task = await world.make(TASK, **{"name": "T", "workspace": world.workspace} | values)
    for project in projects:
        section = (await world.ann.get(f"/projects/{project['gid']}/sections")).data[0]["gid"]
        await world.make(MEMBERSHIP, task=task, project=project["gid"], section=section, rank="m")
    return task


async def test_the_projects_of_a_task_are_those_one_sees(world: World) -> None:
    """GET /tasks/{gid}/projects."""
    open_, closed = await new(world.ann, world), await new(world.ann, world, public=False)
    task = await task_in(world, open_, closed)
    assert gids((await world.ann.get(f"/tasks/{task}/projects")).data) == [open_["gid"], closed["gid"]]
    assert gids((await world.bob.get(f"/tasks/{task}/projects")).data) == [open_["gid"]]
    assert (await world.eve.get(f"/tasks/{task}/projects")).status == 403


async def test_deleting_a_project_leaves_its_tasks(world: World) -> None:
    """Only the memberships and the sections go."""
    made = await new(world.ann, world)
    section = (await world.ann.get(f"/projects/{made['gid']}/sections")).data[0]["gid"]
    task = await task_in(world, made, assignee=world.ann.gid)
    assert (await world.eve.delete(f"/projects/{made['gid']}")).status == 403
    answer = await world.ann.delete(f"/projects/{made['gid']}")
    assert (answer.status, answer.data) == (200, {})
    assert (await world.ann.get(f"/projects/{made['gid']}")).status == 404
    assert (await world.ann.get(f"/sections/{section}")).status == 404
    assert (await world.ann.get(f"/tasks/{task}", opt_fields="projects,memberships")).data == {
        "gid": task,
        "projects": [],
        "memberships": [],
    }


async def test_counts_are_shown_when_named(world: World) -> None:
    """The contract's getTaskCountsForProject: nothing by default; milestones are tasks too."""
    made = await new(world.ann, world)
    path = f"/projects/{made['gid']}/task_counts"
    assert (await world.ann.get(path, opt_fields="num_tasks")).data == {"num_tasks": 0}
    for completed, subtype in ((False, "default_task"), (True, "default_task"), (True, "milestone")):
        await task_in(world, made, completed=completed, resource_subtype=subtype)
    assert (await world.ann.get(path)).data == {}
    every = "num_tasks,num_incomplete_tasks,num_completed_tasks"
    assert (await world.ann.get(path, opt_fields=f"this.{every},nothing")).data == {
        "num_tasks": 3,
        "num_incomplete_tasks": 1,
        "num_completed_tasks": 2,
    }
    milestones = every.replace("tasks", "milestones")
    assert (await world.ann.get(path, opt_fields=milestones)).data == {
        "num_milestones": 1,
        "num_incomplete_milestones": 0,
        "num_completed_milestones": 1,
    }
    assert (await world.gus.get(path, opt_fields=every)).status == 403


async def test_a_batch_does_the_same(world: World) -> None:
    """Actions are answered like requests of their own."""
    answer = await world.ann.batch(
        {"relative_path": "/projects", "method": "post", "data": {"name": "A", "workspace": world.workspace}},
        {"relative_path": f"/workspaces/{world.workspace}/projects", "method": "post", "data": {"name": "B"}},
        {"relative_path": "/projects", "method": "get", "options": {"limit": 1}},
    )
    first, second, third = answer.data
    assert (first["status_code"], second["status_code"], third["status_code"]) == (201, 201, 400)
    assert first["headers"] == {"location": f"/api/1.0/projects/{first['body']['data']['gid']}"}


async def test_updates_of_different_fields_both_win(world: World) -> None:
    """Ten at once, some of which depend on what they read."""
    path = f"/projects/{(await new(world.ann, world, due_on='2026-05-10'))['gid']}"
    bodies = [{"public": False}, {"due_on": "2026-07-01"}, {"name": "Q"}, {"archived": True}, {"notes": "n"}]
    actions = [{"relative_path": path, "method": "put", "data": data} for data in bodies]
    assert {each["status_code"] for each in (await world.ann.batch(*actions)).data} == {200}
    got = (await world.ann.get(path)).data
    expected = {"public": False, "due_on": "2026-07-01", "name": "Q", "archived": True, "notes": "n"}
    assert {name: got[name] for name in expected} == expected
