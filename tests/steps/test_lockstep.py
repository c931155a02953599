"""Questions side by side: asked in the same turn, answered in order, ended together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from batchwright.steps.lockstep import lockstep


class Store:
    """Answers each turn's questions at the end of it, and notes how many came together."""

    def __init__(self) -> None:
        self.turns: list[int] = []
        self._asked: list[tuple[int, asyncio.Future[int]]] = []

    def fetch(self, number: int) -> asyncio.Future[int]:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if not self._asked:
            asyncio.get_running_loop().call_soon(self._answer)
        self._asked.append((number, future))
        return future

    def _answer(self) -> None:
        asked, self._asked = self._asked, []
        self.turns.append(len(asked))
        for number, future in asked:
            if not future.done():
                future.set_result(number + 1)


async def levels(store: Store, start: int, number: int) -> int:
    """So many questions one after the other."""
    for _ in range(number):
        start = await store.fetch(start)
    return start


@pytest.mark.parametrize("depths", [(), (0,), (1,), (3, 1, 0, 2), (2,) * 20])
async def test_each_level_is_one_turn(depths: tuple[int, ...]) -> None:
    store = Store()
    found = await lockstep(levels(store, 10 * place, depth) for place, depth in enumerate(depths))
    assert found == [10 * place + depth for place, depth in enumerate(depths)]
    assert store.turns == [sum(depth > level for depth in depths) for level in range(max(depths, default=0))]


async def test_it_may_be_nested() -> None:
    store = Store()

    async def several(start: int) -> list[int]:
        return await lockstep(levels(store, start + each, 2) for each in range(3))

    assert await lockstep([several(0), several(10)]) == [[2, 3, 4], [12, 13, 14]]
    assert store.turns == [6, 6]


async def failing(store: Store, told: list[str]) -> int:
    await store.fetch(0)
    raise LookupError


async def patient(store: Store, told: list[str]) -> int:
    try:
        return await levels(store, 0, 5)
    finally:
        told.append("ended")


async def test_the_first_error_ends_the_others() -> None:
    store, told = Store(), list[str]()
    questions: list[Coroutine[Any, Any, int]] = [patient(store, told), failing(store, told), patient(store, told)]
    with pytest.raises(LookupError):
        await lockstep(questions)
    assert told == ["ended", "ended"]


async def test_an_error_before_anything_is_asked_leaves_nobody_unasked_for() -> None:
    async def refused() -> int:
        raise LookupError

    store = Store()
    with pytest.raises(LookupError):
        await lockstep([refused(), levels(store, 0, 1), refused()])
    assert store.turns == []


async def test_who_is_cancelled_ends_them_all() -> None:
    told = list[str]()

    async def asleep() -> int:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            told.append("ended")
        return 0

    task = asyncio.ensure_future(lockstep([asleep(), asleep()]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["ended", "ended"]


async def test_a_question_learns_itself_that_its_read_failed() -> None:
    broken: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def asking() -> int:
        try:
            return await broken
        except ConnectionError:
            return 7

    asyncio.get_running_loop().call_soon(broken.set_exception, ConnectionError())
    assert await lockstep([asking(), asking(), levels(Store(), 0, 3)]) == [7, 7, 3]


async def test_a_cancel_is_not_lost_that_comes_together_with_an_answer() -> None:
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    told = list[str]()

    async def asking() -> int:
        try:
            return await answer
        finally:
            told.append("ended")

    task = asyncio.ensure_future(lockstep([asking(), asking()]))
    await asyncio.sleep(0)
    answer.set_result(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["ended", "ended"]


async def test_a_pause_is_passed_on() -> None:
    told = list[int]()

    async def pausing(number: int) -> int:
        while not told:  # noqa: ASYNC110 - this is what a pause is
            await asyncio.sleep(0)
        return number

    asyncio.get_running_loop().call_soon(told.append, 1)
    assert await lockstep([pausing(1), pausing(2)]) == [1, 2]
