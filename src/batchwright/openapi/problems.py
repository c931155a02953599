"""The document's replies that are no success: one of each status for all operations, with what is special of some."""

from __future__ import annotations

from typing import Any

from batchwright.engine.bulk.operations import MOST_OPEN, SHORT
from batchwright.engine.headers import EXPLAIN, KEY
from batchwright.model.operations import Operation
from batchwright.openapi.headers import told
from batchwright.openapi.schemas import Schema, beyond

WAIT = "`Retry-After` says how many seconds to wait."
PROBLEMS = {
    "400": ("BadRequest", "A parameter, a header or a field is missing, malformed or not to be set."),
    "401": ("Unauthorized", "No token was sent, or none that is known."),
    "403": ("Forbidden", "The object exists, and the caller may not see or change it."),
    "404": ("NotFound", "No such route, or no such object."),
    "409": ("Conflict", f"The `{KEY}` was sent with another request before. Nothing was done."),
    "429": ("TooManyRequests", f"A limit was hit; {WAIT}"),
    "500": ("InternalServerError", "The server failed; `phrase` finds the failure in its log."),
    "503": ("ServiceUnavailable", f"Too much is going on. Nothing was done; where it is known, {WAIT}"),
}
OURS = ("409",)  # those that Asana has no use for
EXPLAINED = (
    f"To a request with the header `{EXPLAIN}: limits`, the key `limits` tells which, and when each action would pass."
)
# Of operations beyond Asana: what has this status there, by the operation, or by what its path names.
CAUSES = {
    "createBatchJob": {
        "400": "The batch can't be understood, or it or an action of it has something that is only for those who wait: "
        f"{', '.join(f'`{name}`' for name in SHORT)}. Nothing is taken in.",
        "429": f"A limit was hit, or {MOST_OPEN} of the caller's jobs aren't over yet; {WAIT}",
    },
    "{batch_job_gid}": {
        "403": "The job is somebody else's.",
        "404": "There is no such job, or none any more.",
    },
}


def problems(*, strict: bool) -> dict[str, Schema]:
    """The components."""
    return {name: _problem(status, about, strict=strict) for status, (name, about) in _known(strict).items()}


def refusals(operation: Operation, *, strict: bool) -> dict[str, Schema]:
    """An operation's, by status."""
    found = {status: {"$ref": f"#/components/responses/{name}"} for status, (name, _) in _known(strict).items()}
    for where, causes in CAUSES.items():
        if operation.id == where or where in operation.path:
            found |= {status: found[status] | {"description": about} for status, about in causes.items()}
    return found


def _known(strict: bool) -> dict[str, tuple[str, str]]:
    return {status: each for status, each in PROBLEMS.items() if not (strict and status in OURS)}


def _problem(status: str, about: str, *, strict: bool) -> Schema:
    if status in OURS:
        about = beyond(about)
    if status == "429" and not strict:
        about = f"{about} {beyond(EXPLAINED)}"
    content: dict[str, Any] = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}
    return {"description": about, "headers": told(status, strict=strict), "content": content}
