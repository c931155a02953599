"""Our document's batch is a superset of the Batch API as its own description has it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.contract.ours import catalogue, ours
from tests.contract.reference import ABSENT, BATCH, PRESENT, Described

from batchwright.engine.extensions import OF_ACTIONS, OF_BATCHES
from batchwright.openapi import document
from batchwright.resources import KINDS

pytestmark = pytest.mark.skipif(not PRESENT, reason=ABSENT)


@pytest.fixture(scope="module")
def described() -> Described:
    """The Batch API's own description."""
    return Described(yaml.safe_load(BATCH.read_text("utf-8")))


@pytest.mark.parametrize("strict", [False, True])
def test_the_same_operation(described: Described, *, strict: bool) -> None:
    (theirs,) = described.operations.values()
    own = ours(strict=strict).operations[theirs.id]
    assert (own.method, own.path, own.tag) == (theirs.method, theirs.path, theirs.tag)
    assert own.statuses - theirs.statuses == (set() if strict else {202})
    assert theirs.statuses <= own.statuses


def test_every_status_is_described(described: Described) -> None:
    own, theirs = (each.raw["paths"]["/batch"]["post"]["responses"] for each in (ours(), described))
    assert theirs.keys() <= own.keys()


def test_every_named_schema(described: Described) -> None:
    for name, theirs in described.schemas.items():
        assert covers(ours(), described, ours().schemas[name], theirs, name) == []


def test_request_and_reply(described: Described) -> None:
    (theirs,) = described.operations.values()
    own = ours().operations[theirs.id]
    assert own.body
    assert theirs.body
    assert covers(ours(), described, own.body, theirs.body, "body") == []
    assert covers(ours(), described, own.reply, theirs.reply, "reply") == []


def test_every_way_to_sign_in(described: Described) -> None:
    own, theirs = (each.raw["components"]["securitySchemes"] for each in (ours(), described))
    assert theirs.keys() <= own.keys()
    for name, scheme in theirs.items():
        assert own[name]["type"] == scheme["type"]
    assert {"default"} <= own["oauth2"]["flows"]["authorizationCode"]["scopes"].keys()
    security = ours().raw["paths"]["/batch"]["post"]["security"]
    assert {name for each in described.raw["security"] for name in each} <= {name for each in security for name in each}


def test_what_goes_beyond_asana_is_described_unless_the_server_is_strict() -> None:
    for strict in (False, True):
        schemas = document(KINDS, catalogue(), strict=strict)["components"]["schemas"]
        names = {"BatchRequest": OF_BATCHES, "BatchRequestAction": OF_ACTIONS, "BatchResponse": ("id", "index")}
        for schema, beyond in names.items():
            assert set(beyond) & schemas[schema]["properties"].keys() == (set() if strict else set(beyond))


def covers(mine: Described, its: Described, own: Any, theirs: Any, where: str) -> list[str]:
    """What the first schema lacks of the second: names, types, choices, what is required; all the way down."""
    own, theirs = mine.flat(own), its.flat(theirs)
    faults = []
    if own.get("type") != theirs.get("type"):
        faults.append(f"{where}: type {own.get('type')}")
    if not set(theirs.get("enum", ())) <= set(own.get("enum", ())):
        faults.append(f"{where}: enum {own.get('enum')}")
    if not set(theirs.get("required", ())) <= set(own.get("required", ())):
        faults.append(f"{where}: required {own.get('required')}")
    if "items" in theirs:
        faults += covers(mine, its, own.get("items", {}), theirs["items"], f"{where}[]")
    for name, each in theirs.get("properties", {}).items():
        if name not in own.get("properties", {}):
            faults.append(f"{where}.{name}: missing")
        else:
            faults += covers(mine, its, own["properties"][name], each, f"{where}.{name}")
    return faults


def test_a_lack_would_be_found(described: Described) -> None:
    theirs = described.schemas["BatchRequestAction"]
    assert covers(ours(), described, {"type": "array"}, theirs, "x") == [
        "x: type array",
        "x: required None",
        *(f"x.{name}: missing" for name in ("relative_path", "method", "data", "options")),
    ]
