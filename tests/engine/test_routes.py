"""Routes: found by method and path, conflicts refused."""

from __future__ import annotations

import pytest

from batchwright.engine.routes import Routes
from batchwright.model.calls import Call
from batchwright.model.operations import Method, Operation, Outcome
from batchwright.model.problems import Problem
from batchwright.model.views import View
from batchwright.resources import OPERATIONS


async def run(call: Call, view: View) -> Outcome:
    return Outcome()


def operation(id: str, method: Method, path: str) -> Operation:
    return Operation(id=id, method=method, path=path, run=run)


ROUTES = Routes(
    (
        operation("list", "GET", "/boxes"),
        operation("get", "GET", "/boxes/{box_gid}"),
        operation("search", "GET", "/boxes/search"),
        operation("open", "POST", "/boxes/{box_gid}/open"),
        operation("thing", "GET", "/boxes/{box_gid}/things/{thing_gid}"),
    )
)


@pytest.mark.parametrize(
    ("method", "path", "found", "values"),
    [
        ("GET", "/boxes", "list", {}),
        ("GET", "boxes/", "list", {}),
        ("HEAD", "/boxes", "list", {}),
        ("GET", "/boxes/search", "search", {}),
        ("GET", "/boxes/12", "get", {"box_gid": "12"}),
        ("GET", "/boxes/external%3Aa%2Fb", "get", {"box_gid": "external:a/b"}),
        ("POST", "/boxes/12/open", "open", {"box_gid": "12"}),
        ("GET", "/boxes/1/things/2", "thing", {"box_gid": "1", "thing_gid": "2"}),
    ],
)
def test_found(method: str, path: str, found: str, values: dict[str, str]) -> None:
    matched, texts = ROUTES.match(method, path)
    assert (matched.id, texts) == (found, values)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/"),
        ("POST", "/boxes"),
        ("PATCH", "/boxes"),
        ("GET", "/boxes/1/things"),
        ("GET", "/boxes//things/2"),
        ("GET", "/boxes/1/things/2/3"),
        ("HEAD", "/boxes/1/open"),
        ("GET", "/api/1.0/boxes"),
        ("GET", "http://here/boxes"),
    ],
)
def test_not_found(method: str, path: str) -> None:
    with pytest.raises(Problem) as refused:
        ROUTES.match(method, path)
    assert refused.value.status == 404


def test_two_operations_on_one_route_are_refused() -> None:
    with pytest.raises(ValueError, match="share the route"):
        Routes((operation("one", "GET", "/boxes/{box_gid}"), operation("two", "GET", "/boxes/{other}")))


def test_operation_ids_are_unique() -> None:
    ids = [each.id for each in OPERATIONS if not each.alias]
    assert len(ids) == len(set(ids))
