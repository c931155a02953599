"""Asana's published contract, read from beside the repository: the second truth that tests hold ours against.

It is never committed. BATCHWRIGHT_CONTRACT names another place; where it is absent the tests that need it are
skipped, except in CI.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "delete", "patch")
BESIDE = Path(__file__).parents[3] / "shared" / "contract"
PATH = Path(os.environ.get("BATCHWRIGHT_CONTRACT") or BESIDE / "asana.openapi.json")
PRESENT = PATH.is_file()
ABSENT = f"Asana's contract is not at {PATH}: what depends on it was NOT tested"


@dataclass(frozen=True)
class Reference:
    """One operation of the contract."""

    id: str
    method: str
    path: str
    tag: str
    description: str
    statuses: frozenset[int]
    params: Mapping[str, Schema]
    body: Schema | None
    reply: Schema


@cache
def document() -> Mapping[str, Any]:
    """The contract as it stands in the file."""
    found: Mapping[str, Any] = json.loads(PATH.read_text("utf-8"))
    return found


def followed(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a `$ref` leads to; anything else as it is."""
    while "$ref" in value:
        target: Any = document()
        for name in value["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        value = target
    return value


@cache
def references() -> Mapping[str, Reference]:
    """The contract's operations by id."""
    if not PRESENT:
        return {}
    return {each.id: each for each in _references()}


def _references() -> Iterator[Reference]:
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            found = item[method]
            params = [followed(each) for each in (*item.get("parameters", ()), *found.get("parameters", ()))]
            successes = {int(status): followed(reply) for status, reply in found["responses"].items() if status < "3"}
            yield Reference(
                id=found["operationId"],
                method=method.upper(),
                path=path,
                tag=found["tags"][0],
                description=found.get("description", ""),
                statuses=frozenset(successes),
                params={each["name"]: each for each in params if each["in"] == "query"},
                body=_content(followed(found.get("requestBody", {}))),
                reply=_content(next(iter(successes.values()))) or {},
            )


def _content(holder: Mapping[str, Any]) -> Schema | None:
    """The schema of a request or reply, whichever media type it has."""
    media = next(iter(holder.get("content", {}).values()), None)
    return media["schema"] if media else None


def flat(schema: Schema) -> dict[str, Any]:
    """One schema with `$ref` followed and `allOf` merged at its top; properties stay as they are.

    Null is allowed where any part allows it, which is what the contract's `allOf: [X, {nullable: true}]` means.
    """
    return _merged(followed(schema))


def _merged(schema: Schema) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    nullable = False
    for part in (*(flat(each) for each in schema.get("allOf", ())), schema):
        merged |= {name: value for name, value in part.items() if name not in ("allOf", "required")}
        properties |= part.get("properties", {})
        nullable = nullable or part.get("nullable", False)
    required = {name for part in (*map(flat, schema.get("allOf", ())), schema) for name in part.get("required", ())}
    merged |= {"required": sorted(required)} if required else {}
    merged |= {"properties": properties} if properties else {}
    return merged | ({"nullable": True} if nullable else {})


def properties_of(schema: Schema) -> dict[str, Schema]:
    """The properties of an object, or of a list's objects, whichever of several shapes it has."""
    found = flat(schema)
    if "items" in found:
        return properties_of(found["items"])
    properties: dict[str, Schema] = dict(found.get("properties", {}))
    for each in (*found.get("oneOf", ()), *found.get("anyOf", ())):
        properties |= properties_of(each)
    return properties


def request_fields(reference: Reference) -> dict[str, Schema]:
    """The fields of a request's `data` (of the body itself where it is not JSON)."""
    if reference.body is None:
        return {}
    properties = properties_of(reference.body)
    return properties_of(properties["data"]) if "data" in properties else properties
