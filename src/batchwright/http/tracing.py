"""Requests and actions as spans of OpenTelemetry, with times measured elsewhere (engine/timing.py).

Imported only where traces are on. Spans hold routes, statuses and ids of ours; of a client's text its tracestate alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from opentelemetry import context, propagate
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, get_current_span, set_span_in_context
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from batchwright.engine.replies import BASE_PATH
from batchwright.http.front import CLIENT_LEFT
from batchwright.model.calls import Reply, Timing

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}
METHOD, ROUTE, STATUS, ERROR = "http.request.method", "http.route", "http.response.status_code", "error.type"
OPERATION, INDEX, REQUEST_ID = "batchwright.operation", "batchwright.index", "batchwright.request_id"
STOPPED = "stopped"  # before there was a reply: by a deadline, or because the client left


class Headers(Getter[Scope]):
    """A request's headers for a propagator. Two that name a parent name none (W3C Trace Context)."""

    def get(self, carrier: Scope, key: str) -> list[str] | None:
        """All values of a header."""
        found = [value.decode("latin-1") for name, value in carrier["headers"] if name == key.lower().encode()]
        return None if not found or (key == "traceparent" and len(found) > 1) else found

    def keys(self, carrier: Scope) -> list[str]:
        """All names."""
        return [name.decode("latin-1") for name, _ in carrier["headers"]]


@dataclass(frozen=True)
class Traced:
    """The application, with a span for each request; the client's own, if it names one, is its parent."""

    app: ASGIApp
    tracer: Tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        statuses: list[int] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        parent = propagate.extract(scope, getter=Headers())
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        span = self.tracer.start_span(method, parent, SpanKind.SERVER, {METHOD: method})
        token = context.attach(set_span_in_context(span, parent))
        try:
            await self.app(scope, receive, sending)
        except BaseException:
            _fail(span, STOPPED)
            raise
        finally:
            context.detach(token)
            _describe(span, method, scope)
            _settle(span, statuses[0] if statuses else CLIENT_LEFT)
            span.end()


@dataclass(frozen=True)
class Telling:
    """Makes spans of timings, within the span of the request: one for each action, and in it what took how long."""

    tracer: Tracer

    def __call__(self, timing: Timing, reply: Reply | None) -> None:
        """Tells of a call that ended; reply: None if it was stopped."""
        span = get_current_span()
        if not span.is_recording():
            return
        since = time.time_ns() - time.perf_counter_ns()
        if timing.index is None:
            self._parts(span, timing, since)
            return
        operation = timing.operation
        name = f"{operation.method} {operation.path}" if operation else "action"
        span = self.tracer.start_span(name, start_time=_at(timing.asked, since))
        span.set_attribute(INDEX, timing.index)
        if operation:
            span.set_attributes({OPERATION: operation.id, METHOD: operation.method, ROUTE: operation.path})
        if reply is None:
            _fail(span, STOPPED)
        else:
            _settle(span, reply.status)
        self._parts(span, timing, since)
        span.end(_at(timing.ended, since))

    def _parts(self, whole: Span, timing: Timing, since: int) -> None:
        """What the header calls queued, ran and committed; what was committed is within what ran."""
        self._part("queued", whole, (timing.asked, timing.begun), since)
        ran = self._part("ran", whole, (timing.begun, timing.ended), since)
        for each in timing.commits:
            self._part("committed", ran, each, since)

    def _part(self, name: str, within: Span, times: tuple[float, float], since: int) -> Span:
        span = self.tracer.start_span(name, set_span_in_context(within), start_time=_at(times[0], since))
        span.end(_at(times[1], since))
        return span


def _at(moment: float, since: int) -> int:
    """Nanoseconds of the epoch. moment: as time.perf_counter has it; since: when that was 0."""
    return round(moment * 1e9) + since


def _settle(span: Span, status: int) -> None:
    span.set_attribute(STATUS, status)
    if status >= 500:
        _fail(span, str(status))


def _fail(span: Span, reason: str) -> None:
    span.set_attribute(ERROR, reason)
    span.set_status(Status(StatusCode.ERROR))


def _describe(span: Span, method: str, scope: Scope) -> None:
    """What was called, as far as it came to be known: an operation, or one of the few other routes."""
    state = scope.get("state", {})
    span.set_attribute(REQUEST_ID, state.get("request_id", ""))
    if operation := state.get("operation"):
        span.set_attribute(OPERATION, operation.id)
    route = BASE_PATH + operation.path if operation else _fixed(scope["app"].routes, scope["path"])
    if route:
        span.set_attribute(ROUTE, route)
        span.update_name(f"{method} {route}")


def _fixed(routes: Iterable[object], path: str) -> str:
    return next((each.path for each in routes if isinstance(each, Route) and each.path == path), "")
