"""Nonsense in the fields a batch has beyond Asana: refused or borne, never a 500, and nothing written in secret."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.dumping import dump
from tests.world import World

from batchwright.engine.extensions import extended
from batchwright.model.problems import Problem

NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
IDS = ("a", "b", "é 漢", "x" * 64)
STATUSES = st.sampled_from((200, 201, 404, 424, [200, 201], [404], []))
POINTERS = st.sampled_from(("", "/", "/data/gid", "/data/name", "/data/workspaces/0/gid", "/data/~1/~0", "//", "/~2"))
OF_BATCH: dict[str, st.SearchStrategy[Any]] = {
    "atomic": st.booleans(),
    "dry_run": st.booleans(),
    "on_error": st.sampled_from(("stop", "continue")),
    "results": st.sampled_from(("full", "failed")),
    "timeout_ms": st.sampled_from((1, 20, 1000)),
}
RARELY = st.sampled_from((*(False,) * 9, True))


def sound(draw: st.DrawFn, values: st.SearchStrategy[Any], nonsense: st.SearchStrategy[Any] = JSON) -> Any:
    """Mostly a value that makes sense, or else nearly every batch would be refused."""
    return draw(nonsense if draw(RARELY) else values)


@st.composite
def batches(draw: st.DrawFn) -> dict[str, Any]:
    ids = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=4, unique=True))
    actions = []
    for place, id in enumerate(ids):
        other = st.sampled_from(ids[:place] or ids)
        references = st.builds("{}#{}".format, other, POINTERS)
        fields = {
            "id": st.just(id),
            "depends_on": st.lists(other, max_size=2 if place else 0),
            "if": st.fixed_dictionaries({"id": other if place else st.just("me"), "status": STATUSES}),
            "timeout_ms": st.sampled_from((1, 5, 1000)),
        }
        named = place > 0 and draw(st.booleans())
        name = (
            {"$ref": sound(draw, references)} if named else draw(st.sampled_from(("made", {"$ref": "me#/data/name"})))
        )
        below = f"/tasks/{{{sound(draw, references, st.text('ab#/~{}', max_size=10))}}}/subtasks"
        path = below if place > 0 and draw(st.booleans()) else "/tasks"
        chosen = ["id", *draw(st.lists(st.sampled_from(sorted(fields)), max_size=1))]
        given = {field: sound(draw, fields[field]) for field in chosen}
        actions.append({"method": "post", "relative_path": path, "data": {"name": name, "assignee": "me"}, **given})
    actions.append({"method": "get", "relative_path": "/users/me", "id": "me"})
    asked = draw(st.lists(st.sampled_from(sorted(OF_BATCH)), max_size=2, unique=True))
    return {"actions": actions, **{name: sound(draw, OF_BATCH[name]) for name in asked}}


async def count(world: World) -> int:
    """How many tasks there are to do for Ann."""
    listed = await world.ann.get("/tasks", assignee="me", workspace=world.workspace, opt_fields="gid")
    return len(listed.data)


@given(
    waits=st.lists(st.lists(st.integers(0, 11), max_size=3), min_size=12, max_size=12),
    conditions=st.dictionaries(st.integers(0, 11), st.integers(0, 11), max_size=4),
    down=st.booleans(),
)
def test_circles_and_nothing_else_are_refused(
    waits: list[list[int]], conditions: dict[int, int], *, down: bool
) -> None:
    if down:  # half of them without circles
        waits = [[each for each in needs if each < index] for index, needs in enumerate(waits)]
        conditions = {index: other for index, other in conditions.items() if other < index}
    actions = [
        {"method": "get", "relative_path": "/users/me", "id": str(index), "depends_on": [str(each) for each in needs]}
        | ({"if": {"id": str(conditions[index]), "status": 200}} if index in conditions else {})
        for index, needs in enumerate(waits)
    ]
    graph = {
        index: {*needs, *([conditions[index]] if index in conditions else ())} for index, needs in enumerate(waits)
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        with pytest.raises(Problem, match="It waits for an action that waits for it"):
            extended({}, actions, strict=False)
    else:
        asked = extended({}, actions, strict=False)
        assert asked is not None
        assert [set(extra.waits) for extra in asked.each] == [graph[index] for index in range(12)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=batches())
async def test_nonsense_is_refused_and_what_is_answered_is_so(
    world: World, database: str, data: dict[str, Any]
) -> None:
    for each in data["actions"]:
        if each["relative_path"] == "/tasks":
            each["data"]["workspace"] = world.workspace
    rows, before = dump(database), await count(world)
    answer = await world.ann.send("POST", "/batch", json={"data": data})
    assert answer.status in (200, 400, 503)
    results = answer.data if answer.status == 200 else []
    assert {each["status_code"] for each in results} <= {200, 201, 400, 404, 424, 504}
    written = 0 if data.get("dry_run") is True else sum(each["status_code"] == 201 for each in results)
    if not written:
        assert dump(database) == rows
    assert await count(world) == before + written
