"""What took how long, for those who ask with `Batchwright-Explain: timing`."""

from __future__ import annotations

import re
from typing import Any

import httpx2
from tests.engine.test_batch import get, post
from tests.world import World

SPANS = re.compile(r"queued;dur=([\d.]+), ran;dur=([\d.]+), committed;dur=([\d.]+)")


async def asked(world: World, explain: str, *actions: dict[str, Any]) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {world.ann.token}", "Batchwright-Explain": explain}
    return await world.ann.http.post("/api/1.0/batch", json={"data": {"actions": list(actions)}}, headers=headers)


def spans(text: str) -> tuple[float, ...]:
    """Milliseconds: queued, ran, committed."""
    found = SPANS.fullmatch(text)
    assert found, text
    return tuple(map(float, found.groups()))


async def test_a_batch_and_each_of_its_actions_tell(world: World) -> None:
    made = post("/tasks", {"name": "t", "workspace": world.workspace})
    response = await asked(world, "limits, Timing", get("/users/me"), made, get("/nowhere"))
    whole = spans(response.headers["server-timing"])
    each = [spans(result["headers"]["server-timing"]) for result in response.json()["data"]]
    assert all(sum(one) <= sum(whole) + 0.05 for one in each)
    assert [one[2] > 0 for one in each] == [False, True, False]
    assert response.json()["data"][1]["headers"]["location"]


async def test_an_action_that_cannot_be_called_tells_too(world: World) -> None:
    response = await asked(world, "timing", get("/organization_exports/1"))
    (result,) = response.json()["data"]
    assert result["status_code"] == 400
    assert spans(result["headers"]["server-timing"])[2] == 0


async def test_nobody_else_is_told(world: World) -> None:
    response = await asked(world, "limits", get("/users/me"))
    assert "server-timing" not in response.headers
    assert response.json()["data"][0]["headers"] == {}


async def test_a_single_request_tells_too(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.ann.token}", "Batchwright-Explain": "timing"}
    response = await world.ann.http.get("/api/1.0/users/me", headers=headers)
    assert spans(response.headers["server-timing"])[2] == 0
