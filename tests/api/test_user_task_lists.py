"""Each member's own task list."""

from __future__ import annotations

from tests.api.making import a_project, a_task, gids_of
from tests.world import World


async def test_everybody_has_one_in_each_workspace(world: World) -> None:
    answer = await world.ann.get("/users/me/user_task_list", workspace=world.workspace)
    assert answer.status == 200
    own = answer.data
    assert own == {
        "gid": own["gid"],
        "resource_type": "user_task_list",
        "name": "My tasks in Acme",
        "owner": {"gid": world.ann.gid, "resource_type": "user", "name": "Ann Archer"},
        "workspace": {"gid": world.workspace, "resource_type": "workspace", "name": "Acme"},
    }
    assert (await world.ann.get(f"/user_task_lists/{own['gid']}")).data == own
    for ident in (world.ann.gid, "ann@acme.example"):
        assert (await world.bob.get(f"/users/{ident}/user_task_list", workspace=world.workspace)).data == own


async def test_what_is_asked_for_must_be_there(world: World) -> None:
    answer = await world.ann.get("/users/me/user_task_list")
    assert (answer.status, answer.message) == (400, "workspace: Missing input")
    answer = await world.ann.get("/users/me/user_task_list", workspace=world.elsewhere)
    assert (answer.status, answer.message) == (403, "You do not have access to this workspace.")
    answer = await world.ann.get("/user_task_lists/12345")
    assert (answer.status, answer.message) == (404, "user_task_list: Not a recognized ID: 12345")
    own = (await world.ann.get("/users/me/user_task_list", workspace=world.workspace)).data["gid"]
    assert (await world.eve.get(f"/user_task_lists/{own}")).status == 403
    assert (await world.eve.get(f"/user_task_lists/{own}/tasks")).status == 403


async def test_others_see_only_what_they_may_see(world: World) -> None:
    project = await a_project(world.ann, world)
    shared = await a_task(world.ann, world, assignee="me", projects=[project])
    private = await a_task(world.ann, world, assignee="me")
    own = (await world.ann.get("/users/me/user_task_list", workspace=world.workspace)).data["gid"]
    path = f"/user_task_lists/{own}/tasks"
    assert sorted(gids_of((await world.ann.get(path)).data)) == sorted([shared["gid"], private["gid"]])
    assert gids_of((await world.bob.get(path)).data) == [shared["gid"]]
    assert (await world.gus.get(path)).status == 403  # shares nothing with ann


async def test_completed_since_now_is_the_view_of_my_tasks(world: World) -> None:
    done = await a_task(world.ann, world, assignee="me", completed=True)
    todo = await a_task(world.ann, world, assignee="me")
    own = (await world.ann.get("/users/me/user_task_list", workspace=world.workspace)).data["gid"]
    path = f"/user_task_lists/{own}/tasks"
    assert gids_of((await world.ann.get(path)).data) == [todo["gid"], done["gid"]]
    assert gids_of((await world.ann.get(path, completed_since="now")).data) == [todo["gid"]]
