"""The real server as a process of its own, and raw sockets to it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import asana
import httpx2

from batchwright import app
from batchwright.settings import Settings

COMMAND = Path(sys.executable).with_name("batchwright")
API = "/api/1.0"
PATIENCE = 60  # seconds until a test that waits in vain gives up


@dataclass(frozen=True)
class Running:
    """A server: where it is, and ann, who may do what she likes in her organization."""

    process: subprocess.Popen[str]
    url: str
    db: Path
    log: Path
    workspace: str
    user: str
    token: str
    ready_ms: int

    @property
    def bearer(self) -> dict[str, str]:
        """ann's header."""
        return {"authorization": f"Bearer {self.token}"}

    def send(self, method: str, path: str, **rest: Any) -> httpx2.Response:
        """A request on a connection of its own."""
        headers = self.bearer | rest.pop("headers", {})
        return httpx2.request(method, self.url + API + path, headers=headers, timeout=PATIENCE, **rest)

    def batch(self, *actions: dict[str, Any]) -> httpx2.Response:
        """POST /batch."""
        return self.send("POST", "/batch", json={"data": {"actions": list(actions)}})

    def fresh_token(self) -> str:
        """Another token of ann's, whose limits nobody has touched."""
        return asyncio.run(app.create_token(Settings(db=str(self.db)), "ann@acme.example"))

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged, but for a line that is being written at the moment."""
        return [json.loads(line) for line in self.log.read_text("utf-8").rpartition("\n")[0].splitlines()]

    def lines_of(self, request_id: str) -> list[dict[str, Any]]:
        """What it logs of one request; the last line is written after the reply was sent."""
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            found = [event for event in self.lines() if event.get("request_id") == request_id]
            if found and found[-1]["event"] == "request":
                return found
        raise TimeoutError(request_id)

    def client(self, **options: Any) -> asana.ApiClient:
        """The official SDK, pointed here."""
        configuration = asana.Configuration()
        configuration.host = self.url + API
        configuration.access_token = self.token
        for name, value in options.items():
            setattr(configuration, name, value)
        return asana.ApiClient(configuration)

    def accepts(self) -> bool:
        """Whether it takes a new connection."""
        try:
            with raw(self):
                return True
        except ConnectionError:
            return False

    def stop(self) -> int:
        """Ends it as a service manager would; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def running(folder: Path, **settings: object) -> Iterator[Running]:
    """A server over a database in the folder, which is made if it isn't there."""
    db, log = folder / "server.db", folder / "server.log"
    made = asyncio.run(_people(Settings(db=str(db))))
    variables = {f"BATCHWRIGHT_{name.upper()}": str(value) for name, value in settings.items()}
    flags = ["--port", "0", "--db", str(db), "--log-format", "json"]
    flags += [] if "limits" in settings else ["--limits", "off"]
    begun = time.monotonic()
    with (
        log.open("a") as errors,
        subprocess.Popen(
            [COMMAND, "serve", *flags],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=folder,
            env={**os.environ, **variables},
        ) as process,
    ):
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            ready_ms = round((time.monotonic() - begun) * 1000)
            found = re.search(rf"(http://\S+){API}", said)
            assert found, f"no URL in {said!r}; it logged {log.read_text('utf-8')}"
            yield Running(process, found[1], db, log, *made, ready_ms)
        finally:
            if process.poll() is None:
                process.kill()


async def _people(settings: Settings) -> tuple[str, str, str]:
    added = await app.add_user(settings, "ann@acme.example", "Ann", "Acme", organization=True, admin=True)
    token = await app.create_token(settings, "ann@acme.example")
    return added["workspace"]["gid"], added["user"]["gid"], token


@dataclass
class Raw:
    """One connection, spoken to in bytes."""

    line: socket.socket
    reader: BinaryIO = field(init=False)

    def __post_init__(self) -> None:
        self.reader = self.line.makefile("rb")

    def send(self, *parts: bytes) -> None:
        """Sends as it is; what the server no longer takes is lost."""
        with suppress(ConnectionError):
            self.line.sendall(b"".join(parts))

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next reply's status, headers and body."""
        status = int(self.reader.readline().split(b" ")[1])
        headers: dict[str, str] = {}
        while (each := self.reader.readline().decode("latin-1").strip()) != "":
            name, _, value = each.partition(": ")
            headers[name] = value
        return status, headers, self.reader.read(int(headers.get("content-length", "0")))

    def half_close(self) -> None:
        """Says that nothing more will come."""
        with suppress(OSError):  # the other side may have closed already
            self.line.shutdown(socket.SHUT_WR)

    def ended(self) -> bool:
        """Waits for the other side to close; False if it says something instead."""
        try:
            return self.reader.read(1) == b""
        except ConnectionError:
            return True


@contextmanager
def locked(db: Path) -> Iterator[None]:
    """While it lasts, nobody else can write to the database."""
    with closing(sqlite3.connect(db, isolation_level=None, timeout=PATIENCE)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def raw(server: Running) -> Iterator[Raw]:
    """A raw connection to the server."""
    address = urlsplit(server.url)
    with closing(socket.create_connection((address.hostname, address.port), timeout=PATIENCE)) as line:
        connection = Raw(line)
        with connection.reader:
            yield connection


def head(server: Running, method: str, path: str, *headers: str) -> bytes:
    """A request's head with ann's token."""
    lines = [f"{method} {API}{path} HTTP/1.1", "Host: server.test", f"Authorization: Bearer {server.token}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
