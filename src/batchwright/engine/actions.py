"""The actions of a batch request: asked for once to weigh them and once to run them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchwright.engine.values import not_an_object
from batchwright.model.problems import bad_request, missing

METHODS = ("get", "post", "put", "delete", "patch", "head")
QUERIED = ("GET", "HEAD", "DELETE")  # the `data` of these is a query


def actions_of(data: Any, most: int) -> list[Mapping[str, Any]]:
    """The actions, each an object with a text for its path and its method; else Problem 400 for the whole batch."""
    if data is None:
        raise missing("data")
    if not isinstance(data, dict):
        raise not_an_object("data", data)
    actions = data.get("actions")
    if actions is None:
        raise missing("actions")
    if not isinstance(actions, list):
        raise bad_request("actions: Value is not an array")
    if not 1 <= len(actions) <= most:
        raise bad_request(f"actions: A batch has 1 to {most} actions, not {len(actions)}")
    for number, action in enumerate(actions):
        if not isinstance(action, dict):
            raise bad_request(f"actions: [{number}]: Value is not a JSON object")
        for name in ("relative_path", "method"):
            if action.get(name) is None:
                raise bad_request(f"actions: [{number}]: {name}: Missing required field")
            if not isinstance(action[name], str):
                raise bad_request(f"actions: [{number}]: {name}: Value is not a string")
    return actions


def checked(action: Mapping[str, Any]) -> tuple[str, str, Mapping[str, Any] | None, Mapping[str, Any]]:
    """An action's method in capitals, path, data and options. Raises Problem 400 for the action alone."""
    method, path = action["method"].upper(), action["relative_path"]
    if method.lower() not in METHODS:
        raise bad_request(f"method: Value is not one of {', '.join(METHODS)}: {action['method'][:20]}")
    if "?" in path:
        raise bad_request("relative_path: Query strings are not accepted. Use `data` and `options` instead.")
    for name in ("data", "options"):
        if not isinstance(action.get(name), dict | None):
            raise bad_request(f"{name}: Value is not a JSON object")
    return method, path, action.get("data"), action.get("options") or {}
