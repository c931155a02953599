"""Asana's published contract, read from beside the repository: the second truth that tests hold ours against.

It is never committed. BATCHWRIGHT_CONTRACT names another place; where it is absent the tests that need it are
skipped, except in CI. Our own document is read by the same class.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "delete", "patch")
BESIDE = Path(__file__).parents[3] / "shared" / "contract"
PATH = Path(os.environ.get("BATCHWRIGHT_CONTRACT") or BESIDE / "asana.openapi.json")
BATCH = PATH.with_name("asana-batch-api-openapi.yml")  # the Batch API's own description
PRESENT = PATH.is_file() and BATCH.is_file()
ABSENT = f"Asana's contract is not at {PATH} with {BATCH.name} beside it: what depends on it was NOT tested"


@cache
def contract() -> Described:
    """Asana's contract; an empty one where the file is absent."""
    return Described(json.loads(PATH.read_text("utf-8")) if PRESENT else {"paths": {}})


@dataclass(frozen=True)
class Reference:
    """One operation of a document. params: its query's. reply: the schema of a success.

    asked: the headers of a request; told: those of replies; refusals: the statuses of problems.
    """

    id: str
    method: str
    path: str
    tag: str
    description: str
    statuses: frozenset[int]
    params: Mapping[str, Schema]
    body: Schema | None
    reply: Schema
    asked: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    refusals: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Described:
    """An OpenAPI document and what tests ask of it."""

    raw: Mapping[str, Any]

    @cached_property
    def operations(self) -> Mapping[str, Reference]:
        """The operations by id."""
        return {each.id: each for each in self._operations()}

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """The named schemas."""
        found: Mapping[str, Schema] = self.raw["components"]["schemas"]
        return found

    def _operations(self) -> Iterator[Reference]:
        for path, item in self.raw["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item)

    def _operation(self, path: str, method: str, item: Mapping[str, Any]) -> Reference:
        found = item[method]
        params = [self.followed(each) for each in (*item.get("parameters", ()), *found.get("parameters", ()))]
        replies = {int(status): self.followed(reply) for status, reply in found["responses"].items()}
        successes = {status: reply for status, reply in replies.items() if status < 300}
        return Reference(
            id=found["operationId"],
            method=method.upper(),
            path=path,
            tag=found["tags"][0],
            description=found.get("description", ""),
            statuses=frozenset(successes),
            params={each["name"]: each for each in params if each["in"] == "query"},
            body=_content(self.followed(found.get("requestBody", {}))),
            reply=_content(next(iter(successes.values()))) or {},
            asked=frozenset(each["name"] for each in params if each["in"] == "header"),
            told=frozenset(name for reply in replies.values() for name in reply.get("headers", ())),
            refusals=frozenset(replies.keys() - successes.keys()),
        )

    def followed(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a `$ref` leads to; anything else as it is."""
        while "$ref" in value:
            target: Any = self.raw
            for name in value["$ref"].removeprefix("#/").split("/"):
                target = target[name]
            value = target
        return value

    def flat(self, schema: Schema) -> dict[str, Any]:
        """One schema with `$ref` followed and `allOf` merged at its top; properties stay as they are.

        Null is allowed where any part allows it, which is what the contract's `allOf: [X, {nullable: true}]` means.
        """
        schema = self.followed(schema)
        parts = (*(self.flat(each) for each in schema.get("allOf", ())), schema)
        merged = {name: value for part in parts for name, value in part.items() if name != "allOf"}
        properties = {name: value for part in parts for name, value in part.get("properties", {}).items()}
        required = {name for part in parts for name in part.get("required", ())}
        nullable = any(part.get("nullable") for part in parts)
        merged |= {"properties": properties} if properties else {}
        merged |= {"required": sorted(required)} if required else {}
        return merged | ({"nullable": True} if nullable else {})

    def properties(self, schema: Schema) -> dict[str, Schema]:
        """The properties of an object, or of a list's objects, whichever of several shapes it has."""
        found = self.flat(schema)
        if "items" in found:
            return self.properties(found["items"])
        properties: dict[str, Schema] = dict(found.get("properties", {}))
        for each in (*found.get("oneOf", ()), *found.get("anyOf", ())):
            properties |= self.properties(each)
        return properties

    def request_fields(self, reference: Reference) -> dict[str, Schema]:
        """The fields of a request's `data` (of the body itself where it is not JSON)."""
        if reference.body is None:
            return {}
        properties = self.properties(reference.body)
        return self.properties(properties["data"]) if "data" in properties else properties

    def reply_schema(self, reference: Reference) -> tuple[str, Schema, bool]:
        """The schema that a reply's data has, after its name (the operation's, if none); and whether it is a list."""
        data = self.properties(reference.reply)["data"]
        many = "items" in self.followed(data)
        data = self.followed(data)["items"] if many else data
        return data.get("$ref", reference.id).rpartition("/")[2], data, many


def _content(holder: Mapping[str, Any]) -> Schema | None:
    """The schema of a request or reply, whichever media type it has."""
    media = next(iter(holder.get("content", {}).values()), None)
    return media["schema"] if media else None
