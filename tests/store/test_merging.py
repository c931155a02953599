"""Work that is asked for in one turn is done once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from batchwright.store.merging import Merger


async def test_who_asks_for_the_same_at_once_shares_one_piece_of_work() -> None:
    merger, done = Merger(), []

    async def work(items: Iterable[int]) -> dict[int, int]:
        done.append(sorted(items))
        return {item: item * item for item in items}

    one, two, other = await asyncio.gather(
        merger.together("a", (1, 2), work), merger.together("a", (2, 3), work), merger.together("b", (9,), work)
    )
    assert done == [[1, 2, 3], [9]]
    assert {1: 1, 2: 4}.items() <= one.items()
    assert {2: 4, 3: 9}.items() <= two.items()
    assert other == {9: 81}
    await merger.together("a", (1,), work)
    assert done[2:] == [[1]]


async def test_a_failure_is_everybodys_who_asked_for_the_same_and_nobody_elses() -> None:
    merger = Merger()

    async def fails(items: Iterable[int]) -> dict[int, int]:
        raise ValueError("no")

    async def works(items: Iterable[int]) -> dict[int, int]:
        return dict.fromkeys(items, 0)

    asked = (
        merger.together("bad", (1,), fails),
        merger.together("bad", (2,), fails),
        merger.together("good", (3,), works),
    )
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(answer, ValueError) for answer in answers] == [True, True, False]


async def test_who_gives_up_does_not_disturb_the_others() -> None:
    merger = Merger()
    go = asyncio.Event()

    async def waits(items: Iterable[int]) -> dict[int, int]:
        await go.wait()
        return dict.fromkeys(items, 1)

    first = asyncio.ensure_future(merger.together("a", (1,), waits))
    second = asyncio.ensure_future(merger.together("a", (2,), waits))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    go.set()
    assert (await second)[2] == 1
