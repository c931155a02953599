"""The API as one ASGI endpoint: route first, then the caller, then the body, then the pipeline."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from batchwright.engine.auth import identify
from batchwright.engine.pipeline import Pipeline
from batchwright.engine.queries import options_of
from batchwright.engine.replies import BASE_PATH
from batchwright.http.arrivals import BODIES, Arriving, Room
from batchwright.http.bodies import decode
from batchwright.http.forms import pairs
from batchwright.http.front import path_of
from batchwright.http.preferences import explained, key_of, prefers_later
from batchwright.http.replying import deliver, json_response
from batchwright.http.streaming import stream_of, streamed
from batchwright.model.calls import Call, Caller, Tell, Timing
from batchwright.model.operations import Operation
from batchwright.model.problems import Problem, bad_request, no_route
from batchwright.settings import Settings

OVERRIDES = ("PUT", "DELETE")


@dataclass(frozen=True)
class Api:
    """The ASGI application below /api/1.0. tell: who is told what took how long, of every request."""

    pipeline: Pipeline
    settings: Settings
    tell: Tell | None = None

    @cached_property
    def _room(self) -> Room:
        return Room(BODIES * self.settings.max_body_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        request = Request(scope)
        body = Arriving(scope, receive, self.settings, self._room)
        pretty = False
        try:
            path = path_of(scope).removeprefix(BASE_PATH)
            caller = await self._caller(request, path)
            query = pairs(scope["query_string"], "query string")
            pretty = options_of(query, {})[1].pretty
            call = await self._call(request, path, caller, query, body)
            pretty = call.options.pretty
            reply = await self.pipeline.answer(call)
        except Problem as problem:
            reply = problem.reply()
        finally:
            body.release()
        if reply.stream is not None:
            await streamed(reply.stream, stream_of(request.headers.get("accept", "")), send)
        else:
            await deliver(json_response(reply, pretty=pretty), body, send, head=request.method == "HEAD")

    async def _caller(self, request: Request, path: str) -> Caller:
        """Who calls. Raises Problem: 404 where no operation is, even to those who have no token; else 401."""
        routed = request.scope["state"]["operation"] = self._routed(request.method, path)
        if not routed and (request.method != "POST" or not any(self._routed(each, path) for each in OVERRIDES)):
            raise no_route()
        try:
            caller = await identify(self.pipeline.store, request.headers.get("authorization", ""))
        except Problem as problem:
            raise (problem if routed else no_route()) from None
        bind_contextvars(user=str(caller.user))
        return caller

    def _later(self, request: Request) -> bool:
        """Whether a batch is to be taken in as a job, which Asana doesn't know."""
        return not self.settings.strict and prefers_later(request.headers)

    def _routed(self, method: str, path: str) -> Operation | None:
        try:
            return self.pipeline.routes.match(method, path)[0]
        except Problem:
            return None

    def _timing(self, shown: bool) -> Timing | None:
        return Timing(time.perf_counter(), shown=shown, tell=self.tell) if shown or self.tell else None

    async def _call(
        self, request: Request, path: str, caller: Caller, query: Mapping[str, str], body: Arriving
    ) -> Call:
        raw = await body.read()
        writes = request.method in ("POST", "PUT")  # what else carries a body means nothing by it, as SDKs' `{}`
        data, options = decode(raw, request.headers, self.settings) if writes else (None, {})
        method = _meant(request.method, options)
        if (method, path.strip("/")) == ("POST", "batch") and self._later(request):
            path = "/batch_jobs"
        request.scope["state"]["operation"] = self.pipeline.routes.match(method, path)[0]
        rest, asked = options_of(query, options)
        more = set() if self.settings.strict else explained(request.headers)
        return Call(
            caller=caller,
            method=method,
            relative_path=path,
            query=rest,
            data=data,
            options=asked,
            base=self.settings.public_url or str(request.base_url).rstrip("/").removesuffix(BASE_PATH),
            request_id=request.scope["state"]["request_id"],
            stream=stream_of(request.headers.get("accept", "")),
            explained="limits" in more,
            timing=self._timing("timing" in more),
            key="" if self.settings.strict else key_of(request.headers),
        )


def _meant(method: str, options: Mapping[str, Any]) -> str:
    """The method: an old client may send PUT and DELETE as a POST that names the one it means."""
    meant = options.get("method")
    if method != "POST" or meant is None:
        return method
    if not isinstance(meant, str) or meant.upper() not in ("POST", *OVERRIDES):
        raise bad_request("options: method: Value is not one of post, put, delete")
    return meant.upper()


async def unknown(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers what is outside every route: below /api in the API's own words."""
    response: Response = PlainTextResponse("Not Found\n", 404)
    if f"{path_of(scope)}/".startswith("/api/"):
        response = json_response(no_route().reply())
    await response(scope, receive, send)
