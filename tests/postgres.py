"""A PostgreSQL server of the tests' own: started once a run, thrown away with all its data at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from batchwright.resources import KINDS
from batchwright.store import postgres_schema
from batchwright.store.tables import OWN, tables

MISSING = "PostgreSQL is not installed (initdb was not found): its tests can't run"
# What is thrown away anyway need not be safe.
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def programs() -> Path | None:
    """Where PostgreSQL's programs are: on the path, or where Debian puts them, the newest first."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda place: int(place.parts[-3]))
    return places[-1].parent if places else None


@dataclass(frozen=True)
class Cluster:
    """A server's programs, and the folder it keeps everything in, its socket too."""

    bin: Path
    folder: Path

    @property
    def urls(self) -> str:
        """The URL of its socket, to which a database's name is to be added."""
        return f"postgresql:///%s?host={self.folder}&user=postgres"

    def restart(self, mode: str) -> None:
        """Stops it and starts it as it was. mode: fast, or immediate, which is as if it crashed."""
        self._control("restart", "-m", mode)

    def start(self, settings: Mapping[str, str]) -> None:
        """Makes it and starts it."""
        data = self.folder / "data"
        _run(self.bin / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._control("-o", f"-c listen_addresses= -k {self.folder} {options}", "start")

    def stop(self) -> None:
        """Stops it at once."""
        self._control("-m", "immediate", "stop")

    def _control(self, *words: str) -> None:
        _run(self.bin / "pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", *words)


@contextmanager
def cluster(bin: Path, settings: Mapping[str, str]) -> Iterator[Cluster]:
    """A running server."""
    folder = Path(tempfile.mkdtemp(prefix="batchwright-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    made = Cluster(bin, folder)
    try:
        made.start(settings)
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server(bin: Path) -> Iterator[str]:
    """A running server, quick and unsafe: the URL of its socket, to which a database's name is to be added."""
    with cluster(bin, SETTINGS) as made:
        yield made.urls


def _run(program: Path, *arguments: str | Path) -> None:
    # initdb and the server refuse to run as root.
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_postgres, str(program), *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd="/", check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")


def database(urls: str, name: str) -> str:
    """A new database with our tables: its URL."""
    with psycopg.connect(urls % "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    postgres_schema.upgrade(urls % name, KINDS)
    return urls % name


def emptied(url: str) -> str:
    """The same database without its rows; quicker than a new one."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = [table for table in tables(KINDS).tables if table not in OWN]
        deletes = "; ".join(f'DELETE FROM "{name}"' for name in names)
        connection.execute(f"SET session_replication_role = replica; {deletes}".encode())
        # What a test has told the planner, or what it has found out itself, isn't the next test's.
        connection.execute(
            "DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = "
            "current_schema()::regnamespace)"
        )
        connection.execute(
            "UPDATE pg_class SET reltuples = -1 WHERE reltuples > 1000 AND relkind = 'r' AND "
            "relnamespace = current_schema()::regnamespace"
        )
    return url
