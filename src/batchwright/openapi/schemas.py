"""Kinds and fields as JSON Schemas: the compact and the full record, the request, one field of either."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from batchwright.model.fields import Field, Type
from batchwright.model.kinds import Kind, Kinds
from batchwright.model.operations import Operation

Schema = dict[str, Any]
EXAMPLE = "1201234567890123"
GID: Schema = {"type": "string", "readOnly": True, "description": "The object's gid, digits in a text."}
SHARED_SCHEMAS: dict[str, Schema] = {
    "RequestOptions": {
        "type": "object",
        "description": "What may stand beside `data` instead of in the query.",
        "properties": {
            "fields": {
                "type": ["array", "string", "null"],
                "items": {"type": "string"},
                "description": "As `opt_fields`.",
            },
            "pretty": {"description": "As `opt_pretty`."},
        },
    },
    "AnyCompact": {
        "type": "object",
        "description": "A compact record of a kind that the request chose.",
        "properties": {
            "gid": GID,
            "resource_type": {"type": "string", "readOnly": True, "description": "The sort of object."},
            "name": {"type": "string", "description": "Its name."},
        },
    },
    "ErrorResponse": {
        "type": "object",
        "properties": {"errors": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Error"}}},
        "required": ["errors"],
    },
    "Error": {
        "type": "object",
        "properties": {
            "message": {"type": "string", "description": "What is wrong, beginning with the field it is about."},
            "help": {"type": "string", "description": "Where to read more."},
            "phrase": {"type": "string", "description": "Only of a 500: finds the failure in the server's log."},
        },
        "required": ["message"],
    },
}
_PLAIN: Mapping[Type, Schema] = {
    Type.TEXT: {"type": "string"},
    Type.FLAG: {"type": "boolean"},
    Type.MINE: {"type": "boolean"},
    Type.MOMENT: {"type": "string", "format": "date-time"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.NUMBER: {"type": "number"},
    Type.WHOLE: {"type": "integer"},
    Type.COUNT: {"type": "integer"},
}
_ANNOTATED = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


def beyond(about: str) -> str:
    """What readers are told of what Asana hasn't got."""
    return f"Beyond Asana: {about}"


def title(kind: str) -> str:
    """`workspace_membership` as WorkspaceMembership."""
    return "".join(word.capitalize() for word in kind.split("_"))


def record_name(kind: Kind, record: str) -> str:
    """The name of a kind's schema: TaskCompact, TaskResponse; a nested kind has one only."""
    return title(kind.name) + ("" if kind.nested else record)


def reference(kind: Kind, record: str) -> Schema:
    """A `$ref` to a kind's schema."""
    return {"$ref": f"#/components/schemas/{record_name(kind, record)}"}


def kind_schemas(kinds: Kinds, operations: Iterable[Operation]) -> dict[str, Schema]:
    """The schemas of all kinds that the operations show, and of those that these lead to."""
    found: dict[str, Schema] = {}
    shown_by = [each for each in operations if each.kind]
    ours = {each.kind for each in shown_by if each.beyond} - {each.kind for each in shown_by if not each.beyond}
    waiting = [kinds[each.kind] for each in shown_by]
    seen: set[str] = set()
    while waiting:
        kind = waiting.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        waiting += [kinds[each.target] for each in kind.fields if each.target and not each.hidden]
        if kind.name in ours:
            kind = replace(kind, about=beyond(kind.about))
        if kind.nested:
            found[record_name(kind, "")] = _record(kinds, kind, kind.full)
        else:
            found[record_name(kind, "Compact")] = _record(kinds, kind, kind.compact)
            found[record_name(kind, "Response")] = _record(
                kinds, kind, tuple(each for each in kind.fields if not each.hidden)
            )
    return dict(sorted(found.items()))


def _record(kinds: Kinds, kind: Kind, fields: Iterable[Field]) -> Schema:
    given: dict[str, Schema] = {}
    if not kind.nested:
        of_type = {"type": "string", "const": kind.name, "readOnly": True, "description": "The sort of object."}
        given = {"gid": GID, "resource_type": of_type}
    properties = given | {each.name: shown(kinds, each) for each in fields}
    about = {"description": kind.about} if kind.about else {}
    return {"type": "object", **about, "properties": properties}


