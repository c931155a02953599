"""Idempotency keys: what a client calls a request by, so that it happens once however often it is sent.

A key belongs to the caller's user and app. It comes as a header with a request, or in an action of a batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from batchwright.model.calls import Call
from batchwright.model.problems import bad_request

FIELD: Final = "idempotency_key"
LONGEST: Final = 255
SENT = ("method", "relative_path", "data", "options")  # of an action: what makes it another request


def key(value: Any, place: str) -> str:
    """A key as a client sent it. Raises Problem 400, naming the place."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable():
        raise bad_request(f"{place}: Value is not a text of 1 to {LONGEST} printable characters")
    return value


def within(batch: str, index: int) -> str:
    """The key of an action that has none of its own in a batch that has; nobody can send one like it."""
    return f"{batch}\n{index}" if batch else ""


def keyed(call: Call, key: str, action: Mapping[str, Any], asked: Mapping[str, Any]) -> Call:
    """The call of an action, with its key. asked: the action as it was sent, before its references were filled.

    What fills them may be another object when it is sent again, and the request is the same all the same.
    """
    if not key and not call.key:
        return call
    sent = _digest([asked.get(name) for name in SENT]) if key and action is not asked else ""
    return msgspec.structs.replace(call, key=key, asked=sent)


def digest_of(call: Call) -> str:
    """Of a call's key and of whose it is."""
    return _digest([call.caller.user, call.caller.app, call.key])


def request_of(call: Call) -> str:
    """Of what is asked with the key: the same for the same JSON, in whatever order its names are."""
    options = msgspec.structs.asdict(call.options)
    return call.asked or _digest([call.method, call.relative_path.strip("/"), dict(call.query), call.data, options])


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()
