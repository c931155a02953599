from __future__ import annotations

from typing import Any

import pytest
from tests.contract import reference
from tests.contract.reference import contract
from tests.contract.replies import NULL_TOO, TWINS, check, reference_of

pytestmark = pytest.mark.skipif(not reference.PRESENT, reason=reference.ABSENT)
ERROR = {"errors": [{"message": "project: Missing input", "help": "..."}]}


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/tasks/1", 200, {"data": {"gid": "1", "assignee": None, "due_on": "2026-01-31"}}),
        ("GET", "/tasks", 200, {"data": [], "next_page": None}),
        ("DELETE", "/tasks/1", 200, {"data": {}}),
        ("GET", "/organizations/1/teams", 200, {"data": [{"gid": "1", "name": "x"}]}),
        ("GET", "/nowhere", 404, ERROR),
    ],
)
def test_good_replies_pass(method: str, path: str, status: int, body: Any) -> None:
    check(method, path, None, status, body)


@pytest.mark.parametrize(
    ("method", "path", "status", "body", "why"),
    [
        ("GET", "/tasks/1", 200, {"data": {"gid": 1}}, r"data.gid: 1 is not of type 'string'"),
        ("GET", "/tasks/1", 200, {"data": {"completed": None}}, r"data.completed: None"),
        ("GET", "/tasks/1", 200, {"data": {"due_on": "31.1.2026"}}, r"data.due_on: '31.1.2026' is not a 'date'"),
        ("GET", "/tasks/1", 200, {"data": {"created_at": "2026-01-31T09:05:07Z"}}, r"is not a 'date-time'"),
        ("GET", "/tasks/1", 200, {"data": {"assignee": {"name": 7}}}, r"data.assignee.name: 7"),
        ("GET", "/tasks", 200, {"data": {}}, r"is not of type 'array'"),
        ("GET", "/tasks", 200, {"errors": []}, r"no data"),
        ("POST", "/tasks", 200, {"data": {}}, r"createTask answers \[201\]"),
        ("GET", "/nowhere", 200, {"data": {}}, r"no such operation"),
        ("GET", "/tasks/1", 404, {"errors": []}, r"errors: \[\]"),
        ("GET", "/tasks/1", 404, {"message": "Not found"}, r"'errors' is a required property"),
    ],
)
def test_bad_replies_fail_and_say_why(method: str, path: str, status: int, body: Any, why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        check(method, path, None, status, body)


def test_the_bodies_inside_a_batch_are_checked() -> None:
    actions = [{"relative_path": "tasks/1", "method": "get"}, {"relative_path": "/tasks/2", "method": "DELETE"}]
    good = {"status_code": 404, "headers": {}, "body": ERROR}
    bad = {"status_code": 200, "headers": {}, "body": {"data": []}}
    check("POST", "/batch", {"data": {"actions": actions}}, 200, {"data": [good, good]})
    with pytest.raises(AssertionError, match="DELETE /tasks/2"):
        check("POST", "/batch", {"data": {"actions": actions}}, 200, {"data": [good, bad]})


def test_fixed_parts_of_a_path_win() -> None:
    found = reference_of("GET", "/workspaces/1/tasks/search")
    assert found is not None
    assert found.id == "searchTasksForWorkspace"


@pytest.mark.parametrize("path", NULL_TOO)
def test_exceptions_for_null_are_needed(path: str) -> None:
    schema, *names = path.split(".")
    found = contract().schemas[schema]
    for name in names:
        found = contract().flat(found)["properties"][name]
    assert not contract().flat(found).get("nullable")


@pytest.mark.parametrize("route", TWINS)
def test_twins_stand_beside_the_contract(route: str) -> None:
    routes = {f"{each.method} {each.path}" for each in contract().operations.values()}
    assert route not in routes
    assert TWINS[route] in contract().operations
