"""Workspaces: seen by their members, joined by invitation, left without a trace."""

from __future__ import annotations

import asyncio

import pytest
from tests.world import Client, World

from batchwright.resources.projects.kind import PROJECT
from batchwright.resources.tasks.kind import TASK
from batchwright.resources.team_memberships import TEAM_MEMBERSHIP
from batchwright.resources.teams import TEAM
from batchwright.resources.workspace_memberships import WORKSPACE_MEMBERSHIP

NEW = "new.person@acme.example"


async def members(world: World, client: Client) -> dict[str, str]:
    """Names and gids of the people of the organization."""
    return {each["name"]: each["gid"] for each in (await client.get(f"/workspaces/{world.workspace}/users")).data}


async def test_members_see_their_workspaces_and_no_others(world: World) -> None:
    """GET /workspaces."""
    answer = await world.bob.get("/workspaces")
    assert answer.data == [{"gid": world.workspace, "resource_type": "workspace", "name": "Acme"}]
    assert (await world.eve.get(f"/workspaces/{world.workspace}")).status == 403


async def test_a_limited_list_ends_with_null(world: World) -> None:
    """The page that follows is null, not absent."""
    answer = await world.ann.get("/workspaces", limit=1)
    assert answer.body["next_page"] is None


async def test_the_full_record(world: World) -> None:
    assert (await world.gus.get(f"/workspaces/{world.workspace}")).data == {
        "gid": world.workspace,
        "resource_type": "workspace",
        "name": "Acme",
        "email_domains": ["acme.example"],
        "is_organization": True,
    }


async def test_the_workspaces_of_a_user_are_those_in_common(world: World) -> None:
    """An alias route that the docs of Asana still show (facts, section 1)."""
    await world.make(WORKSPACE_MEMBERSHIP, user=world.bob.gid, workspace=world.elsewhere)
    both = [world.workspace, world.elsewhere]
    assert [each["gid"] for each in (await world.bob.get("/users/me/workspaces")).data] == both
    assert [each["gid"] for each in (await world.ann.get(f"/users/{world.bob.gid}/workspaces")).data] == both[:1]
    first = await world.bob.get("/users/me/workspaces", limit=1)
    second = await world.bob.get("/users/me/workspaces", limit=1, offset=first.body["next_page"]["offset"])
    assert [each["gid"] for page in (first, second) for each in page.data] == both
    assert second.body["next_page"] is None


async def test_renaming(world: World) -> None:
    path = f"/workspaces/{world.workspace}"
    assert (await world.ann.put(path, {"name": "Acme & Co"})).data["name"] == "Acme & Co"
    assert (await world.bob.put(path, {"name": "Bobs"})).status == 403
    assert (await world.ann.put(path, {"name": " "})).message == "name: Missing input"
    assert (await world.ann.put(path, {"name": None})).status == 400
    refused = await world.ann.put(path, {"is_organization": False})
    assert (refused.status, refused.message) == (400, "is_organization: Cannot write this property")
    assert (await world.bob.get(path)).data["name"] == "Acme & Co"
    assert (await world.eve.put(path, {"name": "Mine"})).status == 403
    assert (await world.eve.put(f"/workspaces/{world.elsewhere}", {"name": "Here"})).data["name"] == "Here"


async def test_an_unknown_address_is_an_invitation(world: World) -> None:
    """Within the organization's domains as a member, from elsewhere as a guest."""
    path = f"/workspaces/{world.workspace}"
    answer = await world.bob.post(f"{path}/addUser", {"user": "New.Person@Acme.example"})
    assert answer.status == 200
    assert answer.data["name"] == "New.Person"
    assert answer.data["email"] == NEW
    assert "photo" in answer.data
    guest = await world.bob.post(f"{path}/addUser", {"user": "friend@outside.example"})
    for user, is_guest in ((answer.data, False), (guest.data, True)):
        (place,) = (
            await world.ann.get(
                f"{path}/workspace_memberships", user=user["gid"], opt_fields="is_guest,is_admin,is_active"
            )
        ).data
        assert place | {"gid": ""} == {"gid": "", "is_guest": is_guest, "is_admin": False, "is_active": True}


