"""What a call weighs in the limiters: itself, or for a batch each of its actions (a batch costs nothing by itself)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchwright.engine.actions import actions_of
from batchwright.engine.limits import Weight
from batchwright.engine.references import blank
from batchwright.engine.routes import Routes
from batchwright.model.calls import Call
from batchwright.model.problems import Problem


def weigh(routes: Routes, call: Call, most: int) -> Weight:
    """The weight of a call. most: how many actions a batch may have; a malformed batch is refused here (400)."""
    operation, _ = routes.match(call.method, call.relative_path)
    if operation.weight != "batch":
        return _single(routes, call.method, call.relative_path)
    return sum((_action(routes, each) for each in actions_of(call.data, most)), Weight(0, 0))


def _action(routes: Routes, action: Mapping[str, Any]) -> Weight:
    return _single(routes, action["method"].upper(), blank(action["relative_path"]))


def _single(routes: Routes, method: str, path: str) -> Weight:
    try:
        weight = routes.match(method, path)[0].weight
    except Problem:
        weight = ""
    read = method in ("GET", "HEAD")
    return Weight(int(read), int(not read), int(weight == "search"), int(weight == "job"))
