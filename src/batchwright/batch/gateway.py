"""Actions answered by a server elsewhere: one pool of connections, one host, whatever an action names."""

from __future__ import annotations

import logging
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2
from starlette.types import Scope

from batchwright.batch.answers import Answer, too_large
from batchwright.batch.requests import Request
from batchwright.model.problems import Problem

log = logging.getLogger("batchwright.batch")


class Gateway:
    """The server at a base URL. seconds: for each step of a request. most: bytes of an answer."""

    def __init__(self, url: str, seconds: float, most: int, transport: httpx2.AsyncBaseTransport | None) -> None:
        base = httpx2.URL(url)
        if base.scheme not in ("http", "https") or not base.host or base.query or base.fragment or base.userinfo:
            raise ValueError(f"{url!r} is not the URL of a server: http or https, a host, and a path at most")
        self._base, self._most = base, most
        self._path = base.raw_path.rstrip(b"/")
        # A jar that keeps nothing. Requests are made apart from the client, so no cookie of it goes with an action, and
        # those of all callers together would fill it without end.
        jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx2.AsyncClient(
            cookies=jar, follow_redirects=False, trust_env=False, timeout=seconds, transport=transport
        )

    async def send(self, request: Request, batch: Scope) -> Answer:
        """The answer. Raises Problem 502 where there is none."""
        query = b"?" + request.query if request.query else b""
        url = self._base.copy_with(raw_path=self._path + request.path.encode() + query)
        sent = httpx2.Request(
            request.method, url, headers=[(b"host", self._base.netloc), *request.headers], content=request.body
        )
        sent.extensions = {"timeout": self._client.timeout.as_dict()}
        try:
            response = await self._client.send(sent, stream=True, auth=None)
            try:
                return Answer(response.status_code, tuple(response.headers.raw), await self._read(response))
            finally:
                await response.aclose()
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            log.warning("no answer to an action: %s", type(error).__name__)
            raise Problem(502, "The server behind this one gave no answer") from None

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _read(self, response: httpx2.Response) -> bytes:
        """The body as it was sent: what is compressed is bounded as such, and stays so."""
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._most:
                raise too_large(self._most)
        return bytes(body)
