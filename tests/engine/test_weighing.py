"""What calls weigh: in the whole catalogue against the contract, and in batches of any sort."""

from __future__ import annotations

import pytest
from tests.contract.reference import contract

from batchwright.engine.limits import Weight
from batchwright.engine.routes import Routes
from batchwright.engine.weighing import weigh
from batchwright.model.calls import Call, Caller
from batchwright.resources import OPERATIONS

ROUTES = Routes(OPERATIONS)
READ, WRITE = Weight(1, 0), Weight(0, 1)
SEARCH, JOB = Weight(1, 0, searches=1), Weight(0, 1, jobs=1)


def call(method: str, path: str) -> Call:
    return Call(caller=Caller(1, "t"), method=method, relative_path=path)


def test_searches_and_duplications_are_those_of_the_contract() -> None:
    """The limits' page names the search API, and what duplicates, instantiates or exports; see section 7."""
    built = {each.id for each in OPERATIONS if each.built}
    asked = {id: each for id, each in contract().operations.items() if id in built}
    searches = {id for id, each in asked.items() if each.path.endswith("/search")}
    jobs = {id for id in asked if id.startswith(("duplicate", "instantiate")) or id.endswith("Export")}
    assert {each.id for each in OPERATIONS if each.weight == "search" and not each.alias} == searches
    assert {each.id for each in OPERATIONS if each.weight == "job" and not each.alias} == jobs


@pytest.mark.parametrize(
    ("method", "path", "weight"),
    [
        ("GET", "/users/me", READ),
        ("HEAD", "/users/me", READ),
        ("POST", "/tasks", WRITE),
        ("PUT", "/tasks/1", WRITE),
        ("DELETE", "/tasks/1", WRITE),
        ("GET", "/workspaces/1/tasks/search", SEARCH),
        ("GET", "/workspaces/1/typeahead", READ),
        ("POST", "/tasks/1/duplicate", JOB),
        ("POST", "/projects/1/duplicate", JOB),
        ("GET", "/jobs/1", READ),
    ],
)
def test_what_one_call_weighs(method: str, path: str, weight: Weight) -> None:
    assert weigh(ROUTES, call(method, path), 10) == weight
