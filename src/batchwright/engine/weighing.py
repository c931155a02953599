"""What a call weighs in the limiters: itself, or for a batch each of its actions (a batch costs nothing by itself)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

from batchwright.engine.actions import actions_of
from batchwright.engine.limits import Weight
from batchwright.engine.references import blank
from batchwright.engine.routes import Routes
from batchwright.model.calls import Call
from batchwright.model.problems import Problem

# By whether it is a read, and the operation's mark.
WEIGHTS = {
    (read, mark): Weight(int(read), int(not read), int(mark == "search"), int(mark == "job"))
    for read in (True, False)
    for mark in ("", "search", "job", "batch")
}


def weights(routes: Routes, call: Call, most: int) -> list[Weight]:
    """The weight of each action of a batch; of any other call, its own.

    most: how many actions a batch may have; a malformed batch is refused here (Problem 400).
    """
    operation, _ = routes.match(call.method, call.relative_path)
    if operation.weight != "batch":
        return [single(routes, call.method, call.relative_path)]
    return [_action(routes, each) for each in actions_of(call.data, most)]


def weigh(routes: Routes, call: Call, most: int) -> Weight:
    """What a call weighs, as above."""
    return total(weights(routes, call, most))


def total(weights: list[Weight]) -> Weight:
    """Their sum; there is at least one."""
    return reduce(add, weights)


def _action(routes: Routes, action: Mapping[str, Any]) -> Weight:
    return single(routes, action["method"].upper(), blank(action["relative_path"]))


def single(routes: Routes, method: str, path: str) -> Weight:
    """What one request weighs; one that no operation has weighs itself alone."""
    try:
        mark = routes.match(method, path)[0].weight
    except Problem:
        mark = ""
    return WEIGHTS[method in ("GET", "HEAD"), mark]
