"""Workspace memberships: who belongs to a workspace, and as what."""

from __future__ import annotations

from tests.world import Client, World

from batchwright.model.conditions import Reading
from batchwright.resources.users import joining
from batchwright.resources.workspace_memberships import WORKSPACE_MEMBERSHIP

SECTIONS = Reading("section", "user_task_list", ("name",), "rank")


async def place(world: World, client: Client) -> str:
    """The gid of somebody's membership of the organization."""
    listed = await world.ann.get(f"/workspaces/{world.workspace}/workspace_memberships", user=client.gid)
    (found,) = listed.data
    return str(found["gid"])


async def test_the_full_record(world: World) -> None:
    gid = await place(world, world.gus)
    found = (await world.bob.get(f"/workspace_memberships/{gid}")).data
    user = {"gid": world.gus.gid, "resource_type": "user", "name": "Gus Green"}
    workspace = {"gid": world.workspace, "resource_type": "workspace", "name": "Acme"}
    mine, since = found.pop("user_task_list"), found.pop("created_at")
    assert since.endswith("Z")
    assert mine == {
        "gid": mine["gid"],
        "resource_type": "user_task_list",
        "name": "My tasks in Acme",
        "owner": user,
        "workspace": workspace,
    }
    assert found == {
        "gid": gid,
        "resource_type": "workspace_membership",
        "user": user,
        "workspace": workspace,
        "is_active": True,
        "is_admin": False,
        "is_guest": True,
        "is_view_only": False,
        "vacation_dates": None,
    }


async def test_everybody_who_joins_has_a_task_list_of_their_own(world: World) -> None:
    """With four sections, whether the command or the API let them in."""
    path = f"/workspaces/{world.workspace}"
    await world.ann.post(f"{path}/addUser", {"user": "new@acme.example"})
    listed = await world.ann.get(f"{path}/workspace_memberships", opt_fields="user,user_task_list.owner")
    owners = {each["user"]["gid"]: each["user_task_list"] for each in listed.data}
    assert len(owners) == 4
    assert all(mine["owner"]["gid"] == owner for owner, mine in owners.items())
    for mine in owners.values():
        sections = await world.store.fetch(SECTIONS, 0, (int(mine["gid"]),))
        assert tuple(name for (name,) in sections[int(mine["gid"])]) == joining.SECTIONS


async def test_lists_are_compact_and_come_in_pages(world: World) -> None:
    path = f"/workspaces/{world.workspace}/workspace_memberships"
    whole = (await world.bob.get(path)).data
    assert [each["user"]["name"] for each in whole] == ["Ann Archer", "Bob Baker", "Gus Green"]
    assert set(whole[0]) == {"gid", "resource_type", "user", "workspace"}
    first = await world.bob.get(path, limit=2)
    second = await world.bob.get(path, limit=2, offset=first.body["next_page"]["offset"])
    assert (first.data + second.data, second.body["next_page"]) == (whole, None)
    broken = await world.bob.get(path, limit=2, offset=first.body["next_page"]["offset"] + "A")
    assert (broken.status, broken.message) == (400, "offset: Your pagination token is invalid.")


async def test_the_list_of_a_user_leaves_out_other_workspaces(world: World) -> None:
    await world.make(WORKSPACE_MEMBERSHIP, user=world.bob.gid, workspace=world.elsewhere)
    mine = (await world.bob.get("/users/me/workspace_memberships")).data
    assert [each["workspace"]["gid"] for each in mine] == [world.workspace, world.elsewhere]
    theirs = (await world.ann.get(f"/users/{world.bob.gid}/workspace_memberships")).data
    assert [each["workspace"]["gid"] for each in theirs] == [world.workspace]


async def test_strangers_see_nothing(world: World) -> None:
    gid = await place(world, world.bob)
    assert (await world.eve.get(f"/workspace_memberships/{gid}")).status == 403
    assert (await world.eve.get(f"/workspaces/{world.workspace}/workspace_memberships")).status == 403
    assert (await world.eve.get(f"/users/{world.bob.gid}/workspace_memberships")).status == 403
    unknown = await world.ann.get("/workspace_memberships/1")
    assert (unknown.status, unknown.message) == (404, "workspace_membership: Not a recognized ID: 1")
    wrong = await world.ann.get(f"/workspaces/{world.workspace}/workspace_memberships", user="x")
    assert (wrong.status, wrong.message) == (400, "user: Not a recognized ID: x")


async def test_in_a_batch(world: World) -> None:
    gid = await place(world, world.ann)
    action = {"relative_path": f"/workspace_memberships/{gid}", "method": "get"}
    answer = await world.bob.batch(action, action | {"options": {"fields": ["is_admin", "user.email"]}})
    assert answer.data[0]["body"]["data"]["user"]["name"] == "Ann Archer"
    assert answer.data[1]["body"]["data"] == {
        "gid": gid,
        "is_admin": True,
        "user": {"gid": world.ann.gid, "email": "ann@acme.example"},
    }
