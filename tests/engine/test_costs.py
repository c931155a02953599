"""What a reply costs, against a walk through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright.engine.costs import Bill
from batchwright.engine.limits import Lease
from batchwright.model.calls import Reply

TRICKY = st.sampled_from(["gid", '"gid":', 'x"gid":"', "\\", '\\"gid":', "gids", " gid", "name", ""])
values = st.recursive(
    TRICKY | st.none() | st.integers(-9, 9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TRICKY, inner, max_size=4),
    max_leaves=30,
)


def objects(value: Any) -> int:
    """How many objects have a gid, at whatever depth."""
    if isinstance(value, dict):
        return ("gid" in value) + sum(map(objects, value.values()))
    return sum(map(objects, value)) if isinstance(value, list) else 0


class Till(Lease):
    """A lease that keeps what was charged, each time it is released."""

    def __init__(self) -> None:
        self.charged: list[int] = []

    async def release(self, cost: int = 0) -> None:
        self.charged.append(cost)


async def settled(reply: Reply, *, counts: bool = True) -> tuple[Any, int]:
    """What the reply says, parsed again, and its cost."""
    till = Till()
    async with Bill(till, counts=counts) as bill:
        reply = bill.charged(reply)
    assert len(till.charged) == 1
    return msgspec.json.decode(msgspec.json.encode(reply.body)), till.charged[0]


@given(values, values)
def test_a_reply_costs_the_objects_it_shows(shown: Any, kept: Any) -> None:
    body = {"data": shown, "kept": msgspec.Raw(msgspec.json.encode(kept))}
    said = {"data": shown, "kept": kept}
    assert asyncio.run(settled(Reply(200, body))) == (said, objects(said))
    assert asyncio.run(settled(Reply(200, body), counts=False)) == (said, 0)


async def test_what_breaks_is_released_and_costs_nothing() -> None:
    till = Till()
    with pytest.raises(LookupError):
        async with Bill(till, counts=True):
            raise LookupError
    assert till.charged == [0]


@pytest.mark.parametrize(("read", "cost"), [(1, 1), (2, 3), (9, 3)])
async def test_a_stream_is_held_to_its_end_and_costs_what_was_sent(read: int, cost: int) -> None:
    till, closed = Till(), []

    async def values() -> AsyncGenerator[Any]:
        try:
            yield {"gid": "1"}
            yield {"gid": "2", "of": {"gid": "3"}}
        finally:
            closed.append(till.charged.copy())

    async with Bill(till, counts=True) as bill:
        reply = bill.charged(Reply(200, None, stream=values()))
    assert till.charged == []
    assert reply.stream is not None
    async with aclosing(reply.stream) as stream:
        for _ in range(read):
            await anext(stream, None)
    assert (till.charged, closed) == ([cost], [[]])