def shown(kinds: Kinds, field: Field) -> Schema:
    """A field as replies show it."""
    schema = _shown(kinds, field)
    if field.nullable and field.type is not Type.REFS:
        schema = _or_null(schema)
    notes = {"readOnly": True} if field.read_only else {}
    about = " ".join(filter(None, (field.about, "Shown only when `opt_fields` names it." if field.opt_in else "")))
    return schema | notes | ({"description": about} if about else {})


def _shown(kinds: Kinds, field: Field) -> Schema:
    if field.type is Type.REF:
        return reference(kinds[field.target], "Compact")
    if field.type is Type.REFS:
        return {"type": "array", "items": reference(kinds[field.target], "Compact")}
    if field.type is Type.COMPUTED:
        return _computed(field)
    if field.type is Type.JSON:
        return {"type": "array", "items": {}} if str(field.default).startswith("[") else {"type": "object"}
    return _plain(field)


def _plain(field: Field) -> Schema:
    if field.type is Type.CHOICE:
        return {"type": "string", "enum": list(field.choices)}
    return dict(_PLAIN[field.type])


def _computed(field: Field) -> Schema:
    """What a computed field's function says it gives: by its annotation, or by being a constant."""
    assert field.value is not None
    if not field.needs:
        return _typed(type(field.value()))
    returned = get_type_hints(field.value).get("return")
    if returned is not None:
        return _typed(returned)
    return {"type": "string", "format": "uri"} if "base" in field.needs else {}


def _typed(annotation: Any) -> Schema:
    options = get_args(annotation) if get_origin(annotation) not in _ANNOTATED else ()
    names = [
        _ANNOTATED[each] for option in options or (annotation,) if (each := get_origin(option) or option) in _ANNOTATED
    ]
    if len(names) != 1:
        return {}
    schema: Schema = {"type": names[0]} | ({"items": {}} if names[0] == "array" else {})
    return _or_null(schema) if NoneType in options else schema


def _or_null(schema: Schema) -> Schema:
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]} if schema else {}
    either = schema | {"type": [schema["type"], "null"]}
    return either | ({"enum": [*schema["enum"], None]} if "enum" in schema else {})


def request_schemas(kinds: Kinds, operations: Iterable[Operation]) -> dict[str, Schema]:
    """A schema for each body that consists of its kind's own fields."""
    found = {}
    for each in operations:
        if name := request_name(kinds, each):
            found[name] = request(each.body, partial=each.method == "PUT")
    return dict(sorted(found.items()))


def request_name(kinds: Kinds, operation: Operation) -> str:
    """`TaskRequest` or `TaskUpdateRequest`; "" for a body of its own."""
    if not operation.kind or operation.body is not kinds[operation.kind].fields:
        return ""
    return title(operation.kind) + ("UpdateRequest" if operation.method == "PUT" else "Request")


def request(fields: Iterable[Field], *, partial: bool) -> Schema:
    """The object a body's `data` is. partial: an update, which requires nothing."""
    taken = [each for each in fields if writable(each, partial=partial)]
    required = [each.name for each in taken if each.required and not partial]
    properties = {each.name: _or_null(asked(each)) if _is_cleared(each) else asked(each) for each in taken}
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def writable(field: Field, *, partial: bool) -> bool:
    """Whether a body may set the field."""
    return not (field.read_only or (partial and field.create_only))


def asked(field: Field) -> Schema:
    """A field as requests give it: other objects by gid."""
    schema = _asked(field)
    if field.many:
        schema = {"type": "array", "items": schema}
    if field.nullable:
        schema = _or_null(schema)
    if field.longest and field.type is Type.TEXT:
        schema |= {"maxLength": field.longest}
    return schema | ({"description": field.about} if field.about else {})


def _is_cleared(field: Field) -> bool:
    """Whether null in a body means an empty text."""
    return field.type is Type.TEXT and not (field.required or field.nullable)


def _asked(field: Field) -> Schema:
    if field.type is Type.RECORD:
        return request(field.fields, partial=False)
    if field.type in (Type.REF, Type.REFS):
        return {"type": "string", "examples": ["me" if field.target == "user" else EXAMPLE]}
    if field.type in (Type.JSON, Type.COMPUTED):
        return {"type": "object"}
    return _plain(field)
