"""Teams: made, seen, changed and joined by those who may."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.making import a_colleague
from tests.world import Answer, Client, World

from batchwright.resources.team_memberships import TEAM_MEMBERSHIP
from batchwright.resources.teams import TEAM
from batchwright.resources.workspace_memberships import WORKSPACE_MEMBERSHIP

LEVELS = {
    "edit_team_name_or_description_access_level": "all_team_members",
    "edit_team_visibility_or_trash_team_access_level": "all_team_members",
    "member_invite_management_access_level": "all_team_members",
    "guest_invite_management_access_level": "all_team_members",
    "join_request_management_access_level": "all_team_members",
    "team_member_removal_access_level": "all_team_members",
    "team_content_management_access_level": "no_restriction",
}


async def create(world: World, client: Client, **data: Any) -> str:
    """A team made by somebody: its gid."""
    answer = await client.post("/teams", {"name": "Crew", "organization": world.workspace} | data)
    return str(answer.data["gid"])


def names(answer: Answer) -> list[str]:
    """The names in a list."""
    return [each["name"] for each in answer.data]


async def people(client: Client, team: str) -> list[str]:
    """The names of a team's people."""
    return names(await client.get(f"/teams/{team}/users"))


async def test_creating(world: World) -> None:
    answer = await world.bob.post("/teams", {"name": "Crew", "organization": world.workspace})
    gid = answer.data["gid"]
    assert (answer.status, answer.headers["location"]) == (201, f"/api/1.0/teams/{gid}")
    assert answer.data == LEVELS | {
        "gid": gid,
        "resource_type": "team",
        "name": "Crew",
        "organization": {"gid": world.workspace, "resource_type": "workspace", "name": "Acme"},
        "permalink_url": f"http://server.test/0/{gid}/overview",
        "visibility": "secret",
        "endorsed": False,
        "custom_field_settings": [],
    }
    assert (await world.bob.get(f"/teams/{gid}")).data == answer.data
    (place,) = (await world.bob.get(f"/teams/{gid}/team_memberships")).data
    assert (place["user"]["gid"], place["is_admin"], place["is_guest"]) == (world.bob.gid, True, False)


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        ({"name": None}, 400, "name: Value is not a string: null"),
        ({"name": " "}, 400, "name: Missing input"),
        ({"organization": None}, 400, "organization: Not a valid GID type: null"),
        ({"organization": "x"}, 400, "organization: Not a recognized ID: x"),
        ({"visibility": "open"}, 400, "visibility: Value is not one of secret, request_to_join, public: open"),
        ({"permalink_url": "x"}, 400, "permalink_url: Cannot write this property"),
        (
            {"join_request_management_access_level": "only_team_admins"},
            400,
            "join_request_management_access_level: Cannot write this property",
        ),
        ({"endorsed": True}, 403, "You do not have permission to endorse teams of this workspace."),
    ],
)
async def test_what_cannot_be_created(world: World, data: dict[str, Any], status: int, message: str) -> None:
    answer = await world.bob.post("/teams", {"name": "Crew", "organization": world.workspace} | data)
    assert (answer.status, answer.message) == (status, message)
    assert (await world.bob.get(f"/workspaces/{world.workspace}/teams")).data == []


async def test_who_creates_where(world: World) -> None:
    assert (await world.bob.post("/teams", {"organization": world.workspace})).message == "name: Missing input"
    assert (await world.bob.post("/teams", {"name": "Crew"})).message == "organization: Missing input"
    plain = await world.eve.post("/teams", {"name": "Crew", "organization": world.elsewhere})
    assert (plain.status, plain.message) == (400, "organization: Not an organization")
    assert (await world.eve.post("/teams", {"name": "Crew", "organization": world.workspace})).status == 403
    assert (await world.gus.post("/teams", {"name": "Crew", "organization": world.workspace})).status == 403
    await create(
        world,
        world.ann,
        endorsed=True,
        visibility="request_to_join",
        join_request_management_access_level="only_team_admins",
    )


async def test_descriptions_follow_each_other(world: World) -> None:
    team = await create(world, world.bob, description="a < b")
    both = "description,html_description"
    assert "description" not in (await world.bob.get(f"/teams/{team}")).data
    assert (await world.bob.get(f"/teams/{team}", opt_fields=both)).data == {
        "gid": team,
        "description": "a < b",
        "html_description": "<body>a &lt; b</body>",
    }
    rich = {"html_description": "<body>We <em>do</em></body>"}
    assert (await world.bob.put(f"/teams/{team}", rich, opt_fields=both)).data["description"] == "We do"
    refused = await world.bob.put(f"/teams/{team}", {"html_description": "<body><blink>x</blink></body>"})
    assert (refused.status, refused.message.split(":")[0]) == (400, "html_description")
    assert (await world.bob.get(f"/teams/{team}", opt_fields=both)).data["description"] == "We do"


