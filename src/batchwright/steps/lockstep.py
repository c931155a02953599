"""Several short questions asked side by side within one task: their reads reach the store in the same turn.

As `asyncio.gather`, without a task for each: a new task with its people, tags and places asks twenty questions.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Coroutine, Generator, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
BEGINNING = types.SimpleNamespace(done=lambda: True)  # as if a question had waited for it


@types.coroutine
def lockstep(questions: Iterable[Coroutine[Any, Any, T]]) -> Generator[Any, Any, list[T]]:
    """The answers, in order. All begin before the first is waited for; the first error ends the others and is raised.

    For what only reads: whoever starts tasks, or minds whose task they run in, belongs into a task of their own.
    """
    asked = list(questions)
    if not asked:
        return []
    if len(asked) == 1:
        return [(yield from asked[0].__await__())]
    answers: dict[int, T] = {}
    under_way: list[tuple[int, Any]] = [(number, BEGINNING) for number in range(len(asked))]
    try:
        while under_way:
            waiting = []
            for number, future in under_way:
                problem = yield from _waited(future)
                try:
                    awaited = asked[number].send(None) if problem is None else asked[number].throw(problem)
                except StopIteration as ended:
                    answers[number] = ended.value
                else:
                    if awaited is not None:
                        awaited._asyncio_future_blocking = False  # not handed on yet: others may wait for it, too
                    waiting.append((number, awaited))
            under_way = waiting
    finally:
        for each in asked:
            each.close()
    return [answers[number] for number in range(len(asked))]


def _waited(future: Any) -> Generator[Any, Any, BaseException | None]:
    """Waits for a future, or a turn where it is None. What is raised meanwhile is for its question to hear."""
    try:
        if future is None:
            yield None
        elif not future.done():
            future._asyncio_future_blocking = True
            yield future
    except (Exception, asyncio.CancelledError) as problem:
        return problem
    return None
