"""Changes of the same rows at the same moment: nothing breaks, nothing is lost, what must hold holds afterwards."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable
from typing import Any

import pytest
from tests.api.invariants import wrongs
from tests.api.making import a_project, a_section, a_task, gids_of
from tests.world import Answer, Client, World

from batchwright.model.changes import Changes

FINE = (200, 201, 400, 403, 404)


async def at_once(*calls: Awaitable[Answer]) -> list[Answer]:
    """All answers to calls that are made at the same moment; fails when one isn't an answer in its own right."""
    answers = await asyncio.gather(*calls)
    for each in answers:
        assert each.status in FINE, each.body
    return answers


def stories(answer: Answer, *subtypes: str) -> list[str]:
    """The subtypes of the stories of these subtypes, in order."""
    return [each["resource_subtype"] for each in answer.data if each["resource_subtype"] in subtypes]


async def test_into_one_project_and_out_of_it(world: World, database: str) -> None:
    """The stories tell what happened, in turn, and end with what is."""
    project = await a_project(world.ann, world)
    other = await a_section(world, project, "Next")
    task = (await a_task(world.ann, world))["gid"]
    path = f"/tasks/{task}"
    for _ in range(4):
        add = [world.ann.post(f"{path}/addProject", {"project": project}) for _ in range(4)]
        move = [world.ann.post(f"/sections/{other}/addTask", {"task": task}) for _ in range(3)]
        remove = [world.ann.post(f"{path}/removeProject", {"project": project}) for _ in range(4)]
        answers = await at_once(*add, *move, *remove)
        assert {each.status for each in answers} == {200}
        assert not wrongs(database)
    told = stories(await world.ann.get(f"{path}/stories"), "added_to_project", "removed_from_project")
    here = gids_of((await world.ann.get(f"{path}/projects")).data)
    assert told == ["added_to_project", "removed_from_project"] * (len(told) // 2) + ["added_to_project"] * len(here)


async def test_done_and_not_done(world: World, database: str) -> None:
    """Each change is told once, by whoever made it."""
    task = (await a_task(world.ann, world, followers=[world.bob.gid]))["gid"]
    sync = (await world.ann.get("/events", resource=task)).body["sync"]
    for _ in range(4):
        calls = [
            client.put(f"/tasks/{task}", {"completed": done})
            for client in (world.ann, world.bob)
            for done in (True, False)
        ]
        await at_once(*calls, *calls_of(world, task))
        assert not wrongs(database)
    told = stories(await world.ann.get(f"/tasks/{task}/stories"), "marked_complete", "marked_incomplete")
    done = (await world.ann.get(f"/tasks/{task}")).data["completed"]
    assert told == ["marked_complete", "marked_incomplete"] * (len(told) // 2) + ["marked_complete"] * done
    events = (await world.ann.get("/events", resource=task, sync=sync)).data
    assert sum((each.get("change") or {}).get("field") == "completed" for each in events) == len(told)


def calls_of(world: World, task: str) -> list[Awaitable[Answer]]:
    """Other fields of the task, changed at the same moment."""
    return [
        world.ann.put(f"/tasks/{task}", {"resource_subtype": "approval", "approval_status": "rejected"}),
        world.bob.put(f"/tasks/{task}", {"resource_subtype": "default_task"}),
        world.bob.put(f"/tasks/{task}", {"assignee": "me"}),
        world.ann.put(f"/tasks/{task}", {"assignee": None}),
        world.ann.put(f"/tasks/{task}", {"due_on": "2026-03-01", "start_on": "2026-02-01"}),
        world.bob.put(f"/tasks/{task}", {"due_on": "2026-01-01"}),
    ]


async def test_different_fields_are_all_kept(world: World) -> None:
    task = (await a_task(world.ann, world, followers=[world.bob.gid]))["gid"]
    for number in range(3):
        changes: list[dict[str, Any]] = [
            {"name": f"N{number}"},
            {"notes": f"n{number}"},
            {"due_on": f"2026-03-0{number + 1}"},
            {"completed": number % 2 == 0},
            {"assignee": [world.bob.gid, None, world.ann.gid][number]},
        ]
        answers = await at_once(*(world.bob.put(f"/tasks/{task}", each) for each in changes))
        assert [each.status for each in answers] == [200] * len(changes)
        kept = (await world.ann.get(f"/tasks/{task}")).data
        assignee = kept["assignee"] and kept["assignee"]["gid"]
        assert {**kept, "assignee": assignee} == {**kept, **{k: v for each in changes for k, v in each.items()}}


async def test_parents_never_make_a_circle(world: World, database: str) -> None:
    tasks = [(await a_task(world.ann, world))["gid"] for _ in range(7)]
    chance = random.Random(7)
    for _ in range(5):
        pairs = [chance.sample(tasks, 2) for _ in range(8)]
        await at_once(*(world.ann.post(f"/tasks/{one}/setParent", {"parent": other}) for one, other in pairs))
        assert not wrongs(database)
        await at_once(world.ann.post(f"/tasks/{tasks[0]}/setParent", {"parent": None}))


async def test_dependencies_never_make_a_circle(world: World, database: str) -> None:
    tasks = [(await a_task(world.ann, world))["gid"] for _ in range(5)]
    chance = random.Random(8)
    for _ in range(4):
        pairs = [chance.sample(tasks, 2) for _ in range(8)]
        await at_once(
            *(world.ann.post(f"/tasks/{one}/addDependencies", {"dependencies": [other]}) for one, other in pairs),
            *(world.ann.post(f"/tasks/{one}/addDependents", {"dependents": [other]}) for one, other in pairs[:3]),
        )
        assert not wrongs(database)


async def test_many_who_change_one_row_all_get_on(world: World, database: str) -> None:
    """Each decides by what the one before has done: none is told to try again."""
    task = (await a_task(world.ann, world))["gid"]
    others = [(await a_task(world.ann, world))["gid"] for _ in range(28)]
    days = (world.ann.put(f"/tasks/{task}", {"due_on": f"2026-01-{1 + day:02d}"}) for day in range(28))
    waits = (world.ann.post(f"/tasks/{each}/addDependencies", {"dependencies": [task]}) for each in others)
    answers = await at_once(*days, *waits)
    assert [each.status for each in answers] == [200] * 56
    assert len((await world.ann.get(f"/tasks/{task}/dependents")).data) == 28
    assert not wrongs(database)


async def test_what_goes_while_something_is_added_to_it(world: World, database: str) -> None:
    for _ in range(3):
        project = await a_project(world.ann, world, team=None)
        section = await a_section(world, project, "Next")
        tasks = [(await a_task(world.ann, world, projects=[project]))["gid"] for _ in range(4)]
        one, two, three, four = tasks
        await at_once(
            world.ann.delete(f"/tasks/{one}"),
            world.ann.post(f"/tasks/{one}/subtasks", {"name": "S"}),
            world.ann.post(f"/tasks/{one}/stories", {"text": "Hi"}),
            world.ann.post(f"/tasks/{one}/duplicate", {"include": "projects,subtasks"}),
            world.ann.post(f"/tasks/{two}/addDependencies", {"dependencies": [one]}),
            world.ann.post(f"/tasks/{one}/addFollowers", {"followers": [world.bob.gid]}),
            world.ann.put(f"/tasks/{one}", {"liked": True, "completed": True, "assignee": "me"}),
            world.ann.post(f"/tasks/{two}/addProject", {"project": project, "insert_after": one}),
            world.ann.post(f"/tasks/{two}/setParent", {"parent": one}),
            world.ann.delete(f"/tasks/{one}"),
        )
        assert not wrongs(database)
        await at_once(
            world.ann.post(f"/sections/{section}/addTask", {"task": three}),
            world.ann.delete(f"/sections/{section}"),
            world.ann.post("/tasks", {"name": "N", "memberships": [{"project": project, "section": section}]}),
            world.ann.put(f"/sections/{section}", {"name": "Other"}),
            world.ann.post(f"/sections/{section}/addTask", {"task": four}),
        )
        assert not wrongs(database)
        await at_once(
            world.ann.post("/tasks", {"name": "N", "projects": [project]}),
            world.ann.post(f"/projects/{project}/sections", {"name": "More"}),
            world.ann.delete(f"/projects/{project}"),
            world.ann.post(f"/projects/{project}/duplicate", {"name": "Copy"}),
            world.ann.post(f"/tasks/{four}/addProject", {"project": project}),
            world.ann.post(f"/tasks/{four}/removeProject", {"project": project}),
            world.ann.post(f"/projects/{project}/addMembers", {"members": [world.bob.gid]}),
            world.ann.put(f"/projects/{project}", {"owner": world.bob.gid}),
            world.ann.get(f"/projects/{project}/tasks", opt_fields="name,memberships.section.name"),
        )
        assert not wrongs(database)


async def test_the_last_section_stays(world: World, database: str) -> None:
    project = await a_project(world.ann, world)
    for _ in range(3):
        await a_section(world, project, "More")
        sections = gids_of((await world.ann.get(f"/projects/{project}/sections")).data)
        await at_once(*(world.ann.delete(f"/sections/{each}") for each in sections))
        assert not wrongs(database)
        assert len((await world.ann.get(f"/projects/{project}/sections")).data) == 1


async def test_an_owner_who_is_taken_off_meanwhile(world: World, database: str) -> None:
    project = await a_project(world.ann, world)
    path = f"/projects/{project}"
    for _ in range(4):
        await at_once(
            world.ann.put(path, {"owner": world.bob.gid}),
            world.ann.post(f"{path}/removeMembers", {"members": [world.bob.gid]}),
            world.ann.post(f"{path}/addFollowers", {"followers": [world.bob.gid]}),
            world.ann.post(f"{path}/removeMembers", {"members": [world.bob.gid]}),
            world.ann.put(path, {"owner": "me"}),
        )
        assert not wrongs(database)


async def test_somebody_who_leaves_is_put_nowhere_meanwhile(world: World, database: str) -> None:
    project = await a_project(world.ann, world)
    task = (await a_task(world.ann, world))["gid"]
    await at_once(
        world.ann.post(f"/workspaces/{world.workspace}/removeUser", {"user": world.bob.gid}),
        world.ann.put(f"/tasks/{task}", {"assignee": world.bob.gid}),
        world.ann.post("/tasks", {"workspace": world.workspace, "assignee": world.bob.gid}),
        world.ann.post(f"/tasks/{task}/addFollowers", {"followers": [world.bob.gid]}),
        world.ann.post(f"/projects/{project}/addMembers", {"members": [world.bob.gid]}),
        world.ann.put(f"/projects/{project}", {"owner": world.bob.gid}),
    )
    assert not wrongs(database)


async def test_batches_over_the_same_rows(world: World, database: str) -> None:
    """Whatever ten batches at once do to a few tasks, projects and sections."""
    chance = random.Random(11)
    projects = [await a_project(world.ann, world) for _ in range(2)]
    sections = [await a_section(world, each, "Next") for each in projects]
    tasks = [(await a_task(world.ann, world, followers=[world.bob.gid]))["gid"] for _ in range(4)]
    for _ in range(3):
        batches = [[_step(chance, projects, sections, tasks, world) for _ in range(10)] for _ in range(6)]
        clients: list[Client] = [chance.choice([world.ann, world.bob]) for _ in batches]
        answers = await at_once(*(client.batch(*each) for client, each in zip(clients, batches, strict=True)))
        for batch, answer in zip(batches, answers, strict=True):
            for action, result in zip(batch, answer.data, strict=True):
                assert result["status_code"] in FINE, (action, result)
        assert not wrongs(database)


def _step(
    chance: random.Random, projects: list[str], sections: list[str], tasks: list[str], world: World
) -> dict[str, Any]:
    task, other = chance.sample(tasks, 2)
    place = chance.randrange(2)
    method, path, data = chance.choice(
        [
            ("post", f"/tasks/{task}/addProject", {"project": projects[place], "section": sections[place]}),
            ("post", f"/tasks/{task}/addProject", {"project": projects[place], "insert_before": other}),
            ("post", f"/tasks/{task}/removeProject", {"project": projects[place]}),
            ("post", f"/sections/{sections[place]}/addTask", {"task": task}),
            ("post", f"/sections/{sections[place]}/addTask", {"task": task, "insert_after": other}),
            ("post", f"/tasks/{task}/setParent", {"parent": chance.choice([other, None])}),
            ("post", f"/tasks/{task}/addDependencies", {"dependencies": [other]}),
            ("post", f"/tasks/{task}/removeDependencies", {"dependencies": [other]}),
            ("put", f"/tasks/{task}", {"completed": chance.random() < 0.5, "liked": chance.random() < 0.5}),
            ("put", f"/tasks/{task}", {"assignee": chance.choice(["me", world.gus.gid, None])}),
            ("put", f"/tasks/{task}", {"resource_subtype": chance.choice(["approval", "milestone", "default_task"])}),
            ("put", f"/tasks/{task}", {"external": chance.choice([{"gid": "one"}, None])}),
            ("post", f"/tasks/{task}/addFollowers", {"followers": [world.gus.gid]}),
            ("post", f"/tasks/{task}/removeFollowers", {"followers": [world.gus.gid]}),
            ("post", f"/tasks/{task}/duplicate", {"include": "projects,dependencies,parent,followers"}),
            ("delete", f"/sections/{sections[place]}", None),
        ]
    )
    return {"method": method, "relative_path": path} | ({} if data is None else {"data": data})


@pytest.mark.parametrize("path", ["/tasks", "/projects"])
async def test_who_is_made_to_leave_before_the_commit_makes_nothing_more(
    world: World, database: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, leaving = world.store.commit, [world.bob.gid]

    async def too_late(changes: Changes) -> None:
        if [str(changes.actor)] == leaving:
            left = await world.ann.post(f"/workspaces/{world.workspace}/removeUser", {"user": leaving.pop()})
            assert left.status == 200
        await commit(changes)

    monkeypatch.setattr(world.store, "commit", too_late)
    made = await world.bob.post(path, {"name": "x", "workspace": world.workspace})
    assert made.status in (400, 403), made.body
    assert not leaving
    assert not wrongs(database)
