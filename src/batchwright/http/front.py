"""Around everything the server answers: a name for each request, a line in the log, a reply when something breaks."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from batchwright.engine.headers import REQUEST_ID
from batchwright.engine.phrases import phrase
from batchwright.http.arrivals import Gone
from batchwright.http.cors import NOBODY, Cors, Raw, permit
from batchwright.http.replying import json_response
from batchwright.model.problems import Problem

log = structlog.get_logger("batchwright")
CLIENT_LEFT = 499  # what nginx writes for it; nobody receives it
LONGEST_PATH = 200  # characters of a path in the log
# What browsers are told with every answer, whatever it is. Pages bring a policy of their own.
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
POLICY, ALLOWED = b"content-security-policy", b"access-control-allow-origin"
NOTHING = (POLICY, b"default-src 'none'; frame-ancestors 'none'")  # for what is no page
NAME = REQUEST_ID.lower().encode()
BY_HTTPS = (b"strict-transport-security", b"max-age=31536000")


@dataclass(frozen=True)
class Front:
    """The application with its front; whoever binds `user` to the log's context is named in the request's line.

    https: whether clients come by https alone.
    """

    app: ASGIApp
    cors: Cors = NOBODY
    https: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; never raises unless a reply had begun."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = time.perf_counter()
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        statuses: list[int] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                given = list(message.get("headers", ()))
                message["headers"] = [*given, (NAME, request_id.encode()), *self._besides(scope, given)]
            await send(message)

        with bound_contextvars(request_id=request_id, user=None):
            try:
                await self._guarded(scope, receive, sending, statuses)
            finally:
                log.info(
                    "request",
                    method=scope["method"],
                    path=path_of(scope)[:LONGEST_PATH],
                    status=statuses[0] if statuses else CLIENT_LEFT,
                    ms=round((time.perf_counter() - begun) * 1000, 1),
                )

    async def _guarded(self, scope: Scope, receive: Receive, send: Send, statuses: list[int]) -> None:
        try:
            await (permit if self.cors.asks(scope) else self.app)(scope, receive, send)
        except Gone:
            pass
        except Exception:
            words = phrase()
            log.exception("server error", phrase=words)
            if statuses:
                raise
            problem = Problem(500, "Server Error", phrase=words, headers={"Connection": "close"})
            response = json_response(problem.reply())
            await response(scope, receive, send)

    def _besides(self, scope: Scope, given: list[Raw]) -> list[Raw]:
        """What goes with every answer, but what this one says itself."""
        names = {name for name, _ in given}
        besides = [each for each in ALWAYS if each[0] not in names]
        besides += [] if POLICY in names else [NOTHING]
        besides += [BY_HTTPS] if self.https else []
        return besides + ([] if ALLOWED in names else list(self.cors.headers(scope)))


def path_of(scope: Scope) -> str:
    """The path as it came, still percent-encoded, without the query."""
    raw = scope.get("raw_path") or scope["path"].encode()
    return str(raw.decode("latin-1").partition("?")[0])