async def test_adding_somebody_twice_changes_nothing(world: World) -> None:
    path = f"/workspaces/{world.workspace}/addUser"
    answers = await asyncio.gather(*(world.ann.post(path, {"user": NEW}) for _ in range(4)))
    assert len({each.data["gid"] for each in answers}) == 1
    assert (await world.ann.post(path, {"user": "me"})).data["gid"] == world.ann.gid
    assert sorted(await members(world, world.ann)) == ["Ann Archer", "Bob Baker", "Gus Green", "new.person"]


async def test_strangers_are_added_by_address_but_not_by_gid(world: World) -> None:
    path = f"/workspaces/{world.workspace}/addUser"
    refused = await world.ann.post(path, {"user": world.eve.gid})
    assert (refused.status, refused.message) == (403, "You do not have access to this user.")
    assert (await world.ann.post(path, {"user": "eve@else.example"})).data["gid"] == world.eve.gid
    assert world.workspace in [each["gid"] for each in (await world.eve.get("/workspaces")).data]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "user: Missing input"),
        ({"user": None}, "user: Missing input"),
        ({"user": ""}, "user: Missing input"),
        ({"user": 17}, "user: Not a valid GID type: number"),
        ({"user": "17"}, "user: Unknown object: 17"),
        ({"user": "somebody"}, "user: Not a recognized ID: somebody"),
        ({"user": "two words@acme.example"}, "user: Not a recognized ID: two words@acme.example"),
        ({"user": "@"}, "user: Not a recognized ID: @"),
        ({"user": "a\0@b"}, "user: Not a recognized ID: a\0@b"),
    ],
)
async def test_nobody_is_added_by_nonsense(world: World, data: object, message: str) -> None:
    before = await members(world, world.ann)
    answer = await world.ann.post(f"/workspaces/{world.workspace}/addUser", data)
    assert (answer.status, answer.message) == (400, message)
    assert await members(world, world.ann) == before


async def test_who_may_add(world: World) -> None:
    path = f"/workspaces/{world.workspace}/addUser"
    assert (await world.gus.post(path, {"user": NEW})).status == 403
    assert (await world.eve.post(path, {"user": "eve@else.example"})).status == 403
    assert NEW.split("@")[0] not in await members(world, world.ann)


async def test_who_may_remove(world: World) -> None:
    path = f"/workspaces/{world.workspace}/removeUser"
    assert (await world.bob.post(path, {"user": world.gus.gid})).status == 403
    assert (await world.eve.post(path, {"user": world.gus.gid})).status == 403
    elsewhere = await world.eve.post(f"/workspaces/{world.elsewhere}/removeUser", {"user": world.gus.gid})
    assert elsewhere.status == 403
    answer = await world.ann.post(path, {"user": "gus@guests.example"})
    assert (answer.status, answer.body) == (200, {"data": {}})
    assert (await world.bob.post(path, {"user": "me"})).body == {"data": {}}
    assert list(await members(world, world.ann)) == ["Ann Archer"]
    for client in (world.bob, world.gus):
        assert (await client.get("/workspaces")).data == []
        assert (await client.get(f"/workspaces/{world.workspace}")).status == 403


async def test_the_only_admin_stays(world: World) -> None:
    path = f"/workspaces/{world.workspace}/removeUser"
    refused = await world.ann.post(path, {"user": "me"})
    assert (refused.status, refused.message) == (400, "user: The only admin of a workspace can't be removed from it")
    assert (await world.ann.post(path, {"user": "nobody@acme.example"})).status == 400
    await world.make(WORKSPACE_MEMBERSHIP, user=world.eve.gid, workspace=world.workspace, is_admin=True)
    both = await asyncio.gather(
        world.ann.post(path, {"user": world.eve.gid}), world.eve.post(path, {"user": world.ann.gid})
    )
    assert sorted(each.status for each in both) == [200, 403]


