"""Replies to bytes: the API's headers and its JSON, pretty where asked for."""

from __future__ import annotations

import msgspec
from starlette.responses import Response
from starlette.types import Send

from batchwright.engine.headers import API_VERSION
from batchwright.http.arrivals import Arriving
from batchwright.model.calls import Reply

JSON_TYPE = "application/json; charset=UTF-8"  # this spelling: clients were seen comparing it
HEADERS = {API_VERSION: "1.1", "Cache-Control": "no-store"}


def json_response(reply: Reply, *, pretty: bool = False) -> Response:
    """The response of a reply."""
    content = msgspec.json.encode(reply.body)
    if pretty:
        content = msgspec.json.format(content, indent=2) + b"\n"
    given = {name.title(): str(value) for name, value in reply.headers.items()}
    return Response(content, reply.status, HEADERS | given, media_type=JSON_TYPE)


async def deliver(response: Response, body: Arriving, send: Send, *, head: bool) -> None:
    """Sends a response. Where the request's body is still on its way, the connection is closed after it."""
    if head:
        del response.headers["content-length"]  # unknown: what a GET would have got wasn't made
    if not body.ended:
        response.headers["connection"] = "close"
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    content = b"" if head else bytes(response.body)
    await send({"type": "http.response.body", "body": content, "more_body": not body.ended})
    if not body.ended:
        await body.discard()
        await send({"type": "http.response.body", "body": b""})
