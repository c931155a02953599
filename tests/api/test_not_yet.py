"""Operations of the contract that aren't built."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.world import World

from batchwright.engine.routes import Routes
from batchwright.resources import OPERATIONS, not_yet

MESSAGE = "This server has not built this operation of the Asana API yet"


@pytest.mark.parametrize("line", not_yet.OPERATIONS, ids=lambda each: each.id)
def test_nobody_has_built_it_meanwhile(line: object) -> None:
    assert sum(each.id == getattr(line, "id", None) for each in OPERATIONS) == 1


async def test_says_so(world: World) -> None:
    for path in ("/portfolios", "/portfolios/12", "/projects/not-a-gid/project_statuses", "/tasks/12/attachments"):
        answer = await world.ann.get(path)
        assert (answer.status, answer.message) == (501, MESSAGE)


async def test_is_told_to_nobody_without_a_token(world: World) -> None:
    assert (await world.nobody.get("/portfolios")).status == 401


async def test_other_methods_have_no_route(world: World) -> None:
    assert (await world.ann.put("/portfolios", {})).status == 404


async def test_one_action_of_a_batch(world: World) -> None:
    excluded: list[dict[str, object]] = [
        {"relative_path": "/attachments", "method": "post", "data": {}},
        {"relative_path": "/organization_exports", "method": "post", "data": {}},
        {"relative_path": "/organization_exports/1", "method": "get"},
    ]
    answer = await world.ann.batch({"relative_path": "/goals", "method": "get"}, *excluded)
    assert [each["status_code"] for each in answer.data] == [501, 400, 400, 400]


def test_a_forgotten_line_stops_the_start() -> None:
    built = replace(not_yet.OPERATIONS[0], id="built", built=True)
    with pytest.raises(ValueError, match="share the route"):
        Routes((built, *not_yet.OPERATIONS))
