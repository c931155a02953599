"""The OAuth endpoints that programs call: forms and headers in, JSON out. What they do is handed in by the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from batchwright.engine.replies import BASE_PATH
from batchwright.http.arrivals import BODIES, Arriving, Room
from batchwright.http.forms import MOST_FIELDS
from batchwright.http.replying import deliver, json_response
from batchwright.model.calls import Reply
from batchwright.model.problems import Problem
from batchwright.settings import Settings

Exchange = Callable[[Mapping[str, str], str, str, str], Awaitable[Reply]]
Told = Callable[[str], Awaitable[dict[str, Any]]]
FORM = "application/x-www-form-urlencoded"
LARGEST = 65_536  # bytes of a form


@dataclass(frozen=True)
class Endpoints:
    """token, revoke: from a form, the Authorization header, the client's address and our URL to a reply.

    userinfo: from the Authorization header to a reply. discovery, keys: from our URL to what is told.
    """

    settings: Settings
    token: Exchange
    revoke: Exchange
    userinfo: Callable[[str], Awaitable[Reply]]
    discovery: Told
    keys: Told

    @property
    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/-/oauth_token", Posted(self, self.token), methods=["POST"]),
            Route("/-/oauth_revoke", Posted(self, self.revoke), methods=["POST"]),
            Route(f"{BASE_PATH}/openid_connect/userinfo", self._userinfo, methods=["GET", "POST"]),
            Route(f"{BASE_PATH}/openid_connect/jwks", self._told(self.keys)),
            Route(f"{BASE_PATH}/.well-known/openid-configuration", self._told(self.discovery)),
        ]

    def base(self, request: Request) -> str:
        """The server's own URL as the client knows it."""
        return self.settings.public_url or str(request.base_url).rstrip("/")

    async def _userinfo(self, request: Request) -> Response:
        return json_response(await self.userinfo(request.headers.get("authorization", "")))

    def _told(self, told: Told) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return json_response(Reply(200, await told(self.base(request))))

        return answer

    @cached_property
    def bounds(self) -> Settings:
        """The settings, with a smaller bound for bodies: nobody has signed in yet."""
        return replace(self.settings, max_body_bytes=min(self.settings.max_body_bytes, LARGEST))

    @cached_property
    def room(self) -> Room:
        """For the forms of all requests together."""
        return Room(BODIES * LARGEST)


@dataclass(frozen=True)
class Posted:
    """An endpoint that takes a form."""

    endpoints: Endpoints
    exchange: Exchange

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        request = Request(scope)
        body = Arriving(scope, receive, self.endpoints.bounds, self.endpoints.room)
        try:
            reply = await self._answer(request, await body.read())
        except Problem as problem:
            reply = _told_as_oauth(problem)
        finally:
            body.release()
        response = json_response(reply)
        response.headers["pragma"] = "no-cache"
        await deliver(response, body, send, head=False)

    async def _answer(self, request: Request, raw: bytes) -> Reply:
        form = _form(raw, request.headers.get("content-type", ""))
        address = request.client.host if request.client else ""
        return await self.exchange(
            form, request.headers.get("authorization", ""), address, self.endpoints.base(request)
        )


def _form(raw: bytes, kind: str) -> dict[str, str]:
    """The fields of a form. Raises Problem 400 for what isn't one, and where a name is given twice (RFC 6749)."""
    if kind.partition(";")[0].strip().lower() != FORM:
        raise Problem(400, f"The body must be a form ({FORM}).")
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Problem(400, "The body is not a form that can be read.") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise Problem(400, "A parameter is given twice.")
    return form


def _told_as_oauth(problem: Problem) -> Reply:
    """What is wrong with a request of any sort, in the words of RFC 6749."""
    error = "invalid_request" if problem.status < 500 else "temporarily_unavailable"
    return Reply(problem.status, {"error": error, "error_description": problem.messages[0]}, problem.headers)
