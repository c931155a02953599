"""`python -m torture`: breaks everything in turn, prints what was tried and what was lost; 1 when anything was."""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests import postgres, redis

from torture.crowd import crowds
from torture.kills import keyed_kills, kills, one_of_two
from torture.limits import redis_gone
from torture.outages import disk_full, postgres_restarts
from torture.table import Row, table

SETTINGS = {"max_connections": "200"}  # PostgreSQL's; all else is as safe as it comes


def main() -> int:
    """Runs what is asked for."""
    asked = _arguments()
    begun = time.monotonic()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # ours, and the servers' that we start
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="torture-") as folder, ExitStack() as stack:
        parts = Parts(asked, Path(folder), stack)
        for name in asked.only:
            _tell(f"{name} ...")
            rows += asyncio.run(parts.done(name))
    lost = [f"{row.what}: {each}" for row in rows for each in row.lost]
    summary = f"seed {asked.seed}, {time.monotonic() - begun:.0f} s, lost: {len(lost)}"
    sys.stdout.write("\n".join((table(rows), *lost, summary)) + "\n")
    return 1 if lost else 0


@dataclass
class Parts:
    """Everything that can be asked for."""

    asked: argparse.Namespace
    folder: Path
    stack: ExitStack
    cluster: postgres.Cluster | None = None

    async def done(self, name: str) -> list[Row]:
        """One part; what keeps it from its end counts as lost."""
        seed = f"{self.asked.seed} {name}"
        try:
            return await PARTS[name](self, seed)
        except Exception as problem:
            return [Row(name, lost=[f"{type(problem).__name__}: {problem}"])]

    def on_file(self, name: str) -> str:
        """A new embedded database."""
        return str(self.folder / f"{name}.db")

    def on_postgres(self, name: str) -> tuple[postgres.Cluster, str]:
        """A new database on a PostgreSQL server of our own."""
        if self.cluster is None:
            programs = postgres.programs()
            if programs is None:
                raise RuntimeError(postgres.MISSING)
            self.cluster = self.stack.enter_context(postgres.cluster(programs, SETTINGS))
        return self.cluster, postgres.database(self.cluster.urls, name)

    async def kills(self, seed: str) -> list[Row]:
        return [await kills("kill -9, SQLite", self.on_file("kills"), self.folder, seed, self.asked.kills)]

    async def pgkills(self, seed: str) -> list[Row]:
        _, db = self.on_postgres("kills")
        return [await kills("kill -9, PostgreSQL", db, self.folder, seed, self.asked.kills)]

    async def workers(self, seed: str) -> list[Row]:
        _, db = self.on_postgres("workers")
        title = "kill -9 of two workers' supervisor, PostgreSQL"
        return [await kills(title, db, self.folder, seed, self.asked.times // 2, workers="2")]

    async def keys(self, seed: str) -> list[Row]:
        title, times = "kill -9, all sent again with its key, SQLite", self.asked.kills // 4
        return [await keyed_kills(title, self.on_file("keys"), self.folder, seed, times)]

    async def pgkeys(self, seed: str) -> list[Row]:
        _, db = self.on_postgres("keys")
        title = "kill -9, all sent again with its key, PostgreSQL"
        return [await keyed_kills(title, db, self.folder, seed, self.asked.kills // 4)]

    async def two(self, seed: str) -> list[Row]:
        return [await one_of_two(self.on_file("two"), self.folder, seed, self.asked.times)]

    async def disk(self, seed: str) -> list[Row]:
        return [await disk_full(self.folder, seed, self.asked.times)]

    async def restarts(self, seed: str) -> list[Row]:
        cluster, db = self.on_postgres("restarts")
        return [await postgres_restarts(cluster, db, self.folder, seed, self.asked.times)]

    async def redis(self, seed: str) -> list[Row]:
        if redis.program() is None:
            raise RuntimeError(redis.MISSING)
        return [
            await redis_gone(self.on_file(otherwise), self.folder, seed, self.asked.times, otherwise)
            for otherwise in ("alone", "refuse")
        ]

    async def crowd(self, seed: str) -> list[Row]:
        return await crowds(self.folder)


PARTS: dict[str, Callable[[Parts, str], Awaitable[list[Row]]]] = {
    "kills": Parts.kills,
    "pgkills": Parts.pgkills,
    "workers": Parts.workers,
    "keys": Parts.keys,
    "pgkeys": Parts.pgkeys,
    "two": Parts.two,
    "disk": Parts.disk,
    "restarts": Parts.restarts,
    "redis": Parts.redis,
    "crowd": Parts.crowd,
}


def _tell(what: str) -> None:
    sys.stderr.write(f"{what}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--seed", default="1", help="what all choices follow from (default: 1)")
    parser.add_argument("--kills", type=int, default=25, help="how often to kill, on each database (default: 25)")
    parser.add_argument("--times", type=int, default=4, help="how often to do each of the rest (default: 4)")
    parser.add_argument("--only", nargs="+", default=list(PARTS), choices=PARTS, help="what to do (default: all)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