async def test_who_sees_a_team(world: World) -> None:
    """A secret one its members; any other the employees; a guest only what they are in."""
    secret = await create(world, world.bob)
    asking = await create(world, world.bob, visibility="request_to_join")
    public = await create(world, world.bob, visibility="public")
    every = [secret, asking, public]
    for client, expected in ((world.bob, every), (world.ann, every[1:]), (world.gus, [])):
        assert [each["gid"] for each in (await client.get(f"/workspaces/{world.workspace}/teams")).data] == expected
        for team in every:
            assert (await client.get(f"/teams/{team}")).status == (200 if team in expected else 403)
    refused = await world.eve.get(f"/teams/{public}")
    assert (refused.status, refused.message) == (403, "You do not have access to this team.")
    await world.bob.post(f"/teams/{secret}/addUser", {"user": world.gus.gid})
    assert (await world.gus.get(f"/teams/{secret}")).status == 200
    assert (await world.bob.get("/teams/1")).message == "team: Not a recognized ID: 1"


async def test_teams_of_an_organization(world: World) -> None:
    """Under two routes (facts, section 1), in pages."""
    for name in ("one", "two", "three"):
        await world.make(TEAM, name=name, organization=world.workspace, visibility="public")
    for path in (f"/workspaces/{world.workspace}/teams", f"/organizations/{world.workspace}/teams"):
        assert names(await world.ann.get(path)) == ["one", "two", "three"]
        first = await world.ann.get(path, limit=2)
        following = first.body["next_page"]
        assert following["path"].startswith(f"{path}?limit=2&offset=")
        assert names(await world.ann.get(path, limit=2, offset=following["offset"])) == ["three"]
        assert (await world.eve.get(path)).status == 403
    for path in (f"/workspaces/{world.elsewhere}/teams", f"/organizations/{world.elsewhere}/teams"):
        plain = await world.eve.get(path)
        assert (plain.status, plain.message) == (400, "organization: Not an organization")


async def test_teams_of_a_user(world: World) -> None:
    await create(world, world.bob, name="hidden")
    await create(world, world.bob, name="seen", visibility="public")
    path = f"/users/{world.bob.gid}/teams"
    assert names(await world.bob.get("/users/me/teams", organization=world.workspace)) == ["hidden", "seen"]
    assert names(await world.ann.get(path, organization=world.workspace)) == ["seen"]
    assert (await world.ann.get(path)).message == "organization: Missing input"
    assert (await world.ann.get(path, organization=world.elsewhere)).status == 403
    plain = await world.eve.get("/users/me/teams", organization=world.elsewhere)
    assert (plain.status, plain.message) == (400, "organization: Not an organization")


async def test_changing(world: World) -> None:
    team = await create(world, world.bob, visibility="public")
    cal = await a_colleague(world)
    path = f"/teams/{team}"
    assert (await cal.put(path, {"name": "Mine"})).status == 403  # not a member
    await cal.post(f"{path}/addUser", {"user": "me"})
    assert (await cal.put(path, {"name": "Ours", "visibility": "request_to_join"})).data["name"] == "Ours"
    assert (await cal.put(path, {"team_member_removal_access_level": "only_team_admins"})).status == 403
    closed = dict.fromkeys(LEVELS, "only_team_admins")
    assert (await world.bob.put(path, closed)).data.items() >= closed.items()
    edit, close = (f"You do not have permission to {deed} this team." for deed in ("edit", "open or close"))
    for data, words in (
        ({"name": "Mine"}, edit),
        ({"html_description": "<body/>"}, edit),
        ({"visibility": "secret"}, close),
    ):
        refused = await cal.put(path, data)
        assert (refused.status, refused.message) == (403, words)
    fixed = await world.bob.put(path, {"organization": world.workspace})
    assert (fixed.status, fixed.message) == (400, "organization: Cannot write this property")
    assert (await world.bob.put(path, {"name": ""})).message == "name: Missing input"
    assert (await world.bob.put(path, {"endorsed": True})).status == 403
    found = (await world.bob.get(path)).data
    assert (found["name"], found["visibility"], found["endorsed"]) == ("Ours", "request_to_join", False)


async def test_requests_are_managed_while_people_must_ask(world: World) -> None:
    team = await create(world, world.bob)
    level = {"join_request_management_access_level": "only_team_admins"}
    assert (await world.bob.put(f"/teams/{team}", level)).status == 400
    assert (await world.bob.put(f"/teams/{team}", level | {"visibility": "request_to_join"})).status == 200


