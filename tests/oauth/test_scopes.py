"""Scopes: the contract's, all of them, and what a token that lacks one can't do, singly or in a batch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.contract import reference
from tests.contract.differences import SCOPE
from tests.oauth.dancing import an_app
from tests.world import Client, World

from batchwright.model.operations import Operation
from batchwright.model.scopes import EVERYTHING, SCOPES, in_words
from batchwright.resources import OPERATIONS

BUILT = [each for each in OPERATIONS if each.built]
GRANULAR = [scope for scope in SCOPES if scope != EVERYTHING]
LACKING = "The following scopes must be present to fulfill this request: "
needs_contract = pytest.mark.skipif(not reference.PRESENT, reason=reference.ABSENT)


def needed(operation: Operation) -> str:
    """The scope that the contract names for an operation, or for the one that an alias stands for; else all."""
    theirs = reference.contract().operations.get(operation.id)
    if theirs is None:
        return operation.scope or EVERYTHING
    named = SCOPE.search(theirs.description)
    return re.findall(r"<code>([\w.:]+)</code>", named[1])[0] if named else EVERYTHING


def path_of(operation: Operation) -> str:
    """A path of the operation that names rows which aren't there."""
    return re.sub(r"\{\w+\}", "1", operation.path)


async def client_with(world: World, *scopes: str) -> Client:
    """bob's app with a token of these scopes."""
    app = await an_app(world, scopes=tuple(SCOPES))
    return replace(world.bob, token=(await app.tokens(scope=" ".join(scopes)))["access_token"])


@needs_contract
def test_the_scopes_are_those_of_the_contract() -> None:
    raw = reference.contract().raw
    listed = raw["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]["scopes"]
    texts = " ".join(each.description for each in reference.contract().operations.values())
    named = set(re.findall(r"<code>([\w.]+:(?:read|write|delete))</code>", texts))
    assert set(SCOPES) == set(listed) | named


def test_each_scope_is_told_in_words_of_its_own() -> None:
    assert len(set(SCOPES.values())) == len(SCOPES)
    assert in_words(["users:read", "openid"]) == (SCOPES["openid"], SCOPES["users:read"])
    assert in_words(["users:read", "default"]) == (SCOPES["default"],)


@needs_contract
@pytest.mark.parametrize("scope", sorted({needed(each) for each in BUILT}))
async def test_without_its_scope_nothing_runs(world: World, scope: str) -> None:
    operations = [each for each in BUILT if needed(each) == scope]
    client = await client_with(world, *(each for each in GRANULAR if each != scope))
    for operation in operations:
        answer = await client.send(operation.method, path_of(operation), json={"data": {}})
        assert (answer.status, answer.message) == (403, LACKING + scope), operation.id
    for actions in grouped(operations):
        free = {"method": "get", "relative_path": "/users/me" if scope != "users:read" else "/tasks/1"}
        *refused, other = (await client.batch(*actions, free)).data
        for each in refused:
            assert (each["status_code"], each["body"]["errors"][0]["message"]) == (403, LACKING + scope)
        assert other["status_code"] == (404 if scope == "users:read" else 200)


@needs_contract
@pytest.mark.parametrize("scope", sorted({needed(each) for each in BUILT} - {EVERYTHING}))
async def test_with_its_scope_alone_everything_of_it_runs(world: World, scope: str) -> None:
    client = await client_with(world, scope)
    for operation in BUILT:
        if needed(operation) == scope and operation.method == "GET":
            answer = await client.send("GET", path_of(operation))
            assert not (answer.status == 403 and answer.message.startswith(LACKING)), operation.id
    actions = [each for group in grouped([each for each in BUILT if needed(each) == scope]) for each in group]
    for result in (await client.batch(*actions[:10])).data:
        assert LACKING not in str(result["body"])


async def test_default_and_a_persons_own_token_have_all(world: World) -> None:
    default = await client_with(world, EVERYTHING)
    for client in (default, world.bob):
        for operation in BUILT:
            if operation.method == "GET":
                answer = await client.send("GET", path_of(operation))
                assert LACKING not in str(answer.body), operation.id


async def test_what_is_not_built_says_so_to_everybody(world: World) -> None:
    client = await client_with(world, "tasks:read")
    assert (await client.get("/portfolios/1")).status == 501


def grouped(operations: list[Operation]) -> Iterator[list[dict[str, object]]]:
    """Actions, nine at a time."""
    actions: list[dict[str, object]] = [
        {"method": each.method.lower(), "relative_path": path_of(each), "data": {}} for each in operations
    ]
    for first in range(0, len(actions), 9):
        yield actions[first : first + 9]
