"""What a call weighs in the limiters: itself, or for a batch each of its actions (a batch costs nothing by itself)."""

from __future__ import annotations

from typing import Any

from batchwright.engine.limits import Weight
from batchwright.engine.routes import Routes
from batchwright.model.calls import Call
from batchwright.model.problems import Problem


def weigh(routes: Routes, call: Call) -> Weight:
    """The weight of a call; actions that are malformed count by what can be told of them."""
    operation, _ = routes.match(call.method, call.relative_path)
    if operation.weight != "batch":
        return _single(routes, call.method, call.relative_path)
    actions = call.data.get("actions") if isinstance(call.data, dict) else None
    weights = [_action(routes, each) for each in actions] if isinstance(actions, list) else []
    return sum(weights, Weight(0, 0))


def _action(routes: Routes, action: Any) -> Weight:
    given = action if isinstance(action, dict) else {}
    method, path = given.get("method"), given.get("relative_path")
    return _single(routes, str(method).upper(), path if isinstance(path, str) else "")


def _single(routes: Routes, method: str, path: str) -> Weight:
    try:
        weight = routes.match(method, path)[0].weight
    except Problem:
        weight = ""
    read = method in ("GET", "HEAD")
    return Weight(int(read), int(not read), int(weight == "search"), int(weight == "job"))
