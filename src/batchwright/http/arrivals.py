"""How a request's body comes in: within a bound of bytes and one of time, whatever its headers promise."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from batchwright.model.problems import Problem
from batchwright.settings import Settings

LINGER_SECONDS = 5.0
BODIES = 16  # so many of the largest bodies may be held at once
FULL = "Too much is being sent to this server at the moment. Please retry after the given amount of time."


class Gone(Exception):
    """The client left before it had sent its request; nobody is there to answer."""


class Room:
    """How many bytes of bodies all requests together may hold: the bound of one body doesn't bound many."""

    def __init__(self, most: int) -> None:
        self._left = most

    def take(self, size: int) -> None:
        """Holds so much. Raises Problem 503."""
        if size > self._left:
            raise Problem(503, FULL, headers={"Retry-After": "1"})
        self._left -= size

    def give_back(self, size: int) -> None:
        """Holds so much no more."""
        self._left += size


class Arriving:
    """One request's body.

    `ended` tells whether all of it came in. A reply to one that hasn't ended must close the connection: nobody
    would keep time of the rest.
    """

    def __init__(self, scope: Scope, receive: Receive, settings: Settings, room: Room) -> None:
        headers = Headers(scope=scope)
        self._receive = receive
        self._room = room
        self._held = 0
        self._most = settings.max_body_bytes
        self._seconds = settings.body_timeout_seconds
        self._promised = headers.get("content-length", "0")
        # Only HTTP/1 says in its head whether a body follows.
        bare = self._promised == "0" and "transfer-encoding" not in headers
        self.ended = bare and scope.get("http_version", "1.1") in ("1.0", "1.1")

    async def read(self) -> bytes:
        """The whole body. Raises Problem 413 as soon as it is too long, 408 when it isn't here in time, 503; Gone."""
        if self._promised.isdigit() and len(self._promised.lstrip("0")) > len(str(self._most)):
            raise self._too_large()
        if self._promised.isdigit() and int(self._promised) > self._most:
            raise self._too_large()
        chunks: list[bytes] = []
        try:
            async with asyncio.timeout(self._seconds):
                while not self.ended:
                    chunks.append(await self._chunk())
                    self._hold(len(chunks[-1]))
        except TimeoutError:
            raise Problem(408, "The request did not arrive in time") from None
        return b"".join(chunks)

    def release(self) -> None:
        """The body is no longer needed."""
        self._room.give_back(self._held)
        self._held = 0

    async def discard(self) -> None:
        """Throws the rest away for a while: closing at once would make most clients miss the reply."""
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while not self.ended:
                    await self._chunk()
        except (TimeoutError, Gone):
            pass

    async def _chunk(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Gone
        self.ended = not message.get("more_body", False)
        return bytes(message.get("body", b""))

    def _hold(self, size: int) -> None:
        if self._held + size > self._most:
            raise self._too_large()
        self._room.take(size)
        self._held += size

    def _too_large(self) -> Problem:
        return Problem(413, f"The request is larger than {self._most} bytes")