async def test_removing_somebody_of_another_workspace(world: World) -> None:
    await world.make(WORKSPACE_MEMBERSHIP, user=world.bob.gid, workspace=world.elsewhere)
    answer = await world.ann.post(f"/workspaces/{world.workspace}/removeUser", {"user": world.eve.gid})
    assert answer.status == 403
    answer = await world.eve.post(f"/workspaces/{world.elsewhere}/removeUser", {"user": world.bob.gid})
    assert answer.status == 200
    answer = await world.bob.get("/workspaces")
    assert [each["gid"] for each in answer.data] == [world.workspace]


async def test_who_leaves_is_named_by_nothing(world: World) -> None:
    """Their projects go to whoever removed them; what they saw because of a name in it they see no more."""
    await world.make(WORKSPACE_MEMBERSHIP, user=world.bob.gid, workspace=world.elsewhere)
    project = await world.make(
        PROJECT, name="Plan", workspace=world.workspace, owner=world.bob.gid, privacy_setting="private"
    )
    task = await world.make(TASK, name="Do", workspace=world.workspace, assignee=world.bob.gid)
    other = await world.make(TASK, name="Elsewhere", workspace=world.elsewhere, assignee=world.bob.gid)
    followed = (
        await world.ann.post("/tasks", {"name": "F", "workspace": world.workspace, "followers": [world.bob.gid]})
    ).data["gid"]
    team = await world.make(TEAM, name="Crew", organization=world.workspace)
    for each in (world.ann, world.bob):
        await world.make(TEAM_MEMBERSHIP, team=team, user=each.gid)
    seen = [f"/tasks/{task}", f"/tasks/{followed}", f"/teams/{team}", f"/projects/{project}"]
    assert [(await world.bob.get(path)).status for path in seen] == [200, 200, 200, 200]
    mine = (await world.bob.get("/users/me/workspace_memberships", opt_fields="user_task_list")).data[0]

    answer = await world.ann.post(f"/workspaces/{world.workspace}/removeUser", {"user": world.bob.gid})
    assert answer.status == 200
    assert [(await world.bob.get(path)).status for path in seen] == [403, 403, 403, 403]
    assert (await world.bob.get(f"/tasks/{other}")).data["assignee"]["gid"] == world.bob.gid
    inherited = (await world.ann.get(f"/projects/{project}")).data
    assert (inherited["owner"]["gid"], inherited["members"]) == (
        world.ann.gid,
        [{"gid": world.ann.gid, "resource_type": "user", "name": "Ann Archer"}],
    )
    assert (await world.ann.get(f"/teams/{team}/users")).data == [
        {"gid": world.ann.gid, "resource_type": "user", "name": "Ann Archer"}
    ]
    assert (await world.ann.get(f"/user_task_lists/{mine['user_task_list']['gid']}")).status == 404

    again = await world.ann.post(f"/workspaces/{world.workspace}/addUser", {"user": "bob@acme.example"})
    assert again.data["gid"] == world.bob.gid
    assert (await world.bob.get(f"/teams/{team}")).status == 403


async def test_in_a_batch(world: World) -> None:
    path = f"/workspaces/{world.workspace}"
    answer = await world.bob.batch(
        {"relative_path": f"{path}/addUser", "method": "post", "data": {"user": NEW}, "options": {"fields": ["email"]}},
        {"relative_path": f"{path}/removeUser", "method": "post", "data": {"user": world.ann.gid}},
        {"relative_path": "/users/me/workspaces", "method": "get", "options": {"limit": 1, "fields": ["name"]}},
    )
    added, removed, listed = answer.data
    assert (added["status_code"], added["body"]["data"]["email"]) == (200, NEW)
    assert removed["status_code"] == 403
    assert listed["body"] == {"data": [{"gid": world.workspace, "name": "Acme"}], "next_page": None}
