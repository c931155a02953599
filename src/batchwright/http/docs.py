"""The OpenAPI document and, made from it, a page to read it by: plain HTML that needs neither scripts nor the net."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from batchwright.http.examples import curl

Schema = Mapping[str, Any]
HERE = "//api.invalid"  # stands in the page for the URL under which a reader came
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'self'"


@dataclass(frozen=True)
class Docs:
    """Answers with the document and the page; each is made when it is first asked for, and kept."""

    make: Callable[[], Schema]

    async def document(self, request: Request) -> Response:
        """GET openapi.json: for anybody, from any page (an editor or a viewer of documents runs elsewhere)."""
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=300"}
        return Response(self._document, media_type="application/json; charset=UTF-8", headers=headers)

    async def page(self, request: Request) -> Response:
        """GET the page."""
        base = str(escape(str(request.base_url).rstrip("/")))
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "max-age=300"}
        return Response(self._page.replace(HERE.encode(), base.encode()), media_type="text/html", headers=headers)

    @cached_property
    def _document(self) -> bytes:
        return msgspec.json.encode(self.make())

    @cached_property
    def _page(self) -> bytes:
        return rendered(self.make()).encode()


def rendered(document: Schema) -> str:
    """The page of an OpenAPI document."""
    environment = Environment(
        loader=PackageLoader("batchwright.http"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["prose"] = prose
    environment.filters["anchor"] = anchor
    reader = Reader(document)
    return environment.get_template("docs.html").render(document=document, reader=reader, here=HERE)


def prose(text: str) -> Markup:
    """A description: paragraphs, with what stands in backticks as code."""
    paragraphs = [re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(each))) for each in text.strip().split("\n\n")]
    return Markup("".join(f"<p>{each}</p>" for each in paragraphs))


def anchor(name: str) -> str:
    """A name as the address of its place in the page."""
    return re.sub(r"\W+", "-", name).strip("-").lower()


@dataclass(frozen=True)
class Line:
    """One parameter or field, as a line of a table. link: the schema of what it holds."""

    name: str
    type: str
    link: str
    required: bool
    notes: str


@dataclass(frozen=True)
class Success:
    """One status of a success, what its data is, and the schema to read about it; what else there is, in which form."""

    status: str
    type: str
    link: str
    beside: tuple[str, ...]
    streams: tuple[str, ...]


@dataclass(frozen=True)
class Reader:
    """Finds in a document what the page shows."""

    document: Schema

    def groups(self) -> dict[str, list[tuple[str, str, Schema]]]:
        """By tag: path, method and description of each operation."""
        found: dict[str, list[tuple[str, str, Schema]]] = {tag["name"]: [] for tag in self.document["tags"]}
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                found[operation["tags"][0]].append((path, method.upper(), operation))
        return found

    def parameters(self, operation: Schema) -> dict[str, list[Line]]:
        """The parameters by where they stand."""
        found: dict[str, list[Line]] = {"path": [], "query": [], "header": []}
        for each in map(self.followed, operation["parameters"]):
            line = self._line(each["name"], each["schema"], each.get("required", False), each.get("description", ""))
            found[each["in"]].append(line)
        return found

    def fields(self, operation: Schema) -> list[Line]:
        """The fields of the body's data, those of objects inside after their object."""
        return list(self.lines(self._asked(operation))) if "requestBody" in operation else []

    def lines(self, schema: Schema, prefix: str = "") -> Iterator[Line]:
        """The properties of an object."""
        schema = self.followed(schema)
        required = schema.get("required", ())
        for name, each in schema.get("properties", {}).items():
            yield self._line(prefix + name, each, name in required, each.get("description", ""))
            inner = each.get("items", each)
            if "properties" in self.followed(inner) and ("$ref" not in inner or "required" in self.followed(inner)):
                yield from self.lines(inner, f"{prefix}{name}{'[]' if 'items' in each else ''}.")

    def successes(self, operation: Schema) -> Iterator[Success]:
        """What may be answered when all went well."""
        for status, reply in operation["responses"].items():
            if status < "3":
                as_json, *streams = reply["content"]
                answer = reply["content"][as_json]["schema"]["properties"]
                beside = tuple(name for name in answer if name != "data")
                yield Success(status, *self._type(answer["data"]), beside, tuple(streams))

    def refusals(self, operation: Schema) -> list[tuple[str, str]]:
        """Statuses of problems of which the operation says more than all do, and what."""
        return [
            (status, reply["description"])
            for status, reply in operation["responses"].items()
            if "$ref" in reply and "description" in reply
        ]

    def headers(self) -> list[Line]:
        """The headers of replies."""
        known: Schema = self.document["components"]["headers"]
        return [self._line(name, each["schema"], False, each["description"]) for name, each in known.items()]

    def records(self) -> dict[str, Schema]:
        """The schemas of what replies show."""
        schemas: dict[str, Schema] = self.document["components"]["schemas"]
        return {name: each for name, each in schemas.items() if not name.endswith("Request")}

    def later(self) -> dict[str, list[Schema]]:
        """What isn't built, by tag."""
        found: dict[str, list[Schema]] = {}
        for each in self.document["x-not-yet"]:
            found.setdefault(each["tag"], []).append(each)
        return found

    def curl(self, path: str, method: str, operation: Schema) -> str:
        """A command that calls the operation."""
        body = self._asked(operation) if "requestBody" in operation else None
        parameters = [self.followed(each) for each in operation["parameters"]]
        return curl(path, method, parameters, body, self.followed)

    def followed(self, schema: Schema) -> Schema:
        """What a `$ref` leads to."""
        if "$ref" not in schema:
            return schema
        _, _, group, name = schema["$ref"].split("/")
        found: Schema = self.document["components"][group][name]
        return found

    def _asked(self, operation: Schema) -> Schema:
        schema: Schema = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]["data"]
        found: Schema = schema.get("anyOf", [schema])[0]
        return found

    def _line(self, name: str, schema: Schema, required: bool, about: str) -> Line:
        values = [json.dumps(each) if each is None else each for each in schema.get("enum", ())]
        one_of = "One of " + ", ".join(f"`{each}`" for each in values) + "." if values else ""
        given = "Only in replies." if schema.get("readOnly") and name not in ("gid", "resource_type") else ""
        text, link = self._type(schema)
        return Line(name, text, link, required, " ".join(filter(None, (about, one_of, given))))

    def _type(self, schema: Schema) -> tuple[str, str]:
        """A schema in a few words, and the schema they lead to."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return name, name
        if "anyOf" in schema:
            texts, links = zip(*map(self._type, schema["anyOf"]), strict=True)
            return " or ".join(texts), next(filter(None, links), "")
        kind = schema.get("type", "any value")
        text = " or ".join(kind) if isinstance(kind, list) else str(kind)
        if "items" in schema:
            inner, link = self._type(schema["items"])
            return text.replace("array", f"array of {inner}"), link
        return f"{text} ({schema['format']})" if "format" in schema else text, ""
