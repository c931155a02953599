"""Operations as the document's path items: parameters, body, replies."""

from __future__ import annotations

import re
from collections.abc import Iterable

from batchwright.engine.bulk.operations import USUAL
from batchwright.model.fields import Field, Type
from batchwright.model.kinds import Kind, Kinds
from batchwright.model.operations import Operation
from batchwright.openapi.batching import lines_of, streams_of
from batchwright.openapi.headers import asked as asked_by_all
from batchwright.openapi.headers import told
from batchwright.openapi.problems import refusals
from batchwright.openapi.schemas import EXAMPLE, Schema, asked, beyond, reference, request, request_name, shown, title

SHARED_PARAMETERS: dict[str, Schema] = {
    "pretty": {
        "name": "opt_pretty",
        "in": "query",
        "allowEmptyValue": True,
        "schema": {"type": "boolean"},
        "description": "Writes the reply with line breaks, if it is `true`, `1` or nothing; all else is ignored.",
    },
    "limit": {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100},
        "description": "How many objects a page has; without it the whole list is given, unless it is too long.",
    },
    "offset": {
        "name": "offset",
        "in": "query",
        "schema": {"type": "string", "minLength": 1},
        "description": "The page to give: the `offset` of an earlier reply's `next_page`.",
    },
}
NEXT_PAGE: Schema = {
    "type": ["object", "null"],
    "description": "Where the list goes on, null at its end; only in a reply to a request with a `limit`.",
    "properties": {
        "offset": {"type": "string", "description": "What to send as `offset`."},
        "path": {"type": "string", "description": "The next request, relative to the base URL."},
        "uri": {"type": "string", "format": "uri", "description": "The next request as a whole URL."},
    },
}
OPTIONS = {"anyOf": [{"$ref": "#/components/schemas/RequestOptions"}, {"type": "null"}]}
ANY = {"$ref": "#/components/schemas/AnyCompact"}
ALSO = {
    "user": "The user's gid, `me`, or an e-mail address.",
    "task": "The task's gid, or `external:` and the id that your app gave it.",
}


def described(kinds: Kinds, operation: Operation, *, strict: bool) -> Schema:
    """One operation. strict: as Asana has it."""
    scope = f"Needs the scope `{operation.needs}`." if operation.needs else ""
    about = beyond(operation.about) if operation.beyond else operation.about
    replies = {str(operation.status): _success(kinds, operation, strict=strict), **refusals(operation, strict=strict)}
    found = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": _summary(operation.id),
        "description": "\n\n".join(filter(None, (about, scope))),
        "parameters": [*_parameters(operation), *asked_by_all(strict=strict)],
        "requestBody": _body(kinds, operation, strict=strict),
        "responses": replies,
        "security": [{"personalAccessToken": []}, {"oauth2": [operation.needs] if operation.needs else []}],
    }
    return {name: value for name, value in found.items() if value is not None}


def _summary(id: str) -> str:
    """`getTasksForProject` as "Get tasks for project"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", id)
    return words[:1].upper() + words[1:].lower()


def _parameters(operation: Operation) -> Iterable[Schema]:
    for name in re.findall(r"{(\w+)}", operation.path):
        kind = name.removesuffix("_gid")
        about = ALSO.get(kind, f"The {kind.replace('_', ' ')}'s gid." if name.endswith("_gid") else "")
        found: Schema = {"name": name, "in": "path", "required": True, "schema": _named(kind)}
        yield found | ({"description": about} if about else {})
    for each in operation.params:
        yield parameter(each)
    shared = ("limit", "offset") if operation.paged else ()
    if operation.limited and operation.beyond:  # of a search's limit Asana's own document says nothing
        yield SHARED_PARAMETERS["limit"] | {"description": f"How many are given at once, {USUAL} unless it says so."}
    fields = _fields_name(operation)
    if operation.shows:
        yield _fields([each.name for each in operation.shows])
    for name in filter(None, (*shared, fields, "pretty")):
        yield {"$ref": f"#/components/parameters/{name}"}


def _fields_name(operation: Operation) -> str:
    """The name of the operation's `opt_fields`; "" when there is nothing to choose from."""
    if operation.weight == "batch":
        return "BatchFields"
    if operation.kind:
        return title(operation.kind) + "Fields"
    return "AnyFields" if operation.many else ""


