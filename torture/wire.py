"""One kept-alive connection, in as little code as it takes: the load must not be what is slow."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

API = "/api/1.0"


class Lost(Exception):
    """The connection went before the reply was there: nobody knows what became of the request."""


@dataclass
class Line:
    """A connection to a server on this machine; it is opened when it is first used, and again after it was lost."""

    port: int
    token: str
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, data: Any = None, key: str = "") -> tuple[int, Any]:
        """The status and body of the reply. Raises Lost."""
        await self.open()
        assert self.writer is not None
        try:
            self.writer.write(self.request(method, path, data, key))
            return await self._answer()
        except (OSError, asyncio.IncompleteReadError) as problem:
            self.close()
            raise Lost(repr(problem)) from None

    async def open(self) -> None:
        """Connect, unless it is. Raises Lost."""
        if self.writer is None:
            try:
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError as problem:
                raise Lost(repr(problem)) from None

    async def batch(self, actions: list[dict[str, Any]], key: str = "", **more: Any) -> tuple[int, Any]:
        """POST /batch. more: what it asks for beyond Asana."""
        return await self.ask("POST", "/batch", {"actions": actions, **more}, key)

    def request(self, method: str, path: str, data: Any = None, key: str = "") -> bytes:
        """A request's bytes."""
        content = b"" if data is None else json.dumps({"data": data}).encode()
        head = f"{method} {API}{path} HTTP/1.1\r\nHost: torture.test\r\nAuthorization: Bearer {self.token}\r\n"
        head += "" if data is None else f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        head += f"Idempotency-Key: {key}\r\n" if key else ""
        return f"{head}\r\n".encode() + content

    def close(self) -> None:
        """Hang up."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def _answer(self) -> tuple[int, Any]:
        assert self.reader is not None
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        lines = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        body = await self.reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        status = int(lines[0].split(" ")[1])
        try:
            return status, json.loads(body)
        except ValueError:
            return status, body.decode("utf-8", "replace")
