"""What is wrong with a reply, whatever the request was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fuzz.messages import API, Sent
from fuzz.talking import Reply

NOT_BUILT = 501
LATE = (503, 504)
LEAKS = (b"Traceback (most recent call last)", b"site-packages", b"sqlalchemy", b"psycopg.", b"sqlite3.")


def faults(sent: Sent, reply: Reply) -> Iterator[str]:
    """In words; nothing when all is well."""
    if _is_failure(sent, reply.status):
        yield f"answered {reply.status}"
    if any(each in reply.body and each not in sent.data for each in LEAKS):
        yield "tells of its insides"
    if reply.headers.get("x-content-type-options") != "nosniff":
        yield "lacks its headers"
    if not reply.headers.get("content-type", "").startswith("application/json"):
        yield from ["no JSON where the API was asked"] if sent.sure and sent.target.startswith(b"/api/") else []
    elif reply.body:
        yield from _of_json(sent, reply)


def _of_json(sent: Sent, reply: Reply) -> Iterator[str]:
    try:
        body = json.loads(reply.body)
    except ValueError:
        yield "is no JSON, and says so"
        return
    if reply.status >= 400 and not _is_shaped(body, of_oauth=not sent.sure or sent.target.startswith(b"/-/")):
        yield f"answered {reply.status}, not in Asana's shape"
    for status, inner in actions_of(sent, reply, body):
        if inner is not None and (not isinstance(inner, dict) or (status >= 400 and not _is_shaped(inner))):
            yield f"an action was answered {status}, not in Asana's shape"
        if _is_failure(sent, status):
            yield f"an action was answered {status}"


def actions_of(sent: Sent, reply: Reply, body: Any) -> list[tuple[int, Any]]:
    """The statuses and bodies of a batch's actions; None where a result has no body."""
    asked = sent.message is not None and sent.message.target == API + b"/batch"
    if not asked or reply.status != 200 or not isinstance(body, dict) or not isinstance(body.get("data"), list):
        return []
    shown = [each for each in body["data"] if "status_code" in each]  # opt_fields may leave out anything
    return [(each["status_code"], each.get("body")) for each in shown]


def _is_failure(sent: Sent, status: int) -> bool:
    """A deadline that was asked for may pass."""
    return status >= 500 and status != NOT_BUILT and not (status in LATE and b"timeout_ms" in sent.data)


def _is_shaped(body: Any, *, of_oauth: bool = False) -> bool:
    if not isinstance(body, dict):
        return False
    if of_oauth and isinstance(body.get("error"), str):
        return True
    errors = body.get("errors")
    return isinstance(errors, list) and bool(errors) and all(map(_is_error, errors))


def _is_error(error: Any) -> bool:
    return isinstance(error, dict) and isinstance(error.get("message"), str) and bool(error["message"])
