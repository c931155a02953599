"""The peers: their tables filled with the same rows, their environments set up, each started as its README says.

What they need is downloaded once, at exact versions by hash, into the folder of filled databases.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import servers
from bench.kept import clear
from bench.servers import Server

SOURCES = Path(__file__).parent / "peers"
SETUP_SECONDS = 900  # better-sqlite3 may have to be compiled


class Unavailable(Exception):
    """What a peer needs can't be had here."""


@dataclass(frozen=True)
class Peer:
    """One of them. batch: how it wants a batch (bench.wire). command: from its environment, port and database."""

    name: str
    shown: str
    batch: str
    command: Callable[[Path, int, str], list[str | Path]]

    @property
    def sources(self) -> Path:
        """Its program."""
        return SOURCES / self.name


def _uvicorn(home: Path, port: int, database: str) -> list[str | Path]:
    flags = ["--port", str(port), "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    return [home / "venv/bin/python", "-m", "uvicorn", "app:app", "--app-dir", SOURCES / "fastapi", *flags]


def _gunicorn(home: Path, port: int, database: str) -> list[str | Path]:
    flags = ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "75"]
    flags += ["--no-control-socket"]
    return [home / "venv/bin/python", "-m", "gunicorn", "wsgi", "--chdir", SOURCES / "django", *flags]


def _node(home: Path, port: int, database: str) -> list[str | Path]:
    return ["node", home / "server.js", str(port), database]


PEERS = (
    Peer("fastapi", "FastAPI + SQLAlchemy + httpx", "asana", _uvicorn),
    Peer("django", "Django + drf-batch-requests", "django", _gunicorn),
    Peer("hapi", "hapi + bassmaster", "bassmaster", _node),
)


@contextmanager
def running(peer: Peer, filled: Path, manifest: Path, folder: Path, run: Path) -> Iterator[Server]:
    """A peer over a copy of the filled file's rows. Raises Unavailable."""
    home = folder / "peers" / peer.name
    _set_up(peer, home)
    database = run / f"{peer.name}.db"
    clear(database)
    shutil.copyfile(_tables(filled, folder), database)
    port = servers.free_port()
    command = peer.command(home, port, str(database))
    with servers.running(
        peer.shown,
        command,
        manifest,
        run / f"{peer.name}.log",
        port=port,
        database=str(database),
        environ={"DATABASE": str(database)},
    ) as server:
        yield server


def _tables(filled: Path, folder: Path) -> Path:
    """The peers' tables with the rows of a filled file of ours; kept."""
    schema = (SOURCES / "schema.sql").read_text("utf-8")
    kept = folder / "data" / f"{filled.stem}.peers-{hashlib.sha256(schema.encode()).hexdigest()[:8]}.db"
    if kept.exists():
        return kept
    for old in kept.parent.glob("*.peers-*"):
        old.unlink()
    part = kept.with_suffix(".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.executescript(schema)
        connection.execute("ATTACH ? AS ours", (str(filled),))
        connection.execute("BEGIN")
        for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            names = ", ".join(f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM ours."{table}"')
        connection.execute("COMMIT")
    part.rename(kept)
    return kept


def _set_up(peer: Peer, home: Path) -> None:
    """Installs what it needs, unless that was done already for the same lock."""
    if peer.name != "hapi":
        environment(home, peer.sources / "requirements.lock")
        return
    home.mkdir(parents=True, exist_ok=True)
    for name in ("server.js", "package.json", "package-lock.json"):
        shutil.copyfile(peer.sources / name, home / name)
    with _once(home, peer.sources / "package-lock.json") as needed:
        if needed:
            _run(["npm", "ci", "--no-audit", "--no-fund"], home)


def environment(home: Path, lock: Path) -> None:
    """A Python environment of its own from a lock, unless it is there already. Raises Unavailable."""
    with _once(home, lock) as needed:
        if needed:
            _run([sys.executable, "-m", "venv", home / "venv"], SOURCES)
            flags = ["--disable-pip-version-check", "--quiet", "--require-hashes", "-r"]
            _run([home / "venv/bin/python", "-m", "pip", "install", *flags, lock], SOURCES)


@contextmanager
def _once(home: Path, lock: Path) -> Iterator[bool]:
    """Whether something is still to be set up; once that is done it isn't."""
    done, wanted = home / "lock", lock.read_bytes()
    needed = not done.exists() or done.read_bytes() != wanted
    if needed:
        print(f"  setting up {home.name}", flush=True)
        home.mkdir(parents=True, exist_ok=True)
    yield needed
    done.write_bytes(wanted)


def _run(command: list[str | Path], folder: Path) -> None:
    words = list(map(str, command))
    try:
        done = subprocess.run(
            words, cwd=folder, capture_output=True, text=True, timeout=SETUP_SECONDS, check=False, env=dict(os.environ)
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise Unavailable(str(problem)) from None
    if done.returncode:
        raise Unavailable(f"{' '.join(words[:3])}: {(done.stderr or done.stdout).strip()[-300:]}")
