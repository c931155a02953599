"""Actions answered by an ASGI app in the same process, each in a scope of its own."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Message, Scope

from batchwright.batch.answers import Answer, too_large
from batchwright.batch.requests import Request
from batchwright.model.problems import Problem

log = logging.getLogger("batchwright.batch")


class Inside:
    """The app. base: what its paths begin with. most: bytes of an answer. state: names of the lifespan's state."""

    def __init__(self, app: ASGIApp, base: str, most: int, state: frozenset[str]) -> None:
        self._app, self._base, self._most, self._state = app, base, most, state
        self._begun: set[asyncio.Task[None]] = set()

    async def send(self, request: Request, batch: Scope) -> Answer:
        """The answer, as soon as it is complete: what the app does after it is not waited for."""
        exchange = Exchange(request.body, self._most)
        task = asyncio.ensure_future(self._run(self._scope(request, batch), exchange))
        self._begun.add(task)
        task.add_done_callback(self._ended)
        try:
            await asyncio.wait((task, exchange.ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not exchange.complete:
                task.cancel()
            exchange.end()
        return exchange.answer()

    async def aclose(self) -> None:
        """Waits for what the app still does."""
        if self._begun:
            await asyncio.wait(self._begun)

    async def _run(self, scope: Scope, exchange: Exchange) -> None:
        await self._app(scope, exchange.receive, exchange.send)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._begun.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, TooLarge):
            log.error("an action failed", exc_info=error)

    def _scope(self, request: Request, batch: Scope) -> Scope:
        root = batch.get("app_root_path", batch.get("root_path", ""))
        raw = self._base + request.path
        host = [(name, value) for name, value in batch["headers"] if name == b"host"]
        return {
            "type": "http",
            "asgi": dict(batch["asgi"]),
            "http_version": batch.get("http_version", "1.1"),
            "method": request.method,
            "scheme": batch.get("scheme", "http"),
            "path": root + unquote(raw),
            "raw_path": (quote(root) + raw).encode(),
            "query_string": request.query,
            "root_path": root,
            "headers": [*host, *request.headers],
            "client": batch.get("client"),
            "server": batch.get("server"),
            "state": {name: value for name, value in batch.get("state", {}).items() if name in self._state},
            "extensions": {},
        }


class TooLarge(Exception):
    """The app sends more than is taken."""


class Exchange:
    """One action's end of the conversation with the app: a body to receive, a bounded answer to send."""

    def __init__(self, body: bytes, most: int) -> None:
        self._body: bytes | None = body
        self._most = most
        self._chunks: list[bytes] = []
        self._size = 0
        self._start: Message | None = None
        self.complete = False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answer(self) -> Answer:
        """What was sent. Raises Problem 502 for too much, 500 for too little."""
        if self._size > self._most:
            raise too_large(self._most)
        if self._start is None or not self.complete:
            raise Problem(500, "Server Error")
        return Answer(self._start["status"], tuple(self._start.get("headers", ())), b"".join(self._chunks))

    async def receive(self) -> Message:
        """The body at once; then the client is there until it has its answer."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.shield(self.ended)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Takes what the app sends, until it is complete."""
        if self.ended.done():
            return
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._take(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self.complete = True
                self.end()

    def end(self) -> None:
        """Nothing more is taken, and the client has left."""
        if not self.ended.done():
            self.ended.set_result(None)

    def _take(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._most:
            self.end()
            raise TooLarge
        self._chunks.append(chunk)
