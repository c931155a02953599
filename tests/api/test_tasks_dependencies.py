"""Which tasks wait for which."""

from __future__ import annotations

import asyncio

from tests.api.making import a_task, gids_of
from tests.world import World

CIRCLE = "A task cannot depend on a task that depends on it"


async def tasks(world: World, count: int) -> list[str]:
    return [(await a_task(world.ann, world))["gid"] for _ in range(count)]


async def dependencies(world: World, gid: str) -> list[str]:
    return gids_of((await world.ann.get(f"/tasks/{gid}/dependencies")).data)


async def test_both_ends_know(world: World) -> None:
    a, b, c = await tasks(world, 3)
    for _ in range(2):
        answer = await world.ann.post(f"/tasks/{a}/addDependencies", {"dependencies": [b, c]})
        assert (answer.status, answer.data) == (200, {})
    assert await dependencies(world, a) == [b, c]
    assert gids_of((await world.ann.get(f"/tasks/{b}/dependents")).data) == [a]
    shown = (await world.ann.get(f"/tasks/{a}", opt_fields="dependencies,dependents")).data
    assert shown["dependencies"] == [{"gid": b, "resource_type": "task"}, {"gid": c, "resource_type": "task"}]
    assert shown["dependents"] == []
    answer = await world.ann.post(f"/tasks/{a}/removeDependencies", {"dependencies": [b]})
    assert (answer.status, answer.data) == (200, {})
    assert await dependencies(world, a) == [c]


async def test_dependents_are_the_other_direction(world: World) -> None:
    a, b, c = await tasks(world, 3)
    answer = await world.ann.post(f"/tasks/{a}/addDependents", {"dependents": [b, c]})
    assert (answer.status, answer.data) == (200, {})
    assert await dependencies(world, b) == [a]
    answer = await world.ann.post(f"/tasks/{a}/removeDependents", {"dependents": [b]})
    assert (answer.status, answer.data) == (200, {})
    assert await dependencies(world, b) == []
    assert await dependencies(world, c) == [a]


async def test_no_task_waits_for_itself(world: World) -> None:
    a, b, c = await tasks(world, 3)
    await world.ann.post(f"/tasks/{a}/addDependencies", {"dependencies": [b]})
    await world.ann.post(f"/tasks/{b}/addDependencies", {"dependencies": [c]})
    for path, field, others, message in (
        (f"/tasks/{a}/addDependencies", "dependencies", [a], "A task cannot depend on itself"),
        (f"/tasks/{b}/addDependencies", "dependencies", [a], CIRCLE),
        (f"/tasks/{c}/addDependencies", "dependencies", [a], CIRCLE),
        (f"/tasks/{a}/addDependents", "dependents", [c], CIRCLE),
    ):
        answer = await world.ann.post(path, {field: others})
        assert (answer.status, answer.message) == (400, f"{field}: {message}")
    assert await dependencies(world, c) == []


async def test_two_at_once_never_make_a_circle(world: World) -> None:
    for _ in range(5):
        a, b = await tasks(world, 2)
        answers = await asyncio.gather(
            world.ann.post(f"/tasks/{a}/addDependencies", {"dependencies": [b]}),
            world.ann.post(f"/tasks/{b}/addDependencies", {"dependencies": [a]}),
        )
        assert sorted(each.status for each in answers) == [200, 400]


async def test_thirty_at_a_task_and_no_more(world: World) -> None:
    """object-hierarchy: both directions together."""
    here, *others = await tasks(world, 32)
    first = await world.ann.post(f"/tasks/{here}/addDependencies", {"dependencies": others[:15]})
    second = await world.ann.post(f"/tasks/{here}/addDependents", {"dependents": others[15:29]})
    assert (first.status, second.status) == (200, 200)
    message = "A task can have at most 30 dependencies and dependents combined"
    answer = await world.ann.post(f"/tasks/{here}/addDependencies", {"dependencies": others[29:31]})
    assert (answer.status, answer.message) == (400, f"dependencies: {message}")
    answers = await asyncio.gather(
        world.ann.post(f"/tasks/{here}/addDependencies", {"dependencies": [others[29]]}),
        world.ann.post(f"/tasks/{others[30]}/addDependencies", {"dependencies": [here]}),
    )
    assert sorted(each.status for each in answers) == [200, 400]


async def test_only_what_one_sees(world: World) -> None:
    hidden, shared = await a_task(world.ann, world), await a_task(world.ann, world, assignee=world.bob.gid)
    path = f"/tasks/{shared['gid']}"
    await world.ann.post(f"{path}/addDependencies", {"dependencies": [hidden["gid"]]})
    assert (await world.bob.get(f"{path}/dependencies")).data == []
    assert (await world.bob.get(path, opt_fields="dependencies")).data["dependencies"] == []
    answer = await world.bob.post(f"{path}/addDependents", {"dependents": [hidden["gid"]]})
    assert (answer.status, answer.message) == (403, "You do not have access to this task.")
    answer = await world.bob.post(f"{path}/addDependencies", {"dependencies": ["1234567890123456"]})
    assert (answer.status, answer.message) == (400, "dependencies: [0]: Unknown object: 1234567890123456")
    assert (await world.gus.get(f"{path}/dependencies")).status == 403
