"""Which pages of other sites may call the API from a browser (CORS): none, unless the setting says so.

Never with cookies: a page has to have a token, and sends it itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from batchwright.engine.headers import TOLD
from batchwright.engine.replies import BASE_PATH

ANY = "*"
ORIGIN = (b"vary", b"Origin")
SHOWN = ", ".join(TOLD).encode()
EXPOSED = (b"access-control-expose-headers", SHOWN)
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, *",  # the star stands for all but this one (Fetch, 4.9)
    "Access-Control-Max-Age": "7200",  # seconds; browsers take no more
}
Raw = tuple[bytes, bytes]


@dataclass(frozen=True)
class Cors:
    """origins: as browsers spell them, or only `*`."""

    origins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, text: str) -> Cors:
        """From the setting."""
        return cls(frozenset(text.replace(",", " ").split()))

    def headers(self, scope: Scope) -> tuple[Raw, ...]:
        """What a reply to this request says besides; nothing outside the API."""
        if not self.origins or not _is_api(scope):
            return ()
        if ANY in self.origins:
            return ((b"access-control-allow-origin", b"*"), EXPOSED)
        origin = Headers(scope=scope).get("origin", "")
        if origin not in self.origins:
            return (ORIGIN,)
        return ((b"access-control-allow-origin", origin.encode("latin-1")), ORIGIN, EXPOSED)

    def asks(self, scope: Scope) -> bool:
        """Whether a browser asks beforehand, for a page that may."""
        if scope["method"] != "OPTIONS" or not self.origins or not _is_api(scope):
            return False
        headers = Headers(scope=scope)
        known = ANY in self.origins or headers.get("origin") in self.origins
        return known and "origin" in headers and "access-control-request-method" in headers


NOBODY = Cors()


async def permit(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to who asks beforehand; for which page, `Cors.headers` says."""
    await Response(status_code=204, headers=PREFLIGHT)(scope, receive, send)


def _is_api(scope: Scope) -> bool:
    return f"{scope['path']}/".startswith(f"{BASE_PATH}/")
