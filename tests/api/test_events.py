"""Event streams of tasks and projects, by sync tokens."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import Any

import pytest
from tests.api.making import a_project, a_task
from tests.world import Client, World

from batchwright.engine import events as log
from batchwright.model import moments
from batchwright.model.conditions import Reading
from batchwright.model.problems import STALE_SYNC

COUNTED = Reading("event", "stream", count=True)
HOUR = 3_600_000
TASK_KEYS = {"gid", "resource_type", "name", "resource_subtype"}


async def token(client: Client, resource: str) -> str:
    """A first token, from the answer that refuses a request without one."""
    answer = await client.get("/events", resource=resource)
    assert (answer.status, answer.message) == (412, STALE_SYNC)
    return str(answer.body["sync"])


async def since(client: Client, resource: str, sync: str, **query: Any) -> list[dict[str, Any]]:
    """All events since a token."""
    answer = await client.get("/events", resource=resource, sync=sync, **query)
    assert answer.body.keys() == {"data", "sync", "has_more"}
    assert answer.body["has_more"] is False
    found: list[dict[str, Any]] = answer.data
    return found


def short(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Type, action, and the parent's type or the field and the way it changed; stories left out."""
    return [
        (each["type"], each["action"], (each["parent"] or {}).get("resource_type"), *_change(each))
        for each in events
        if each["type"] != "story"
    ]


def _change(event: dict[str, Any]) -> tuple[str, ...]:
    change = event.get("change")
    return (change["field"], change["action"]) if change else ()


async def test_a_stream_tells_what_happened_since_its_token(world: World) -> None:
    project = await a_project(world.ann, world)
    sync = await token(world.ann, project)
    assert await since(world.ann, project, sync) == []
    task = await a_task(world.ann, world, projects=[project])
    await world.ann.put(f"/tasks/{task['gid']}", {"assignee": world.bob.gid})
    events = await since(world.ann, project, sync)
    added, changed = events[0], next(each for each in events if "change" in each)
    assert added.keys() == {"user", "created_at", "type", "action", "resource", "parent"}
    assert added["user"] == {"gid": world.ann.gid, "resource_type": "user", "name": "Ann Archer"}
    assert added["resource"].keys() == TASK_KEYS
    assert added["parent"] == {"gid": project, "resource_type": "project", "name": "P"}
    assert changed["change"]["field"] == "assignee"
    assert changed["change"]["new_value"] == {"gid": world.bob.gid, "resource_type": "user", "name": "Bob Baker"}
    assert changed["parent"] is None
    stories = [each["resource"]["resource_subtype"] for each in events if each["type"] == "story"]
    assert stories == ["added_to_project", "assigned"]


async def test_the_same_token_gives_the_same_and_the_next_one_goes_on(world: World) -> None:
    project = await a_project(world.ann, world)
    sync = await token(world.ann, project)
    await world.ann.put(f"/projects/{project}", {"name": "New"})
    answers = [await world.ann.get("/events", resource=project, sync=sync) for _ in range(2)]
    assert answers[0].data == answers[1].data
    assert short(answers[0].data) == [("project", "changed", None, "name", "changed")]
    assert await since(world.ann, project, answers[0].body["sync"]) == []
    await world.ann.put(f"/projects/{project}", {"name": "Newer"})
    assert len(await since(world.ann, project, answers[1].body["sync"])) == 1


async def test_events_bubble_from_stories_and_subtasks_to_the_project(world: World) -> None:
    project = await a_project(world.ann, world)
    task = (await a_task(world.ann, world, projects=[project]))["gid"]
    sub = (await a_task(world.ann, world, parent=task))["gid"]
    tokens = {each: await token(world.ann, each) for each in (project, task, sub)}
    story = (await world.ann.post(f"/tasks/{sub}/stories", {"text": "Hi"})).data["gid"]
    for resource, sync in tokens.items():
        events = await since(world.ann, resource, sync)
        assert [(each["resource"]["gid"], each["parent"]["gid"]) for each in events] == [(story, sub)]


async def test_what_leaves_is_told_where_it_was_and_not_where_it_goes(world: World) -> None:
    old, new = [await a_project(world.ann, world) for _ in range(2)]
    task = (await a_task(world.ann, world, projects=[old]))["gid"]
    tokens = {each: await token(world.ann, each) for each in (old, new)}
    await world.ann.post(f"/tasks/{task}/removeProject", {"project": old})
    await world.ann.post(f"/tasks/{task}/addProject", {"project": new})
    assert short(await since(world.ann, old, tokens[old])) == [
        ("task", "removed", "section"),
        ("task", "removed", "project"),
    ]
    assert short(await since(world.ann, new, tokens[new])) == [
        ("task", "added", "project"),
        ("task", "added", "section"),
    ]


