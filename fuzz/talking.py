"""Connections on which anything may be sent: each reply is read to its end, and nothing is waited for without bound."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from fuzz.messages import Sent

PATIENCE = 30.0  # seconds within which whatever is asked must be answered
SHORT = 0.1  # seconds after which what isn't sure to be a request is ended
BODILESS = (204, 304)


class Hanging(Exception):
    """Neither a reply nor an end came in time."""


class Hungup(Exception):
    """The server ended a connection on which it owed a reply."""


@dataclass(frozen=True)
class Reply:
    """What came back. headers: by name in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Line:
    """A connection, opened when it is needed."""

    port: int
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def tell(self, sent: Sent) -> list[Reply]:
        """Send it; the replies. Raises Hanging, Hungup."""
        fresh = self.writer is None
        try:
            async with asyncio.timeout(PATIENCE):
                await self._open()
                return await self._told(sent)
        except TimeoutError:
            self.close()
            raise Hanging from None
        except (OSError, asyncio.IncompleteReadError, ValueError) as problem:
            self.close()
            if sent.sure and not fresh:  # it may have been the request before that ended it
                return await self.tell(sent)
            if sent.sure:
                raise Hungup(repr(problem)) from None
            return []

    def close(self) -> None:
        """Hang up."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def _open(self) -> None:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def _told(self, sent: Sent) -> list[Reply]:
        assert self.writer is not None
        sending = asyncio.create_task(self._send(self.writer, sent.data))
        try:
            if sent.sure:
                return await self._replies(sent.answers)
            return await self._reply_or_end(sent.answers[0])
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await sending
            if not sent.sure:
                self.close()

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Beside the reading: a server that refuses a long body answers before it has all of it."""
        with suppress(OSError):
            writer.write(data)
            await writer.drain()

    async def _replies(self, methods: tuple[bytes, ...]) -> list[Reply]:
        replies: list[Reply] = []
        for method in methods:
            replies.append(await self._reply(method))
            if replies[-1].headers.get("connection") == "close":
                self.close()
                break
        return replies

    async def _reply_or_end(self, method: bytes) -> list[Reply]:
        reading = asyncio.create_task(self._reply(method))
        try:
            await asyncio.wait([reading], timeout=SHORT)
            if not reading.done():
                assert self.writer is not None
                self.writer.write_eof()
            return [await reading]
        finally:
            reading.cancel()

    async def _reply(self, method: bytes) -> Reply:
        assert self.reader is not None
        status = 100
        while status < 200:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            status = int(first.split(" ")[1])
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        if method == b"HEAD" or status in BODILESS:
            return Reply(status, headers, b"")
        return Reply(status, headers, await self.reader.readexactly(int(headers["content-length"])))