def _named(kind: str) -> Schema:
    return {"type": "string", "examples": ["me" if kind == "user" else EXAMPLE]}


def parameter(field: Field) -> Schema:
    """A query parameter; a list is separated by commas. An empty one counts as absent, unless it is a text."""
    schema = {name: value for name, value in asked(field).items() if name not in ("description", "maxLength")}
    found: Schema = {"name": field.name, "in": "query", "required": field.required, "schema": schema}
    if field.many:
        found |= {"style": "form", "explode": False}
    if field.type is not Type.TEXT and not field.required:
        found |= {"allowEmptyValue": True}
    return found | ({"description": field.about} if field.about else {})


def _body(kinds: Kinds, operation: Operation, *, strict: bool) -> Schema | None:
    if not operation.body:
        return None
    is_batch = operation.raw and [each.name for each in operation.body] == ["actions"]
    name = title(operation.kind or "batch") + "Request" if is_batch else request_name(kinds, operation)
    data: Schema = {"$ref": f"#/components/schemas/{name}"}
    if not name:
        data = request(operation.body, partial=operation.method == "PUT")
    needed = is_batch or (operation.method != "PUT" and any(each.required for each in operation.body))
    properties = {"data": data if needed else {"anyOf": [data, {"type": "null"}]}, "options": OPTIONS}
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    schema |= {"required": ["data"]} if needed else {}
    lines = lines_of("BatchJobAction" if operation.kind else "BatchRequestAction") if is_batch and not strict else {}
    return ({"required": True} if needed else {}) | {"content": {"application/json": {"schema": schema}, **lines}}


def _success(kinds: Kinds, operation: Operation, *, strict: bool) -> Schema:
    properties: Schema = {"data": _data(kinds, operation)}
    if operation.paged:
        properties["next_page"] = NEXT_PAGE
    properties |= {each.name: shown(kinds, each) for each in operation.beside}
    schema = {"type": "object", "properties": properties, "required": ["data"]}
    streams = operation.streams and not strict
    more = streams_of(title(operation.kind or "batch") + "Response") if streams else {}
    return {
        "description": beyond("Taken in, to be done.") if operation.status == 202 else "Done.",
        "headers": told(str(operation.status), strict=strict, keyed=operation.keyed, streams=streams),
        "content": {"application/json": {"schema": schema}, **more},
    }


def _data(kinds: Kinds, operation: Operation) -> Schema:
    if operation.streams and not operation.kind:
        return _list({"$ref": "#/components/schemas/BatchResponse"})
    if operation.shows:
        return {"type": "object", "properties": {each.name: shown(kinds, each) for each in operation.shows}}
    if not operation.kind:
        return _list(ANY) if operation.many else {"type": "object"}
    kind = kinds[operation.kind]
    if operation.many:
        return _list(reference(kind, "Compact"))
    return reference(kind, "Response")


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def fields_parameters(kinds: Kinds, operations: Iterable[Operation]) -> dict[str, Schema]:
    """An `opt_fields` for each kind that is shown, and for the batch."""
    shown = sorted({each.kind for each in operations if each.kind})
    found = {title(name) + "Fields": _fields(vocabulary(kinds, kinds[name])) for name in shown}
    found["AnyFields"] = _fields(["name", "resource_type"])
    return found | {"BatchFields": _fields(["body", "headers", "status_code"])}


def vocabulary(kinds: Kinds, kind: Kind) -> list[str]:
    """The names of a kind's fields, and those of the compact records they lead to (deeper ones are understood too)."""
    names = []
    for each in kind.fields:
        if each.hidden:
            continue
        names.append(each.name)
        if each.target:
            below = kinds[each.target]
            names += [f"{each.name}.{inner.name}" for inner in (below.full if below.nested else below.compact)]
    return sorted(names)


def _fields(names: list[str]) -> Schema:
    items = {"type": "string", "examples": names}
    return {
        "name": "opt_fields",
        "in": "query",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": items},
        "description": "The fields to show, separated by commas, in place of the default record.",
    }
