"""The API as one ASGI endpoint: route first, then the caller, then the body, then the pipeline."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from batchwright.engine.auth import identify
from batchwright.engine.pipeline import Pipeline
from batchwright.engine.queries import options_of
from batchwright.engine.replies import BASE_PATH
from batchwright.http.bodies import decode, read
from batchwright.model.calls import Call, Reply
from batchwright.model.problems import Problem, no_route
from batchwright.settings import Settings

log = structlog.get_logger("batchwright")
JSON_TYPE = "application/json; charset=UTF-8"
OVERRIDES = ("PUT", "DELETE")


@dataclass(frozen=True)
class Api:
    """The ASGI application below /api/1.0."""

    pipeline: Pipeline
    settings: Settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        begun = time.perf_counter()
        request = Request(scope, receive)
        request_id = secrets.token_hex(8)
        path = _path(scope)
        try:
            call = await self._call(request, path, request_id)
            reply = await self.pipeline.answer(call)
            pretty = call.options.pretty
        except Problem as problem:
            reply, pretty = Reply(problem.status, problem.body(), problem.headers), False
        await _response(request, reply, request_id, pretty=pretty)(scope, receive, send)
        log.info(
            "request",
            request_id=request_id,
            method=request.method,
            path=path,
            status=reply.status,
            ms=round((time.perf_counter() - begun) * 1000, 1),
        )

    async def _call(self, request: Request, path: str, request_id: str) -> Call:
        self.pipeline.routes.match(request.method, path)
        caller = await identify(self.pipeline.store, request.headers.get("authorization", ""))
        raw = await read(request, self.settings)
        content_type = request.headers.get("content-type", "")
        data, options = decode(raw, content_type, self.settings) if request.method in ("POST", "PUT") else (None, {})
        query, asked = options_of(request.query_params, options)
        return Call(
            caller=caller,
            method=self._method(request, path, options),
            relative_path=path,
            query=query,
            data=data,
            options=asked,
            base=self._base(request),
            request_id=request_id,
        )

    def _method(self, request: Request, path: str, options: Mapping[str, object]) -> str:
        # An old client may send PUT and DELETE as a POST that names the method it means.
        meant = options.get("method")
        if request.method != "POST" or not isinstance(meant, str) or meant.upper() not in OVERRIDES:
            return request.method
        self.pipeline.routes.match(meant.upper(), path)
        return meant.upper()

    def _base(self, request: Request) -> str:
        return self.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/").removesuffix(BASE_PATH)


def _path(scope: Scope) -> str:
    """The path below the base, still percent-encoded."""
    raw = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    return str(raw).removeprefix(BASE_PATH)


def _response(request: Request, reply: Reply, request_id: str, *, pretty: bool) -> Response:
    content = msgspec.json.encode(reply.body)
    if pretty:
        content = msgspec.json.format(content, indent=2)
    headers = {"X-Request-Id": request_id, "X-Asana-Api-Version": "1.1", "Cache-Control": "no-store"}
    given = {name.title(): value for name, value in reply.headers.items()}
    if "Location" in given:
        given["Location"] = str(given["Location"])
    return Response(content, reply.status, headers | given, media_type=JSON_TYPE)


async def unknown(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers what is outside every route, in the API's own words."""
    problem = no_route()
    response = Response(msgspec.json.encode(problem.body()), problem.status, media_type=JSON_TYPE)
    await response(scope, receive, send)
