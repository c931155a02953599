"""POST /batch as one ASGI endpoint, over the routes of an app in this process or of a server elsewhere.

The contract is that of the server's own batch (contract/asana-behaviour.md, section 8), by the same modules of engine/.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from batchwright.batch.answers import SHOWN, Target, reply_of
from batchwright.batch.inside import Inside
from batchwright.batch.paths import allowance_of
from batchwright.batch.requests import MARK, OPTIONS, manner
from batchwright.engine.actions import actions_of
from batchwright.engine.extensions import Extended, Extra, extended
from batchwright.engine.queries import options_of
from batchwright.engine.results import ordered, parts_of, plain, streamed
from batchwright.engine.running import TIMED_OUT, Action, Running
from batchwright.http import streaming
from batchwright.http.arrivals import BODIES, Arriving, Gone, Room
from batchwright.http.bodies import decode
from batchwright.http.forms import pairs
from batchwright.http.replying import deliver
from batchwright.model.calls import Options, Reply
from batchwright.model.problems import Problem, bad_request
from batchwright.settings import Settings

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger("batchwright.batch")
Allow = Iterable[str] | Callable[[str, str], bool]
Before = Callable[[Scope, Sequence[Mapping[str, Any]]], Awaitable[None] | None]
MEBIBYTE: Final = 1_048_576
HEADERS: Final = {"Cache-Control": "no-store"}
LATE: Final = "The action took too long and was given up. What it did is not undone"


class BatchEndpoint:
    """An ASGI app that answers batches. Each action is a request of its own to the app, or to the URL, it was given."""

    def __init__(
        self,
        target: ASGIApp | str,
        *,
        allow: Allow,
        max_actions: int = 10,
        before: Before | None = None,
        base: str = "",
        forward: Iterable[str] = (),
        show: Iterable[str] = SHOWN,
        options: Mapping[str, str] = OPTIONS,
        wrap: str = "",
        state: Iterable[str] = (),
        timeout_seconds: float = 30,
        max_body_bytes: int = 10 * MEBIBYTE,
        max_answer_bytes: int = MEBIBYTE,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """What each argument means is told in docs/batch-endpoint.md. Raises ValueError for what can't be meant."""
        self._manner = manner(allowance_of(allow), options, wrap, forward)
        self._shown = frozenset(name.lower().encode("latin-1") for name in show)
        if b"set-cookie" in self._shown:
            raise ValueError("set-cookie is not a header to be shown in a result")
        self._most, self._before, self._seconds = max_actions, before, timeout_seconds
        self._bounds = Settings(max_body_bytes=max_body_bytes)
        self._room = Room(BODIES * max_body_bytes)
        self._app = None if isinstance(target, str) else target
        self._target = _target(target, base, timeout_seconds, max_answer_bytes, frozenset(state), transport)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            await self._http(scope, receive, send)

    def at(self, path: str) -> ASGIApp:
        """The app it was given, with the batch at a path: for apps that have no way to mount another."""
        app = self._app
        if app is None:
            raise ValueError("There is no app to put the batch into, only a URL")

        async def both(scope: Scope, receive: Receive, send: Send) -> None:
            ours = scope["type"] == "http" and scope["path"] == scope.get("root_path", "") + path
            await (self if ours else app)(scope, receive, send)

        return both

    async def aclose(self) -> None:
        """Ends what is still open: connections to a server; what an app still does after its answers."""
        await self._target.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = Arriving(scope, receive, self._bounds, self._room)
        headers = Headers(scope=scope)
        pretty = False
        try:
            data, options = await self._asked(scope, headers, body)
            pretty = options.pretty
            way = streaming.stream_of(headers.get("accept", ""))
            reply = await self._answer(scope, data, options, streams=bool(way))
        except Problem as problem:
            reply = problem.reply()
        except Gone:
            return
        finally:
            body.release()
        if reply.stream is not None:
            await streaming.streamed(reply.stream, way, send, HEADERS)
        else:
            await deliver(_response(reply, pretty=pretty), body, send, head=scope["method"] == "HEAD")

    async def _asked(self, scope: Scope, headers: Headers, body: Arriving) -> tuple[Any, Options]:
        """The batch's data and options. Raises Problem where it is refused."""
        if scope["method"] != "POST":
            raise Problem(405, "A batch is sent by POST", headers={"Allow": "POST"})
        if MARK.decode() in headers:
            raise bad_request("relative_path: POST /batch is not supported in batch requests")
        # Pages of other sites can't send this type unasked: no batch is theirs to send in somebody's name.
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Problem(415, "Content-Type: Value is not application/json")
        query = pairs(scope["query_string"], "query string")
        data, asked = decode(await body.read(), headers, self._bounds)
        return data, options_of(query, asked)[1]

    async def _answer(self, scope: Scope, data: Any, options: Options, *, streams: bool) -> Reply:
        """The reply to a batch. Raises Problem where the whole of it is refused."""
        actions, parts = actions_of(data, self._most), parts_of(options)
        asked = extended(data, actions, strict=False)
        if asked is not None and asked.owned:
            raise bad_request(f"{asked.owned}: Only a server with its own database can")
        if self._before is not None and inspect.isawaitable(waiting := self._before(scope, actions)):
            await waiting

        def start(index: int, action: Action) -> Awaitable[Reply]:
            return self._reply(scope, action, actions[index])

        if asked is None and not streams:
            return Reply(200, {"data": await plain(actions, start, parts)})
        asked = asked or Extended(tuple(Extra() for _ in actions))
        running = Running(actions, asked, start, LATE)
        if streams:
            return Reply(200, None, stream=streamed(running, asked, parts))
        return Reply(200, {"data": ordered(await running.replies(), asked, parts)})

    async def _reply(self, scope: Scope, action: Action, asked: Action) -> Reply:
        """The reply to an action; whatever becomes of it, the others have theirs."""
        try:
            request = self._manner.request(action, asked, scope["headers"])
            async with asyncio.timeout(self._seconds):
                answer = await self._target.send(request, scope)
            return reply_of(answer, self._shown, head=request.method == "HEAD", named="id" in asked)
        except Problem as problem:
            return problem.reply()
        except TimeoutError:
            return Problem(TIMED_OUT, LATE).reply()
        except Exception:
            log.exception("an action failed")
            return Problem(500, "Server Error").reply()

    async def _live(self, receive: Receive, send: Send) -> None:
        """Its own life, where it is served by itself. An app's is not touched."""
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await self.aclose()
        await send({"type": "lifespan.shutdown.complete"})


def _target(
    target: ASGIApp | str,
    base: str,
    seconds: float,
    most: int,
    state: frozenset[str],
    transport: httpx2.AsyncBaseTransport | None,
) -> Target:
    if not isinstance(target, str):
        if base and (not base.startswith("/") or base.endswith("/")):
            raise ValueError(f"{base!r} is no path that begins with a slash and doesn't end with one")
        return Inside(target, base, most, state)
    from batchwright.batch.gateway import Gateway  # it alone needs an HTTP client

    return Gateway(target + base, seconds, most, transport)


def _response(reply: Reply, *, pretty: bool) -> Response:
    content = msgspec.json.encode(reply.body)
    if pretty:
        content = msgspec.json.format(content, indent=2) + b"\n"
    return Response(content, reply.status, HEADERS | dict(reply.headers), media_type="application/json")
