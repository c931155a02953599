"""Tasks under tasks: setParent, subtasks and their order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.making import a_project, a_task, gids_of, names_of
from tests.world import World


async def family(world: World, names: str = "abc") -> dict[str, str]:
    """A parent, and its subtasks of these names in this order: gids by name."""
    gids = {"parent": (await a_task(world.ann, world, name="parent"))["gid"]}
    for name in names:
        answer = await world.ann.post(f"/tasks/{gids['parent']}/subtasks", {"name": name})
        assert answer.status == 201
        gids[name] = answer.data["gid"]
    return gids


async def order(world: World, parent: str) -> str:
    return "".join(names_of((await world.ann.get(f"/tasks/{parent}/subtasks")).data))


async def test_a_subtask_belongs_to_its_parent_alone(world: World) -> None:
    """Facts, section 13: it isn't in the parent's projects, and what it asks for is dropped."""
    project = await a_project(world.ann, world)
    parent = await a_task(world.ann, world, projects=[project])
    answer = await world.ann.post(f"/tasks/{parent['gid']}/subtasks", {"name": "s", "assignee": world.bob.gid})
    task = answer.data
    assert answer.headers["location"] == f"/api/1.0/tasks/{task['gid']}"
    assert task["parent"] == {
        "gid": parent["gid"],
        "resource_type": "task",
        "name": "T",
        "resource_subtype": "default_task",
    }
    assert (task["projects"], task["memberships"], task["workspace"]["gid"]) == ([], [], world.workspace)
    other = await a_task(world.ann, world, parent=parent["gid"], projects=[project])
    assert other["projects"] == []
    assert gids_of((await world.ann.get(f"/projects/{project}/tasks")).data) == [parent["gid"]]
    assert (await world.ann.post(f"/tasks/{other['gid']}/addProject", {"project": project})).status == 200
    assert gids_of((await world.ann.get(f"/tasks/{other['gid']}")).data["projects"]) == [project]
    counted = await world.ann.get(f"/tasks/{parent['gid']}", opt_fields="num_subtasks")
    assert counted.data["num_subtasks"] == 2


@pytest.mark.parametrize(
    ("name", "where", "after"),
    [
        ("a", {}, "abc"),
        ("a", {"insert_after": "b"}, "bac"),
        ("c", {"insert_before": "b"}, "acb"),
        ("c", {"insert_after": None}, "cab"),
        ("a", {"insert_before": None}, "bca"),
        ("a", {"insert_before": "a"}, "abc"),
    ],
)
async def test_subtasks_are_put_in_order(world: World, name: str, where: dict[str, Any], after: str) -> None:
    gids = await family(world)
    assert await order(world, gids["parent"]) == "abc"
    sent = {key: gids.get(value, value) for key, value in where.items()}
    answer = await world.ann.post(f"/tasks/{gids[name]}/setParent", {"parent": gids["parent"], **sent})
    assert answer.status == 200
    assert answer.data["parent"]["gid"] == gids["parent"]
    assert await order(world, gids["parent"]) == after


async def test_a_task_joins_and_leaves(world: World) -> None:
    gids = await family(world)
    task = await a_task(world.ann, world, name="x")
    path = f"/tasks/{task['gid']}/setParent"
    await world.ann.post(path, {"parent": gids["parent"], "insert_before": gids["b"]})
    assert await order(world, gids["parent"]) == "axbc"
    answer = await world.ann.post(path, {"parent": None})
    assert (answer.status, answer.data["parent"]) == (200, None)
    assert await order(world, gids["parent"]) == "abc"
    assert (await world.ann.post(path, {"parent": gids["parent"]})).status == 200
    assert await order(world, gids["parent"]) == "abcx"


async def test_parents_that_do_not_fit_change_nothing(world: World) -> None:
    gids = await family(world)
    below = await a_task(world.ann, world, parent=gids["a"])
    circle = "parent: A task cannot be a subtask of itself or of one of its subtasks"
    refused: list[tuple[str, dict[str, Any], str]] = [
        ("a", {}, "parent: Missing input"),
        ("a", {"parent": gids["a"]}, circle),
        ("a", {"parent": below["gid"]}, circle),
        ("parent", {"parent": below["gid"]}, circle),
        ("a", {"parent": "nope"}, "parent: Not a recognized ID: nope"),
        (
            "a",
            {"parent": gids["parent"], "insert_after": below["gid"]},
            f"insert_after: Not a subtask of the parent: {below['gid']}",
        ),
        (
            "a",
            {"parent": gids["parent"], "insert_after": gids["b"], "insert_before": gids["c"]},
            "You may only provide one of insert_before or insert_after!",
        ),
    ]
    for name, data, message in refused:
        answer = await world.ann.post(f"/tasks/{gids[name]}/setParent", data)
        assert (answer.status, answer.message) == (400, message)
    assert await order(world, gids["parent"]) == "abc"


async def chain(world: World, length: int) -> list[str]:
    """Tasks each under the one before."""
    made = [(await a_task(world.ann, world))["gid"]]
    while len(made) < length:
        made.append((await a_task(world.ann, world, parent=made[-1]))["gid"])
    return made


async def test_five_levels_and_no_more(world: World) -> None:
    deep = await chain(world, 6)
    answer = await world.ann.post(f"/tasks/{deep[-1]}/subtasks", {"name": "too deep"})
    assert (answer.status, answer.message) == (400, "parent: At most 5 levels of subtasks are allowed")
    pair = await chain(world, 2)
    assert (await world.ann.post(f"/tasks/{pair[0]}/setParent", {"parent": deep[4]})).status == 400
    assert (await world.ann.post(f"/tasks/{pair[0]}/setParent", {"parent": deep[3]})).status == 200


async def test_two_moves_at_once_never_make_a_circle(world: World) -> None:
    for _ in range(5):
        one, two = (await a_task(world.ann, world))["gid"], (await a_task(world.ann, world))["gid"]
        answers = await asyncio.gather(
            world.ann.post(f"/tasks/{one}/setParent", {"parent": two}),
            world.ann.post(f"/tasks/{two}/setParent", {"parent": one}),
        )
        assert sorted(each.status for each in answers) == [200, 400]


async def test_whoever_sees_the_parent_sees_its_subtasks(world: World) -> None:
    top = await a_task(world.ann, world, assignee=world.bob.gid)
    child = await a_task(world.ann, world, parent=top["gid"])
    below = await a_task(world.ann, world, parent=child["gid"])
    assert (await world.bob.get(f"/tasks/{below['gid']}")).status == 200
    assert (await world.gus.get(f"/tasks/{below['gid']}")).status == 403
    assert (await world.gus.get(f"/tasks/{top['gid']}/subtasks")).status == 403
    hidden = await a_task(world.ann, world)
    answer = await world.bob.post(f"/tasks/{child['gid']}/setParent", {"parent": hidden["gid"]})
    assert (answer.status, answer.message) == (403, "You do not have access to this task.")


async def test_a_parent_one_may_not_see_is_not_shown(world: World) -> None:
    top = await a_task(world.ann, world)
    child = await a_task(world.ann, world, parent=top["gid"], assignee=world.bob.gid)
    assert (await world.bob.get(f"/tasks/{child['gid']}")).data["parent"] is None


async def test_subtasks_come_in_pages(world: World) -> None:
    gids = await family(world, "abcde")
    found, query = [], {"limit": 2}
    while True:
        answer = await world.ann.get(f"/tasks/{gids['parent']}/subtasks", **query)
        found += names_of(answer.data)
        if answer.body["next_page"] is None:
            break
        query["offset"] = answer.body["next_page"]["offset"]
    assert "".join(found) == "abcde"
