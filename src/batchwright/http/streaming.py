"""Results sent as they come: one JSON object a line (application/x-ndjson), or server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from types import MappingProxyType
from typing import Any

import msgspec
from starlette.types import Send

from batchwright.engine.headers import UNBUFFERED
from batchwright.http.replying import HEADERS
from batchwright.model.calls import Stream

TYPES: dict[str, Stream] = {"application/x-ndjson": "ndjson", "text/event-stream": "events"}
NAMES = {name: type for type, name in TYPES.items()}
FORBIDDEN = {"q=0", "q=0.0", "q=0.00", "q=0.000"}
NOTHING = object()
END = b"event: end\ndata: {}\n\n"


def stream_of(accept: str) -> Stream:
    """The way to stream, where an Accept header names one before it names JSON; else "". What it forbids is passed."""
    for each in accept.lower().split(","):
        name, *parameters = (part.strip() for part in each.split(";"))
        if FORBIDDEN.intersection(parameters):
            continue
        if name in TYPES or name == "application/json":
            return TYPES.get(name, "")
    return ""


async def streamed(
    values: AsyncGenerator[Any], way: Stream, send: Send, given: Mapping[str, str] = MappingProxyType(HEADERS)
) -> None:
    """Sends each value as it comes. A client that reads slowly is waited for; for one that leaves all is done, too."""
    headers = {**given, "Content-Type": NAMES[way], UNBUFFERED: "no"}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    async with aclosing(values):
        each = await anext(values, NOTHING)  # only what has begun is ended, should the client be gone
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        while each is not NOTHING:
            await send({"type": "http.response.body", "body": _encoded(each, way), "more_body": True})
            each = await anext(values, NOTHING)
    await send({"type": "http.response.body", "body": END if way == "events" else b""})


def _encoded(value: Any, way: Stream) -> bytes:
    content = msgspec.json.encode(value)
    return content + b"\n" if way == "ndjson" else b"event: result\ndata: " + content + b"\n\n"