async def test_links_are_changes_of_fields_at_both_ends(world: World) -> None:
    task, other = [(await a_task(world.ann, world))["gid"] for _ in range(2)]
    tokens = {each: await token(world.ann, each) for each in (task, other)}
    await world.ann.post(f"/tasks/{task}/addDependencies", {"dependencies": [other]})
    await world.ann.post(f"/tasks/{task}/removeDependencies", {"dependencies": [other]})
    for resource, field, value in ((task, "dependencies", other), (other, "dependents", task)):
        changes = [each["change"] for each in await since(world.ann, resource, tokens[resource]) if "change" in each]
        assert [(each["field"], each["action"]) for each in changes] == [(field, "added"), (field, "removed")]
        assert [changes[0]["added_value"]["gid"], changes[1]["removed_value"]["gid"]] == [value, value]


async def test_what_changes_nothing_is_no_event(world: World) -> None:
    task = (await a_task(world.ann, world))["gid"]
    sync = await token(world.ann, task)
    await world.ann.put(f"/tasks/{task}", {"name": "T", "completed": False})
    await world.ann.post(f"/tasks/{task}/addFollowers", {"followers": [world.ann.gid]})
    assert await since(world.ann, task, sync) == []


async def test_a_deleted_resource_is_named_by_its_gid(world: World) -> None:
    project = await a_project(world.ann, world)
    task = (await a_task(world.ann, world, projects=[project]))["gid"]
    sync = await token(world.ann, project)
    await world.ann.put(f"/tasks/{task}", {"name": "New"})
    await world.ann.delete(f"/tasks/{task}")
    events = await since(world.ann, project, sync)
    assert short(events) == [("task", "changed", None, "name", "changed"), ("task", "deleted", None)]
    assert {each["resource"]["gid"] for each in events if each["type"] == "task"} == {task}
    assert events[-1]["resource"] == {"gid": task, "resource_type": "task"}


async def test_fields_reach_into_objects_of_any_kind(world: World) -> None:
    project = await a_project(world.ann, world)
    task = (await a_task(world.ann, world, projects=[project]))["gid"]
    sync = await token(world.ann, project)
    await world.ann.put(f"/tasks/{task}", {"assignee": world.bob.gid})
    fields = "action,resource.(name|text),parent.name,user.name,change.field,change.new_value.email"
    changed, told = [
        each
        for each in await since(world.ann, project, sync, opt_fields=fields)
        if each["resource"].get("text") or each["change"]["field"] == "assignee"
    ]
    assert changed == {
        "user": {"gid": world.ann.gid, "name": "Ann Archer"},
        "action": "changed",
        "resource": {"gid": task, "name": "T"},
        "parent": None,
        "change": {"field": "assignee", "new_value": {"gid": world.bob.gid, "email": "bob@acme.example"}},
    }
    assert told["resource"]["text"] == "Ann Archer assigned to Bob Baker"
    assert told["parent"] == {"gid": task, "name": "T"}
    bare = (await since(world.ann, project, sync, opt_fields="resource,change"))[0]
    assert bare["resource"] == {"gid": task, "resource_type": "task"}
    assert bare.keys() == {"resource", "change"}


async def test_a_hundred_events_at_a_time(world: World) -> None:
    project = await a_project(world.ann, world)
    sync, seen, more = await token(world.ann, project), [], True
    # Three at a time, so that an answer ends amid what one request has done.
    for number in range(35):
        await world.ann.put(
            f"/projects/{project}", {"name": str(number), "notes": str(number), "archived": number % 2 == 0}
        )
    while more:
        answer = await world.ann.get("/events", resource=project, sync=sync, opt_fields="gid,change.field")
        seen.append([(each["gid"], each["change"]["field"]) for each in answer.data])
        sync, more = answer.body["sync"], answer.body["has_more"]
    assert [len(each) for each in seen] == [100, 5]
    numbers, fields = zip(*chain(*seen), strict=True)
    assert list(numbers) == sorted(set(numbers), key=int)
    assert Counter(fields) == {"name": 35, "notes": 35, "archived": 35}


