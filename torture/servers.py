"""Our server as a process of its own, started again and again on one port over one database."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from batchwright import app
from batchwright.settings import Settings

COMMAND = Path(sys.executable).with_name("batchwright")
START_SECONDS = 60
TOKENS = 4


@dataclass
class Server:
    """A server that can be killed and started again. db: as the setting names it. log: where it tells of itself."""

    db: str
    log: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[str] | None = None
    start_seconds: float = 0.0

    def start(self) -> None:
        """Start it and wait until it answers."""
        begun = time.monotonic()
        variables = {f"BATCHWRIGHT_{name.upper()}": value for name, value in self.settings.items()}
        flags = ["--port", str(self.port), "--db", self.db, "--log-format", "json"]
        flags += [] if "limits" in self.settings else ["--limits", "off"]
        with self.log.open("a") as errors:
            self.process = subprocess.Popen(
                [COMMAND, "serve", *flags],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, **variables},
                cwd=self.log.parent,
            )
        assert self.process.stdout is not None
        if not self.process.stdout.readline():
            raise RuntimeError(f"the server did not start: {self.log.read_text('utf-8')[-2000:]}")
        self.start_seconds = max(self.start_seconds, time.monotonic() - begun)

    def kill(self) -> None:
        """End it as a crash would, whatever it is doing; not an error if it isn't there."""
        if self.process is not None:
            with self.process as process:  # closes its pipe
                process.send_signal(signal.SIGKILL)
                process.wait(START_SECONDS)
            self.process = None

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process is not None and self.process.poll() is None

    def forget_peak(self) -> None:
        """Begin anew to look for the most memory it holds."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", "utf-8")

    def peak(self) -> int:
        """The most memory it has held since then, in MiB."""
        lines = Path(f"/proc/{self.pid}/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))

    @property
    def pid(self) -> int:
        """Its process."""
        assert self.process is not None
        return self.process.pid


@contextmanager
def serving(db: str, folder: Path, **settings: str) -> Iterator[Server]:
    """A server over the database, killed at the end if it still runs."""
    server = Server(db, folder / "server.log", settings)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@dataclass(frozen=True)
class People:
    """Who calls: ann, with tokens of which each has limits of its own; bob, who follows. Their workspace."""

    workspace: str
    ann: str
    bob: str
    tokens: tuple[str, ...]

    @property
    def token(self) -> str:
        """One of them."""
        return self.tokens[0]


def people(db: str) -> People:
    """Two people in a workspace of the database, which is made if it isn't there."""
    return asyncio.run(_people(Settings(db=db)))


async def _people(settings: Settings) -> People:
    ann = await app.add_user(settings, "ann@acme.example", "Ann", "Acme", organization=True, admin=True)
    bob = await app.add_user(settings, "bob@acme.example", "Bob", "Acme")
    tokens = [await app.create_token(settings, "ann@acme.example") for _ in range(TOKENS)]
    return People(ann["workspace"]["gid"], ann["user"]["gid"], bob["user"]["gid"], tuple(tokens))


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
