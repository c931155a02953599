"""Team memberships: listed by team, by person and both."""

from __future__ import annotations

from tests.world import World

from batchwright.resources.team_memberships import TEAM_MEMBERSHIP
from batchwright.resources.teams import TEAM


async def two_teams(world: World) -> tuple[str, str]:
    """A secret one of bob, a public one of ann and bob."""
    secret = await world.make(TEAM, name="Secret", organization=world.workspace)
    public = await world.make(TEAM, name="Public", organization=world.workspace, visibility="public")
    for team, client in ((secret, world.bob), (public, world.ann), (public, world.bob)):
        await world.make(TEAM_MEMBERSHIP, team=team, user=client.gid)
    return secret, public


async def test_one_membership(world: World) -> None:
    secret, _ = await two_teams(world)
    (place,) = (await world.bob.get(f"/teams/{secret}/team_memberships")).data
    assert place == {
        "gid": place["gid"],
        "resource_type": "team_membership",
        "user": {"gid": world.bob.gid, "resource_type": "user", "name": "Bob Baker"},
        "team": {"gid": secret, "resource_type": "team", "name": "Secret"},
        "is_guest": False,
        "is_limited_access": False,
        "is_admin": False,
    }
    path = f"/team_memberships/{place['gid']}"
    assert (await world.bob.get(path)).data == place
    assert (await world.bob.get(path, opt_fields="team.organization.name")).data == {
        "gid": place["gid"],
        "team": {"gid": secret, "organization": {"gid": world.workspace, "name": "Acme"}},
    }
    for client in (world.ann, world.gus, world.eve):
        refused = await client.get(path)
        assert (refused.status, refused.message) == (403, "You do not have access to this team membership.")
    assert (await world.bob.get("/team_memberships/1")).status == 404


async def test_filters(world: World) -> None:
    secret, public = await two_teams(world)
    me, here = {"user": "me"}, {"workspace": world.workspace}
    for query, expected in (
        ({"team": public}, [(public, world.ann.gid), (public, world.bob.gid)]),
        (me | here, [(secret, world.bob.gid), (public, world.bob.gid)]),
        (me | here | {"team": public}, [(public, world.bob.gid)]),
    ):
        found = (await world.bob.get("/team_memberships", **query)).data
        assert [(each["team"]["gid"], each["user"]["gid"]) for each in found] == expected
    theirs = (await world.ann.get("/team_memberships", user="bob@acme.example", **here)).data
    assert [each["team"]["gid"] for each in theirs] == [public]


async def test_filters_that_say_too_little(world: World) -> None:
    secret, _ = await two_teams(world)
    path = "/team_memberships"
    assert (await world.bob.get(path)).message == "You should specify one of team, user and workspace"
    assert (await world.bob.get(path, user="me")).message == "workspace: Missing input"
    assert (await world.bob.get(path, workspace=world.workspace)).message == "user: Missing input"
    assert (await world.bob.get(path, team=secret, user="me")).message == "workspace: Missing input"
    assert (await world.ann.get(path, team=secret)).status == 403
    assert (await world.eve.get(path, user=world.bob.gid, workspace=world.workspace)).status == 403


async def test_of_a_team_in_pages(world: World) -> None:
    secret, public = await two_teams(world)
    path = f"/teams/{public}/team_memberships"
    first = await world.ann.get(path, limit=1)
    second = await world.ann.get(path, limit=1, offset=first.body["next_page"]["offset"])
    assert [each["user"]["gid"] for each in first.data + second.data] == [world.ann.gid, world.bob.gid]
    assert second.body["next_page"] is None
    assert (await world.ann.get(f"/teams/{secret}/team_memberships")).status == 403


async def test_of_a_user(world: World) -> None:
    secret, public = await two_teams(world)
    path = f"/users/{world.bob.gid}/team_memberships"
    mine = (await world.bob.get(path, workspace=world.workspace)).data
    assert [each["team"]["gid"] for each in mine] == [secret, public]
    theirs = (await world.ann.get(path, workspace=world.workspace)).data
    assert [each["team"]["gid"] for each in theirs] == [public]
    assert (await world.gus.get(path, workspace=world.workspace)).status == 403  # shares nothing with bob
    assert (await world.bob.get(path)).message == "workspace: Missing input"
    assert (await world.eve.get(path, workspace=world.elsewhere)).status == 403


async def test_in_a_batch(world: World) -> None:
    secret, public = await two_teams(world)
    answer = await world.ann.batch(
        {"relative_path": "/team_memberships", "method": "get", "data": {"team": public}, "options": {"limit": 1}},
        {"relative_path": "/team_memberships", "method": "get", "data": {"team": secret}},
        {"relative_path": "/team_memberships", "method": "get"},
    )
    assert [each["status_code"] for each in answer.data] == [200, 403, 400]
    assert answer.data[0]["body"]["next_page"]["offset"]
