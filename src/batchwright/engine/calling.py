"""The call that an action of a batch is, made of the batch's own."""

from __future__ import annotations

import msgspec

from batchwright.engine.actions import QUERIED, checked
from batchwright.engine.queries import options_of, query_of
from batchwright.engine.references import blank
from batchwright.engine.routes import EXCLUDED_PREFIXES, Routes
from batchwright.engine.running import Action
from batchwright.model.calls import Call
from batchwright.model.problems import Problem, bad_request

LONGEST_PATH = 200  # characters of a path that is told of


def call_of(batch: Call, action: Action, routes: Routes, asked: Action) -> Call | Problem:
    """The action as a call of the batch's own caller, or why it can't be one. asked: as it was before it was filled."""
    try:
        method, path, data, options = checked(action)
        _refuse_excluded(routes, method, path)
        if action is not asked:
            _refuse_another(routes, method, path, blank(asked["relative_path"]))
        query = query_of(data or {}) if method in QUERIED else {}
        query, options_ = options_of(query, options)
    except Problem as problem:
        return problem
    body = None if query else data
    return msgspec.structs.replace(
        batch, method=method, relative_path=path, query=query, data=body, options=options_, at={}, params={}, now=0
    )


def _refuse_excluded(routes: Routes, method: str, path: str) -> None:
    tree = path.strip("/").split("/")[0]
    if tree in EXCLUDED_PREFIXES:
        raise bad_request(f"relative_path: /{tree} is not supported in batch requests")
    try:
        operation, _ = routes.match(method, path)
    except Problem:
        return  # answered as any other unknown route, by perform
    if not operation.batchable:
        raise bad_request(f"relative_path: {operation.method} {operation.path} is not supported in batch requests")


def _refuse_another(routes: Routes, method: str, path: str, weighed: str) -> None:
    """A value that was put into the path may not make it the path of an operation that was not weighed.

    Raises Problem 404 where none was weighed, 400 for another.
    """
    meant = routes.match(method, weighed)[0]
    if routes.match(method, path)[0] is not meant:
        raise bad_request(f"relative_path: {path[:LONGEST_PATH]} is not the path of {meant.id}")
