"""Workspaces."""

from __future__ import annotations

from tests.world import World


async def test_members_see_their_workspaces_and_no_others(world: World) -> None:
    """GET /workspaces."""
    answer = await world.bob.get("/workspaces")
    assert answer.data == [{"gid": world.workspace, "resource_type": "workspace", "name": "Acme"}]
    assert (await world.eve.get(f"/workspaces/{world.workspace}")).status == 403


async def test_a_limited_list_ends_with_null(world: World) -> None:
    """The page that follows is null, not absent."""
    answer = await world.ann.get("/workspaces", limit=1)
    assert answer.body["next_page"] is None
