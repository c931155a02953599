"""A PostgreSQL server of the benchmark's own: as durable as it comes, on the servers' core, its data kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from batchwright.resources import KINDS
from batchwright.store import databases
from bench import machine

SETTINGS = {"shared_buffers": "256MB", "max_connections": "60", "listen_addresses": "''"}


class Missing(Exception):
    """PostgreSQL isn't installed."""


def programs() -> Path:
    """Where PostgreSQL's programs are: on the path, or where Debian puts them, the newest first. Raises Missing."""
    found = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda place: int(place.parts[-3]))
    if not found and not places:
        raise Missing("PostgreSQL is not installed (initdb was not found)")
    return Path(found).resolve().parent if found else places[-1].parent


@contextmanager
def cluster(folder: Path, cores: tuple[int, ...] = ()) -> Iterator[str]:
    """A running server: the URL of its socket, with %s for the name of a database."""
    bin, data = programs(), folder / "data"
    # A socket's path may only have a hundred letters.
    with tempfile.TemporaryDirectory(prefix="bench-pg-") as sockets:
        _own(Path(sockets))
        if not (data / "PG_VERSION").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            _own(folder)
            _run((), bin / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8")
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        log, options = folder / "log", f"-k {sockets} {options}"
        _run(cores, bin / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
        try:
            yield f"postgresql:///%s?host={sockets}&user=postgres"
        finally:
            _run((), bin / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop")


def pid(folder: Path) -> int:
    """The server's process."""
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def has(urls: str, name: str) -> bool:
    """Whether there is a database of this name."""
    with psycopg.connect(urls % "postgres") as connection:
        return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def create(urls: str, name: str) -> str:
    """A new database with our tables: its URL."""
    _said(urls, f"CREATE DATABASE {name}")
    databases.upgrade(urls % name, KINDS)
    return urls % name


def rename(urls: str, name: str, to: str) -> None:
    """Gives a database its final name, and the planner its statistics."""
    with psycopg.connect(urls % name, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    _said(urls, f"ALTER DATABASE {name} RENAME TO {to}")


def copy(urls: str, name: str, to: str) -> str:
    """A fresh copy of a database: its URL."""
    drop(urls, to)
    _said(urls, f"CREATE DATABASE {to} TEMPLATE {name}")
    return urls % to


def forget(urls: str, like: str, but: str) -> None:
    """Throws away the databases whose names are like a pattern, but those that are like another."""
    with psycopg.connect(urls % "postgres") as connection:
        text = "SELECT datname FROM pg_database WHERE datname LIKE %s AND datname NOT LIKE %s"
        found = connection.execute(text, (like, but)).fetchall()
    for (name,) in found:
        drop(urls, name)


def drop(urls: str, name: str) -> None:
    """Throws a database away, if there is one."""
    _said(urls, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _said(urls: str, statement: str) -> None:
    with psycopg.connect(urls % "postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")


def _run(cores: tuple[int, ...], program: Path, *arguments: str | Path) -> None:
    # initdb and the server refuse to run as root.
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    on = set(cores or machine.cores()[:1])
    command = [*as_postgres, str(program), *map(str, arguments)]
    with tempfile.TemporaryFile() as out:  # not a pipe: the server keeps it open
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            timeout=120,
            cwd="/",
            check=False,
            preexec_fn=lambda: os.sched_setaffinity(0, on),
        )
        out.seek(0)
        said = out.read().decode()
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {said}")
