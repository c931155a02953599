"""Holds every reply that a test gets against the schema the contract has for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match
from tests.contract.reference import PRESENT, Reference, Schema, contract

from batchwright.resources import KINDS

# Null where the contract doesn't say so: schema and property, each with its reason.
NULL_TOO = {
    "ProjectResponse.team": "a project of a plain workspace, and one shared with no team, has none",
    "TaskResponse.external": "a task that has none shows so when it is asked by name",
    "TaskResponse.approval_status": "a task that is no approval shows so when it is asked by name",
    "JobCompact.new_project": "a job makes one thing, and shows null for the others, as for new_task",
    "JobCompact.new_portfolio": "a job makes one thing, and shows null for the others, as for new_task",
    "JobCompact.new_project_template": "a job makes one thing, and shows null for the others, as for new_task",
    "JobCompact.new_graph_export": "a job makes one thing, and shows null for the others, as for new_task",
    "JobCompact.new_resource_export": "a job makes one thing, and shows null for the others, as for new_task",
    "StoryCompact.created_by": "what the server did by itself has no author (facts, section 15)",
    "StoryResponse.created_by": "what the server did by itself has no author (facts, section 15)",
    "StoryResponse.sticker_name": "its own text says so: null without a sticker",
    "StoryResponseDates.due_on": "a task had no due date before, or has none any more",
    "EventResponse.user": "what the server did by itself has no user (facts, section 9)",
    "EventResponse.parent": "only an addition or a removal has a parent (facts, section 9)",
}
# Of the fields of a story that only some subtypes have the contract says of two alone that they can be null.
NULL_TOO |= {
    f"StoryResponse.{each.name}": "a story of a subtype that lacks it shows so when it is asked by name"
    for each in KINDS["story"].fields
    if each.conditional and each.name not in ("new_name", "old_number_value")
}
NULL_TOO["SectionResponse.project"] = "a section of somebody's own task list is part of no project"
# Lists whose items aren't of the format that the contract says they have, each with its reason.
FORMLESS = {"WorkspaceResponse.email_domains": "bare domains, not addresses: the contract's own example is asana.com"}
# Routes beside the contract and the operations whose replies they give (facts, section 1).
TWINS = {
    "GET /organizations/{}/teams": "getTeamsForWorkspace",
    "POST /workspaces/{}/tasks": "createTask",
    "GET /users/me/workspaces": "getWorkspaces",
    "GET /users/{}/workspaces": "getWorkspaces",
    "GET /tasks/{}/attachments": "getAttachmentsForObject",
    "POST /tasks/{}/attachments": "createAttachmentForObject",
    "GET /{}/{}/events": "getEvents",
}
# Parts of paths that Asana's contract doesn't have: nothing is known about what they answer.
OURS = frozenset(("batch_jobs",))
ERRORS: Schema = {
    "type": "object",
    "required": ["errors"],
    "properties": {
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {"allOf": [{"$ref": "#/components/schemas/Error"}, {"required": ["message"]}]},
        }
    },
}
REFERENCE = re.compile(r"\{[^{}#]+#[^{}]*\}")  # a value of another action's reply, in the path of a batch's action
FORMATS = FormatChecker(())
FORMATS.checks("date")(lambda text: not isinstance(text, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)))
FORMATS.checks("date-time")(
    lambda text: not isinstance(text, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text))
)
FORMATS.checks("uri")(lambda text: not isinstance(text, str) or bool(re.match(r"https?://", text)))
FORMATS.checks("email")(lambda text: not isinstance(text, str) or "@" in text)


def check(method: str, path: str, request: Any, status: int, body: Any) -> None:
    """Fails when a reply isn't what the contract promises for this method and path; so for each action of a batch."""
    if not PRESENT or method == "HEAD" or OURS.intersection(path.partition("?")[0].split("/")):
        return
    problem = _problem(method, path, status, body)
    assert problem is None, f"{method} {path} answered {status} against the contract: {problem}\n{body}"
    if status == 200 and path.partition("?")[0] == "/batch":
        for action, result in zip(request["data"]["actions"], body["data"], strict=True):
            if {"status_code", "body"} <= result.keys():
                inner = action["method"].upper()
                path = REFERENCE.sub("0", action["relative_path"]).strip("/")
                check(inner, f"/{path}", None, result["status_code"], result["body"])


