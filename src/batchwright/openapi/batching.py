"""The batch's own schemas: its actions and results are calls and replies, which are no kind's fields."""

from __future__ import annotations

from typing import Any

from batchwright.engine.actions import METHODS

BATCH_SCHEMAS: dict[str, dict[str, Any]] = {
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
