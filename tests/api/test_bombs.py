"""Small requests that ask for a great deal of work: each is refused, or stays small."""

from __future__ import annotations

import asyncio
import tracemalloc
from typing import Any

import pytest
from tests.api.making import a_project, a_task
from tests.world import World

from batchwright.model.conditions import Reading
from batchwright.model.problems import Problem
from batchwright.projection import parse

CIRCLE = ["dependencies", "dependents"] * 5
TOO_LARGE = "opt_fields: The result is too large. Name fewer fields, or ask for fewer objects"


async def a_web(world: World, size: int, **values: Any) -> list[str]:
    """Tasks that all wait for the same others."""
    others = [(await a_task(world.ann, world, **values))["gid"] for _ in range(size)]
    ones = [(await a_task(world.ann, world, **values))["gid"] for _ in range(size)]
    for one in ones:
        assert (await world.ann.post(f"/tasks/{one}/addDependencies", {"dependencies": others})).status == 200
    return ones


async def test_rows_that_lead_to_one_another_are_shown_within_bounds(world: World) -> None:
    """Eight tasks and eight that they wait for would be a thousand million records at ten levels."""
    ones = await a_web(world, 8)
    shown = await world.ann.get(f"/tasks/{ones[0]}", opt_fields=".".join(CIRCLE[:4]))
    assert str(shown.body).count("'gid'") == 1 + 8 + 8**2 + 8**3 + 8**4
    for levels in range(6, 11):
        refused = await world.ann.get(f"/tasks/{ones[0]}", opt_fields=".".join(CIRCLE[:levels]))
        assert (refused.status, refused.message) == (400, TOO_LARGE)


async def test_what_is_done_is_never_refused_for_the_size_of_its_reply(world: World) -> None:
    ones = await a_web(world, 8)
    answer = await world.ann.put(f"/tasks/{ones[0]}", {"name": "done"}, opt_fields=".".join(CIRCLE))
    assert (answer.status, answer.data) == (200, {"gid": ones[0]})


async def test_long_texts_count_where_they_are_repeated(world: World) -> None:
    ones = await a_web(world, 8, notes="long " * 10_000)
    assert (await world.ann.get(f"/tasks/{ones[0]}", opt_fields="dependencies.dependents.notes")).status == 200
    refused = await world.ann.get(f"/tasks/{ones[0]}", opt_fields=".".join([*CIRCLE[:4], "notes"]))
    assert (refused.status, refused.message) == (400, TOO_LARGE)


async def test_actions_that_are_large_together_are_not_refused(world: World) -> None:
    """Alike actions of a batch are read as one; each is bounded by itself."""
    ones = await a_web(world, 6)
    paths = [f"/tasks/{gid}" for gid in ones] * 2
    fields = {"options": {"fields": [".".join(CIRCLE[:5])]}}
    answer = await world.ann.batch(*({"method": "get", "relative_path": path, **fields} for path in paths[:10]))
    assert [each["status_code"] for each in answer.data] == [200] * 10


@pytest.mark.parametrize("text", ["a" * 60_000, "\u0390" * 20_000, "a " * 30_000])
async def test_a_long_text_is_looked_for_as_far_as_it_goes(world: World, text: str) -> None:
    """A database bounds the patterns it takes, and a letter may fold to three."""
    await a_project(world.ann, world, name="P")
    path = f"/workspaces/{world.workspace}"
    projects = {"relative_path": f"{path}/projects/search", "method": "get", "data": {"text": text}}
    tasks = {"relative_path": f"{path}/tasks/search", "method": "get", "data": {"text": text[:1_000]}}
    answer = await world.ann.batch(projects, tasks)
    assert [each["body"] for each in answer.data] == [{"data": []}] * 2


async def test_a_refusal_quotes_no_more_than_it_needs(world: World) -> None:
    answer = await world.ann.post("/tasks", {"workspace": world.workspace, "projects": {"a": "b" * 100_000}})
    assert answer.message == f'projects: Value is not an array: {{"a":"{"b" * 94}...'


async def test_a_read_that_fails_takes_no_other_along(world: World) -> None:
    """Those of one turn reach the database together, whoever asked."""
    bad = world.store.fetch(Reading("user", "email"), 0, ("nul\0",))
    good = world.store.fetch(Reading("user", columns=("name",)), 0, (int(world.ann.gid),))
    answers = await asyncio.gather(bad, good, return_exceptions=True)
    assert answers[1] == {int(world.ann.gid): [("Ann Archer",)]}


def test_groups_are_not_made_before_they_are_refused() -> None:
    many = "|".join(f"{number:x}" for number in range(1_900))
    bomb = f"({many}).({'|'.join('b' * 4_000)})"
    tracemalloc.start()
    try:
        with pytest.raises(Problem):
            parse(bomb)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
