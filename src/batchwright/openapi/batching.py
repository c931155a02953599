"""The batch's own schemas: its actions and results are calls and replies, which are no kind's fields."""

from __future__ import annotations

from typing import Any

from batchwright.engine.actions import METHODS
from batchwright.engine.bulk.operations import MOST, SHORT
from batchwright.engine.extensions import LONGEST_ID, LONGEST_MS, WORDS
from batchwright.engine.keys import LONGEST
from batchwright.openapi.schemas import beyond

Schemas = dict[str, dict[str, Any]]
AS_ASANA_HAS_THEM: Schemas = {
    "BatchRequest": {
        "type": "object",
        "properties": {
            "actions": {
                "type": "array",
                "minItems": 1,
                "description": "What to do, each on its own: one that fails touches no other.",
                "items": {"$ref": "#/components/schemas/BatchRequestAction"},
            },
        },
        "required": ["actions"],
    },
    "BatchRequestAction": {
        "type": "object",
        "properties": {
            "relative_path": {
                "type": "string",
                "description": "The path below the API's base URL, without a query string.",
                "examples": ["/tasks/1201234567890123"],
            },
            "method": {
                "type": "string",
                "enum": list(METHODS),
                "description": "The HTTP method, in lower or upper case.",
            },
            "data": {
                "type": "object",
                "description": "What the body's `data` would hold; for a get, the query's parameters.",
            },
            "options": {
                "type": "object",
                "properties": {
                    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "description": "Rows of a page."},
                    "offset": {"type": "string", "description": "The page to give, from an earlier `next_page`."},
                    "fields": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "What to show of each object, as in `opt_fields`.",
                    },
                },
            },
        },
        "required": ["relative_path", "method"],
    },
    "BatchResponse": {
        "type": "object",
        "properties": {
            "status_code": {"type": "integer", "description": "The action's own status.", "examples": [200]},
            "headers": {
                "type": "object",
                "description": "The action's own headers: `location` of a new object.",
                "additionalProperties": {"type": "string"},
            },
            "body": {"type": "object", "description": "What the action would have answered by itself."},
        },
    },
}

_ID = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID}
_PATIENCE = {"type": "integer", "minimum": 1, "maximum": LONGEST_MS}
# By the schema whose properties they are.
BEYOND: dict[str, Schemas] = {
    "BatchRequest": {
        "atomic": {"type": "boolean", "description": "All actions are written together, or none is."},
        "dry_run": {"type": "boolean", "description": "Nothing is written; the replies are those that would be."},
        "on_error": {
            "type": "string",
            "enum": list(WORDS["on_error"]),
            "description": "Whether more actions begin once one has failed.",
        },
        "results": {
            "type": "string",
            "enum": list(WORDS["results"]),
            "description": "How much is told of each action: all, its status, or all of those that failed.",
        },
        "timeout_ms": {
            **_PATIENCE,
            "description": "Milliseconds for the whole batch; what isn't done then is a 504.",
        },
    },
    "BatchRequestAction": {
        "id": {**_ID, "description": "What other actions call this one by, without # / { and }."},
        "depends_on": {
            "type": "array",
            "items": _ID,
            "description": "The ids of actions that must have succeeded before this one begins.",
        },
        "if": {
            "type": "object",
            "properties": {
                "id": {**_ID, "description": "Another action's id."},
                "status": {
                    "anyOf": [
                        {"type": "integer", "minimum": 100, "maximum": 599},
                        {"type": "array", "items": {"type": "integer", "minimum": 100, "maximum": 599}},
                    ],
                    "description": "The status that it must have been answered with, or several of which one will do.",
                },
            },
            "required": ["id", "status"],
            "description": "This action is only run when another was answered so.",
        },
        "timeout_ms": {**_PATIENCE, "description": "Milliseconds for this action; after them it is answered 504."},
        "idempotency_key": {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST,
            "description": "Sent again with the same key, the action happens once and is answered the same.",
        },
    },
    "BatchResponse": {
        "id": {**_ID, "description": "The action's id, if it has one."},
        "index": {
            "type": "integer",
            "minimum": 0,
            "description": "Its place in the batch: in a stream of results, and of a job.",
        },
    },
}


def _without(schema: str, *names: str) -> Schemas:
    return {name: each for name, each in BEYOND[schema].items() if name not in names}


# What a job takes of that: all results are kept, and nobody waits for it.
JOB: Schemas = {
    "BatchJobRequest": {
        "type": "object",
        "description": beyond("What is to be worked off behind the scenes."),
        "properties": {
            "actions": {
                **AS_ASANA_HAS_THEM["BatchRequest"]["properties"]["actions"],
                "maxItems": MOST,
                "items": {"$ref": "#/components/schemas/BatchJobAction"},
            },
            **_without("BatchRequest", *SHORT),
        },
        "required": ["actions"],
    },
    "BatchJobAction": {
        **AS_ASANA_HAS_THEM["BatchRequestAction"],
        "description": beyond("What to do, as in a batch."),
        "properties": AS_ASANA_HAS_THEM["BatchRequestAction"]["properties"] | _without("BatchRequestAction", *SHORT),
    },
}


def batch_schemas(*, strict: bool, jobs: bool) -> Schemas:
    """The schemas. strict: without what goes beyond Asana. jobs: whether a batch can become a job."""
    if strict:
        return AS_ASANA_HAS_THEM
    found = {
        name: {**schema, "properties": schema["properties"] | _marked(BEYOND.get(name, {}))}
        for name, schema in AS_ASANA_HAS_THEM.items()
    }
    return found | (JOB if jobs else {})


def lines_of(record: str) -> dict[str, Any]:
    """A batch without an envelope, as a media type of a body. record: the schema of an action."""
    about = f"An action a line, each a `{record}`, and nothing around them."
    return {"application/x-ndjson": {"schema": {"type": "string", "description": beyond(about)}}}


def streams_of(record: str) -> dict[str, Any]:
    """An answer as it comes, as media types. record: the schema of each thing that comes."""
    ways = {
        "application/x-ndjson": f"Each as a line as soon as it is there: a `{record}`.",
        "text/event-stream": f"Each as an event `result` as soon as it is there, a `{record}`; `end` when that is all.",
    }
    return {name: {"schema": {"type": "string", "description": beyond(about)}} for name, about in ways.items()}


def with_jobs(paths: dict[str, Schemas]) -> None:
    """A batch may ask to become a job, and is then answered like one that is taken in."""
    one, many = paths["/batch"]["post"], paths["/batch_jobs"]["post"]
    one["parameters"] = [*one["parameters"], {"$ref": "#/components/parameters/Prefer"}]
    (first, done), *others = one["responses"].items()
    one["responses"] = {first: done, "202": many["responses"]["202"], **dict(others)}


def _marked(properties: Schemas) -> Schemas:
    """The same, for readers to see that Asana hasn't got them."""
    return {name: {**each, "description": beyond(each["description"])} for name, each in properties.items()}