async def test_a_token_is_good_for_a_day_and_for_its_own_resource(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, other = [await a_project(world.ann, world) for _ in range(2)]
    sync, now = await token(world.ann, project), moments.now()
    bad = ("", "nonsense", sync[:-1], sync + "A", sync[:-1] + ("A" if sync[-1] != "A" else "B"), "é")
    for each in bad:
        answer = await world.ann.get("/events", resource=project, sync=each)
        assert (answer.status, answer.message) == (412, STALE_SYNC)
    assert (await world.ann.get("/events", resource=other, sync=sync)).status == 412
    monkeypatch.setattr(moments, "now", lambda: now + 23 * HOUR)
    fresh = (await world.ann.get("/events", resource=project, sync=sync)).body["sync"]
    monkeypatch.setattr(moments, "now", lambda: now + 25 * HOUR)
    assert (await world.ann.get("/events", resource=project, sync=sync)).status == 412
    assert (await world.ann.get("/events", resource=project, sync=fresh)).status == 200


async def test_old_events_go_and_no_good_token_misses_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "TRIM_EVERY", 1)
    project = await a_project(world.ann, world)
    await world.ann.put(f"/projects/{project}", {"name": "Old"})
    first = await world.store.fetch(COUNTED, 0, (int(project),))
    now = moments.now()
    # New events are numbered by the real clock, so at last they count as old, too.
    for hours, kept in ((24, [(2,)]), (26, [])):
        monkeypatch.setattr(moments, "now", lambda at=now + hours * HOUR: at)
        await world.ann.put(f"/projects/{project}", {"name": f"After {hours}"})
        assert (await world.store.fetch(COUNTED, 0, (int(project),)))[int(project)] == kept
    assert first[int(project)] == [(1,)]


async def test_aliases_at_the_resource_itself(world: World) -> None:
    project = await a_project(world.ann, world)
    task = (await a_task(world.ann, world, projects=[project]))["gid"]
    for path in (f"/tasks/{task}/events", f"/projects/{project}/events"):
        sync = (await world.ann.get(path)).body["sync"]
        await world.ann.put(f"/tasks/{task}", {"name": path})
        answer = await world.ann.get(path, sync=sync, limit=1)
        assert short(answer.data) == [("task", "changed", None, "name", "changed")]
        assert "next_page" not in answer.body


async def test_resources_that_one_may_not_have_events_of(world: World) -> None:
    project = await a_project(world.ann, world, privacy_setting="private")
    task = (await a_task(world.ann, world))["gid"]
    for query, status, message in (
        ({}, 400, "resource: Missing input"),
        ({"resource": "x"}, 400, "resource: Not a recognized ID: x"),
        ({"resource": "17"}, 400, "resource: Unknown object: 17"),
        ({"resource": world.workspace}, 400, f"resource: Unknown object: {world.workspace}"),
        ({"resource": project}, 403, "You do not have access to this project."),
        ({"resource": task}, 403, "You do not have access to this task."),
    ):
        answer = await world.eve.get("/events", **query)
        assert (answer.status, answer.message) == (status, message)
    assert (await world.nobody.get("/events", resource=task)).status == 401


async def test_what_one_may_not_see_is_not_told_of(world: World) -> None:
    task = (await a_task(world.ann, world, followers=[world.bob.gid]))["gid"]
    secret = await a_project(world.ann, world, privacy_setting="private", name="Secret")
    hidden = (await a_task(world.ann, world))["gid"]
    sync = await token(world.bob, task)
    await world.ann.post(f"/tasks/{task}/addProject", {"project": secret})
    await world.ann.post(f"/tasks/{task}/addDependencies", {"dependencies": [hidden]})
    events = await since(world.bob, task, sync)
    assert [each["change"] for each in events] == [{"field": "dependencies", "action": "added"}]
    assert secret not in str(events)
    assert secret in str(await since(world.ann, task, sync))


async def test_what_leaves_ones_sight_is_named_by_its_gid_alone(world: World) -> None:
    project = await a_project(world.ann, world, privacy_setting="public_to_workspace")
    task = (await a_task(world.ann, world, projects=[project]))["gid"]
    sync = await token(world.bob, project)
    await world.ann.post(f"/tasks/{task}/removeProject", {"project": project})
    gone = [each for each in await since(world.bob, project, sync) if (each["parent"] or {}).get("gid") == project]
    assert [each["resource"] for each in gone] == [{"gid": task, "resource_type": "task"}]


async def test_the_events_of_a_workspace_are_for_service_accounts(world: World) -> None:
    answer = await world.ann.get(f"/workspaces/{world.workspace}/events")
    assert answer.status == 403
    assert (await world.ann.get("/workspaces/17/events")).status == 404


async def test_events_in_a_batch(world: World) -> None:
    project = await a_project(world.ann, world)
    action = {"method": "get", "relative_path": "/events", "data": {"resource": project}}
    (refused,) = (await world.ann.batch(action)).data
    assert refused["status_code"] == 412
    await world.ann.put(f"/projects/{project}", {"name": "New"})
    again = action | {"data": {"resource": project, "sync": refused["body"]["sync"]}}
    (answer,) = (await world.ann.batch(again)).data
    assert (answer["status_code"], len(answer["body"]["data"]), answer["body"]["has_more"]) == (200, 1, False)
