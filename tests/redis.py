"""A Redis server of the tests' own, thrown away with all its data at the end."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

MISSING = "Redis is not installed (redis-server was not found): its tests can't run"
PATIENCE = 30  # seconds until a server that does not start is given up


def program() -> str | None:
    """Where the server's program is."""
    return shutil.which("redis-server")


@dataclass(frozen=True)
class Server:
    """A server and where it is."""

    url: str
    process: subprocess.Popen[bytes]

    def hang(self) -> None:
        """Answers nobody from now on, but hangs up on nobody either."""
        self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """Ends it."""
        self.process.kill()
        self.process.wait()


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for a server. Not pytest's: the path of a socket may only be 107 bytes long."""
    with tempfile.TemporaryDirectory(prefix="batchwright-redis-") as path:
        yield Path(path)


@contextmanager
def server() -> Iterator[str]:
    """A running server with a socket of its own, no port: its URL."""
    with folder() as path, running(path) as started:
        yield started.url


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A running server with its socket in the folder; the URL is the same each time."""
    path = folder / "redis.sock"
    command = [program() or "redis-server", "--port", "0", "--unixsocket", str(path), "--save", ""]
    command += ["--dir", str(folder)]
    started = Server(f"unix://{path}", subprocess.Popen(command, stdout=subprocess.DEVNULL))
    try:
        _wait(started.process, path)
        yield started
    finally:
        started.kill()


def _wait(process: subprocess.Popen[bytes], path: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < give_up:
        with closing(socket.socket(socket.AF_UNIX)) as line:
            try:
                line.connect(str(path))
                return
            except OSError:
                time.sleep(0.005)
    raise RuntimeError(f"redis-server did not start (exit code {process.poll()})")
