"""The document's headers: those that requests may have and replies have, beside those of every HTTP."""

from __future__ import annotations

from batchwright.engine import headers
from batchwright.engine.keys import LONGEST
from batchwright.openapi.schemas import Schema, beyond

TEXT: Schema = {"type": "string"}
# By the name of the component.
OF_REQUESTS: dict[str, Schema] = {
    "IdempotencyKey": {
        "name": headers.KEY,
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
        "description": "A name for this request, of printable characters: sent again with it within 24 hours, the same "
        "request happens once and is answered the same. Another one with it is a 409.",
    },
    "BatchwrightExplain": {
        "name": headers.EXPLAIN,
        "style": "simple",
        "schema": {"type": "array", "items": {"type": "string", "enum": list(headers.EXPLAINED)}},
        "description": "What the reply shall say more about: `limits`, which limit a 429 is for and when each action "
        f"would pass; `timing`, what took how long, in `{headers.TIMING}`.",
    },
}
PREFER: Schema = {
    "name": headers.PREFER,
    "schema": {"type": "string", "examples": [headers.LATER]},
    "description": f"`{headers.LATER}` has the batch taken in as a job and answered with 202, as `POST /batch_jobs` "
    "does, with what that refuses. Other preferences are ignored (RFC 7240).",
}
OF_REPLIES: dict[str, Schema] = {
    headers.API_VERSION: {"description": "The version of Asana's API that is spoken.", "schema": TEXT},
    headers.REQUEST_ID: {"description": "The request's name in the server's log.", "schema": TEXT},
    headers.LOCATION: {
        "description": "The path of the new object.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    headers.RETRY_AFTER: {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
}
BEYOND: dict[str, Schema] = {
    headers.REPLAYED: {
        "description": f"`true` where this is what was answered before to the same `{headers.KEY}`.",
        "schema": {"type": "string", "const": "true"},
    },
    headers.TIMING: {
        "description": f"Milliseconds, as `ran;dur=2.31`, for who asks by `{headers.EXPLAIN}: timing`.",
        "schema": TEXT,
    },
    headers.UNBUFFERED: {
        "description": "Of a stream: proxies are asked to hand it on as it comes.",
        "schema": {"type": "string", "const": "no"},
    },
}
NEVER_PERFORMED = "401"  # refused before there is anything to measure
NEVER_KEPT = ("401", "409", "429", "500", "503")  # for an idempotency key


def parameters(*, strict: bool, jobs: bool) -> dict[str, Schema]:
    """The components. jobs: whether a batch can become a job."""
    known = {} if strict else OF_REQUESTS | ({"Prefer": PREFER} if jobs else {})
    return {name: _marked(each) | {"in": "header"} for name, each in known.items()}


def components(*, strict: bool) -> dict[str, Schema]:
    """The headers of replies."""
    return OF_REPLIES | ({} if strict else {name: _marked(each) for name, each in BEYOND.items()})


def asked(*, strict: bool) -> list[Schema]:
    """References to the headers that every request may have."""
    return [] if strict else [{"$ref": f"#/components/parameters/{name}"} for name in OF_REQUESTS]


def told(status: str, *, strict: bool, keyed: bool = True, streams: bool = False) -> dict[str, Schema]:
    """References to the headers of a reply, which are there where they have something to tell.

    keyed: of an operation that answers its idempotency key as a whole. streams: it may be a stream.
    """
    names = [headers.API_VERSION, headers.REQUEST_ID]
    names += [headers.LOCATION] if status in ("201", "202") else []
    names += [headers.RETRY_AFTER] if status in ("429", "503") else []
    if not strict:
        names += [headers.REPLAYED] if keyed and status not in NEVER_KEPT else []
        names += [headers.TIMING] if status != NEVER_PERFORMED else []
        names += [headers.UNBUFFERED] if streams else []
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _marked(header: Schema) -> Schema:
    return {**header, "description": beyond(header["description"])}