def _problem(method: str, path: str, status: int, body: Any) -> str | None:
    if status >= 400:
        return _fault(_errors(), body)
    reference = reference_of(method, path.partition("?")[0])
    if reference is None:
        return "no such operation"
    if status not in reference.statuses:
        return f"{reference.id} answers {sorted(reference.statuses)}"
    if not isinstance(body, dict) or "data" not in body:
        return "no data"
    fault = _fault(_validator(reference.id), body)
    return fault and f"{reference.id}: {fault}"


def _fault(validator: Draft202012Validator, body: Any) -> str | None:
    if validator.is_valid(body):
        return None
    error = best_match(validator.iter_errors(body))
    assert error is not None
    return f"{error.json_path}: {error.message}"


def reference_of(method: str, path: str) -> Reference | None:
    """The contract's operation behind a path, also behind one of the older routes."""
    found = contract().operations
    for pattern, id in _patterns(method):
        if pattern.fullmatch(path):
            return found[id]
    return None


@cache
def _patterns(method: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of paths, those with more fixed parts first."""
    templates = {f"{each.method} {each.path}": each.id for each in contract().operations.values()} | TWINS
    of_method = [(key.split(" ", 1)[1], id) for key, id in templates.items() if key.startswith(method + " ")]
    ordered = sorted(of_method, key=lambda each: (each[0].count("{"), each[0]))
    return tuple((re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)), id) for path, id in ordered)


@cache
def _validator(id: str) -> Draft202012Validator:
    return _compiled(contract().operations[id].reply)


@cache
def _errors() -> Draft202012Validator:
    return _compiled(ERRORS)


def _compiled(schema: Schema) -> Draft202012Validator:
    return Draft202012Validator({**_converted(schema), "$defs": _definitions()}, format_checker=FORMATS)


@cache
def _definitions() -> Mapping[str, Any]:
    return {name: _converted(schema, name) for name, schema in contract().schemas.items()}


def _converted(schema: Schema, name: str = "") -> dict[str, Any]:
    """A schema of OpenAPI 3.0 as one of JSON Schema: what it says of values, and nothing more."""
    if set(schema) == {"$ref"}:
        return {"$ref": "#/$defs/" + schema["$ref"].rpartition("/")[2]}
    found = contract().flat(schema)
    if "." in name:  # a property that is a named schema with something said besides
        name = next((each["$ref"].rpartition("/")[2] for each in schema.get("allOf", ()) if "$ref" in each), name)
    kept: dict[str, Any] = {
        key: found[key] for key in ("type", "enum", "format", "required", "minItems") if key in found
    }
    if "properties" in found:
        kept["properties"] = {key: _property(f"{name}.{key}", each) for key, each in found["properties"].items()}
    if "items" in found:
        kept["items"] = _converted(found["items"])
    if several := [*found.get("anyOf", ()), *found.get("oneOf", ())]:
        kept["anyOf"] = [_converted(each) for each in several]
    return _or_null(kept) if found.get("nullable") else kept


def _property(path: str, schema: Schema) -> dict[str, Any]:
    converted = _converted(schema, path)
    if path in FORMLESS:
        converted["items"].pop("format")
    if path not in NULL_TOO:
        return converted
    return {"anyOf": [{"type": "null"}, converted]}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    either = dict(schema)
    if "type" in schema:
        either["type"] = [schema["type"], "null"]
    if "enum" in schema:
        either["enum"] = [*schema["enum"], None]
    return either
