"""Requests drawn at random from the catalogue: none breaks the server, each refusal is Asana-shaped.

The client of the tests holds every reply against the contract. FUZZ_REQUESTS=20000 makes the run longer, FUZZ_SEED=7
another one. `make fuzz` sends the same, and much worse, to a real server.
"""

from __future__ import annotations

import asyncio
import os
import random
from typing import Any

import pytest
from fuzz.drawing import Drawing
from fuzz.start import begun
from tests.api.invariants import wrongs
from tests.world import Answer, Client, World

REQUESTS, SEED = int(os.environ.get("FUZZ_REQUESTS", "120")), int(os.environ.get("FUZZ_SEED", "0"))
EXPECTED = (200, 201, 400, 403, 404, 412)


def someone(world: World, drawing: Drawing) -> Client:
    """Mostly somebody who may."""
    return drawing.chance.choice([world.ann, world.ann, world.ann, world.bob, world.gus, world.eve])


@pytest.mark.parametrize("together", [1, 6])
async def test_nothing_breaks(world: World, database: str, together: int) -> None:
    """One after the other, and several at once."""
    drawing = await begun(world, random.Random(SEED + together))
    for _ in range(0, REQUESTS, together):
        await asyncio.gather(*(_answered(world, drawing) for _ in range(together)))
    assert not wrongs(database)


async def test_nothing_breaks_in_a_batch(world: World, database: str) -> None:
    drawing = await begun(world, random.Random(SEED))
    for _ in range(REQUESTS // 10):
        actions = [drawing.action() for _ in range(10)]
        answer = await someone(world, drawing).send("POST", "/batch", json={"data": {"actions": actions}})
        assert answer.status in (200, 400)
        for action, result in zip(actions, answer.data if answer.status == 200 else [], strict=False):
            _sound(drawing, Answer(result["status_code"], result["body"], answer.headers), action)
    assert not wrongs(database)


async def _answered(world: World, drawing: Drawing) -> None:
    method, path, query, body = drawing.request()
    answer = await someone(world, drawing).send(method, path, query=query, json=body)
    _sound(drawing, answer, (method, path, query, body))


def _sound(drawing: Drawing, answer: Answer, sent: Any) -> None:
    assert answer.status in EXPECTED, (str(sent)[:3_000], answer.status, answer.body)
    if answer.status < 300:
        drawing.learn(answer.body["data"])