async def test_members_add_people(world: World) -> None:
    """The answer is the membership; whoever is a guest of the organization is one of the team."""
    team = await create(world, world.bob)
    answer = await world.bob.post(f"/teams/{team}/addUser", {"user": "gus@guests.example"})
    assert answer.status == 200
    assert answer.data | {"gid": ""} == {
        "gid": "",
        "resource_type": "team_membership",
        "user": {"gid": world.gus.gid, "resource_type": "user", "name": "Gus Green"},
        "team": {"gid": team, "resource_type": "team", "name": "Crew"},
        "is_guest": True,
        "is_limited_access": False,
        "is_admin": False,
    }
    again = await asyncio.gather(*(world.bob.post(f"/teams/{team}/addUser", {"user": world.ann.gid}) for _ in range(4)))
    assert len({each.data["gid"] for each in again}) == 1
    assert await people(world.gus, team) == ["Ann Archer", "Bob Baker", "Gus Green"]


async def test_who_may_not_add(world: World) -> None:
    public = await create(world, world.bob, visibility="public")
    asking = await create(world, world.bob, visibility="request_to_join")
    cal = await a_colleague(world)
    assert (await cal.post(f"/teams/{public}/addUser", {"user": world.gus.gid})).status == 403
    assert (await cal.post(f"/teams/{asking}/addUser", {"user": "me"})).status == 403
    assert (await world.gus.post(f"/teams/{public}/addUser", {"user": "me"})).status == 403
    assert (await world.eve.post(f"/teams/{public}/addUser", {"user": "me"})).status == 403
    assert (await cal.post(f"/teams/{public}/addUser", {"user": "me"})).status == 200
    only = {
        "member_invite_management_access_level": "only_team_admins",
        "guest_invite_management_access_level": "only_team_admins",
    }
    await world.bob.put(f"/teams/{public}", only)
    for user, words in ((world.gus, "guests"), (world.ann, "members")):
        refused = await cal.post(f"/teams/{public}/addUser", {"user": user.gid})
        assert (refused.status, refused.message) == (403, f"You do not have permission to add {words} to this team.")
    assert await people(world.bob, public) == ["Bob Baker", "Cal"]
    assert await people(world.bob, asking) == ["Bob Baker"]


async def test_who_cannot_be_added(world: World) -> None:
    team = await create(world, world.bob)
    path = f"/teams/{team}/addUser"
    await world.make(WORKSPACE_MEMBERSHIP, user=world.bob.gid, workspace=world.elsewhere)
    for data, message in (
        ({}, "user: Missing input"),
        ({"user": 1}, "user: Not a valid GID type: number"),
        ({"user": "no@body.example"}, "user: Not a recognized ID: no@body.example"),
        ({"user": world.eve.gid}, f"user: Not a user in Organization: {world.eve.gid}"),
    ):
        answer = await world.bob.post(path, data)
        assert (answer.status, answer.message) == (400, message)
    assert await people(world.bob, team) == ["Bob Baker"]


async def test_removing(world: World) -> None:
    team = await create(world, world.bob, visibility="public")
    cal = await a_colleague(world)
    for each in (cal, world.gus):
        await world.make(TEAM_MEMBERSHIP, team=team, user=each.gid)
    path = f"/teams/{team}/removeUser"
    assert (await world.eve.post(path, {"user": "me"})).status == 403
    await world.bob.put(f"/teams/{team}", {"team_member_removal_access_level": "only_team_admins"})
    assert (await cal.post(path, {"user": world.gus.gid})).status == 403
    answer = await world.bob.post(path, {"user": world.gus.gid})
    assert (answer.status, answer.body) == (200, {"data": {}})
    assert (await cal.post(path, {"user": "me"})).body == {"data": {}}
    assert (await cal.post(path, {"user": "me"})).body == {"data": {}}  # no member any more
    assert (await world.bob.post(path, {"user": world.gus.gid})).body == {"data": {}}  # gone already
    assert (await world.bob.post(path, {})).message == "user: Missing input"
    assert await people(world.bob, team) == ["Bob Baker"]


async def test_in_a_batch(world: World) -> None:
    team = await create(world, world.bob)
    answer = await world.bob.batch(
        {"relative_path": "/teams", "method": "post", "data": {"name": "B", "organization": world.workspace}},
        {"relative_path": f"/teams/{team}/addUser", "method": "post", "data": {"user": world.ann.gid}},
        {"relative_path": f"/teams/{team}/addUser", "method": "post", "data": {"user": world.eve.gid}},
        {"relative_path": f"/organizations/{world.workspace}/teams", "method": "get", "options": {"limit": 100}},
        {"relative_path": f"/teams/{team}", "method": "put", "data": {"name": "C"}, "options": {"fields": "name"}},
    )
    assert [each["status_code"] for each in answer.data] == [201, 200, 403, 200, 200]
    assert answer.data[0]["headers"] == {"location": f"/api/1.0/teams/{answer.data[0]['body']['data']['gid']}"}
    assert answer.data[4]["body"] == {"data": {"gid": team, "name": "C"}}
