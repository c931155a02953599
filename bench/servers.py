"""Servers as processes of their own on the servers' core: ours, and whatever else answers the same requests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import machine

PATIENCE = 60  # seconds until a server must answer
COMMAND = Path(sys.executable).with_name("batchwright")


@dataclass(frozen=True)
class Server:
    """One that answers. database: where what it wrote can be counted; besides: the process that keeps it, if any."""

    name: str
    port: int
    pid: int
    manifest: Path
    database: str = ""
    besides: int = 0

    def spent(self) -> float:
        """CPU seconds so far, those of its database's server too."""
        return sum(machine.spent(pid) for pid in (self.pid, self.besides) if pid)

    def memory(self) -> float:
        """MB of its largest process."""
        return max(machine.memory(pid) for pid in machine.family(self.pid))


@contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    manifest: Path,
    log: Path,
    *,
    port: int,
    database: str = "",
    besides: int = 0,
    environ: dict[str, str] | None = None,
    cores: Sequence[int] = (),
) -> Iterator[Server]:
    """A server from a command, until the end of the block; what it says goes to the log."""
    on = set(cores or machine.cores()[:1])
    with (
        log.open("wb") as out,
        subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environ or {})},
            preexec_fn=lambda: os.sched_setaffinity(0, on),
        ) as process,
    ):
        try:
            _wait(process, port, log)
            yield Server(name, port, process.pid, manifest, database, besides)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{log.stem} did not start: {log.read_text('utf-8', 'replace')[-2000:]}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def ours(
    name: str,
    db: str,
    manifest: Path,
    folder: Path,
    *flags: str,
    besides: int = 0,
    cores: Sequence[int] = (),
    limits: str = "off",
) -> Iterator[Server]:
    """Our own server, as anybody would start it, but mostly without the rate limits."""
    port = free_port()
    command: list[str | Path] = [COMMAND, "serve", "--port", str(port), "--db", db, "--limits", limits, *flags]
    log = folder / f"{name.replace(' ', '-')}.log"
    with running(name, command, manifest, log, port=port, database=db, besides=besides, cores=cores) as server:
        yield server
