"""A read of one row finds out whether the caller may see it by reading it: no question goes before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.api.making import a_project, a_tag, a_task
from tests.world import World, open_world

from batchwright.settings import Settings


@contextmanager
def reading(world: World) -> Iterator[list[str]]:
    """What is read on the loop meanwhile."""
    heard: list[str] = []
    store: Any = world.store
    store._reader.set_trace_callback(lambda text: heard.append(text) if text.startswith("SELECT") else None)
    yield heard
    store._reader.set_trace_callback(None)


async def some_tasks(world: World, number: int) -> list[str]:
    """Tasks with a bit of everything."""
    project, tag = await a_project(world.ann, world), await a_tag(world)
    values: dict[str, Any] = {"projects": [project], "tags": [tag], "followers": [world.bob.gid], "liked": True}
    return [(await a_task(world.ann, world, **values))["gid"] for _ in range(number)]


async def test_ten_reads_in_a_batch_take_no_more_statements_than_one(tmp_path: Path) -> None:
    async with open_world(tmp_path, Settings(db=str(tmp_path / "world.db"), limits="off")) as world:
        tasks = await some_tasks(world, 11)
        assert (await world.ann.get(f"/tasks/{tasks[10]}")).status == 200  # what is common to all is kept from now on
        with reading(world) as one:
            assert (await world.ann.get(f"/tasks/{tasks[10]}")).data["gid"] == tasks[10]
        with reading(world) as ten:
            answer = await world.ann.batch(*({"method": "get", "relative_path": f"/tasks/{gid}"} for gid in tasks[:10]))
        assert [each["body"]["data"]["gid"] for each in answer.data] == tasks[:10]
        # The token; then at once the edition, the row, its likes, followers, tags and memberships.
        assert len(one) == len(ten) == 1 + 6


@pytest.mark.parametrize("fields", [None, "", "gid", "name", "parent.name", "likes.user.name"])
async def test_what_is_not_shown_is_told_as_ever(world: World, fields: str | None) -> None:
    hidden = (await a_task(world.ann, world, liked=True))["gid"]
    asked = {} if fields is None else {"opt_fields": fields}
    for ident, status in ((hidden, 403), ("0012", 404)):
        refused, elsewhere = await world.eve.get(f"/tasks/{ident}", **asked), await world.eve.put(f"/tasks/{ident}", {})
        assert (refused.status, refused.message) == (status, elsewhere.message)
    assert (await world.ann.get(f"/tasks/{hidden}", **asked)).data["gid"] == hidden


async def test_a_row_comes_into_sight_with_what_makes_it_visible(world: World) -> None:
    task = (await a_task(world.ann, world))["gid"]
    assert (await world.eve.get(f"/tasks/{task}")).status == 403
    assert (await world.bob.get(f"/tasks/{task}")).status == 403
    assert (await world.ann.post(f"/tasks/{task}/addFollowers", {"followers": [world.bob.gid]})).status == 200
    assert (await world.bob.get(f"/tasks/{task}")).data["gid"] == task
    batch = await world.bob.batch({"method": "get", "relative_path": f"/tasks/{task}"})
    assert batch.data[0]["body"]["data"]["gid"] == task


@pytest.mark.parametrize("fields", ["memberships.project", "memberships.section.name", "projects", "projects.name"])
async def test_of_several_projects_each_sees_their_own(world: World, fields: str) -> None:
    hidden = await a_project(world.ann, world, privacy_setting="private")
    shared = await a_project(world.ann, world, privacy_setting="private")
    assert (await world.ann.post(f"/projects/{shared}/addMembers", {"members": [world.bob.gid]})).status == 200
    task = (await a_task(world.ann, world, projects=[hidden, shared]))["gid"]
    both = f"memberships.project.gid,memberships.section.project.gid,projects.gid,{fields}"
    for client, seen in ((world.ann, [hidden, shared]), (world.bob, [shared])):
        for asked in ({}, {"opt_fields": fields}, {"opt_fields": both}):
            data = (await client.get(f"/tasks/{task}", **asked)).data
            if "projects" in data:
                assert [each["gid"] for each in data["projects"]] == seen
            if "memberships" in data:
                assert len(data["memberships"]) == len(seen)
                named = [each["project"]["gid"] for each in data["memberships"] if "project" in each]
                assert named in ([], seen)
