"""`python -m torture`: breaks everything in turn, prints what was tried and what was lost; 1 when anything was."""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from tests import postgres, redis

from torture.crowd import crowds
from torture.kills import kills, one_of_two
from torture.limits import redis_gone
from torture.outages import disk_full, postgres_restarts
from torture.table import Row, table

SETTINGS = {"max_connections": "200"}  # it is as safe as it comes
PARTS = ("kills", "two", "disk", "pgkills", "restarts", "redis", "crowd")
Parts = dict[str, Callable[[str], Awaitable[Row]]]


def main() -> int:
    """Runs what is asked for."""
    asked = _arguments()
    begun = time.monotonic()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # ours, and the servers' that we start
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        rows = asyncio.run(_all(asked, Path(folder)))
    lost = [f"{row.what}: {each}" for row in rows for each in row.lost]
    told = (table(rows), *lost, f"seed {asked.seed}, {time.monotonic() - begun:.0f} s, lost: {len(lost)}")
    sys.stdout.write("\n".join(told) + "\n")
    return 1 if lost else 0


async def _all(asked: argparse.Namespace, folder: Path) -> list[Row]:
    parts: Parts = {
        "kills": lambda seed: kills("kill -9, SQLite", str(folder / "kills.db"), folder, seed, asked.kills),
        "two": lambda seed: one_of_two(str(folder / "two.db"), folder, seed, asked.times),
        "disk": lambda seed: disk_full(folder, seed, asked.times),
    }
    rows = [await part(f"{asked.seed} {name}") for name, part in parts.items() if name in asked.only]
    rows += await _on_postgres(asked, folder) if {"pgkills", "restarts"} & set(asked.only) else []
    rows += await _with_redis(asked, folder) if "redis" in asked.only else []
    return rows + (await crowds(folder) if "crowd" in asked.only else [])


async def _on_postgres(asked: argparse.Namespace, folder: Path) -> list[Row]:
    programs = postgres.programs()
    if programs is None:
        return [Row("PostgreSQL", lost=[postgres.MISSING])]
    with postgres.cluster(programs, SETTINGS) as cluster:
        db = partial(postgres.database, cluster.urls)
        parts: Parts = {
            "pgkills": lambda seed: kills("kill -9, PostgreSQL", db("kills"), folder, seed, asked.kills),
            "restarts": lambda seed: postgres_restarts(cluster, db("restarts"), folder, seed, asked.times),
        }
        return [await part(f"{asked.seed} {name}") for name, part in parts.items() if name in asked.only]


async def _with_redis(asked: argparse.Namespace, folder: Path) -> list[Row]:
    if redis.program() is None:
        return [Row("Redis", lost=[redis.MISSING])]
    return [
        await redis_gone(str(folder / f"{otherwise}.db"), folder, f"{asked.seed} redis", asked.times, otherwise)
        for otherwise in ("alone", "refuse")
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--seed", default="1", help="what all choices follow from (default: 1)")
    parser.add_argument("--kills", type=int, default=25, help="how often to kill, on each database (default: 25)")
    parser.add_argument("--times", type=int, default=4, help="how often to do each of the rest (default: 4)")
    parser.add_argument("--only", nargs="+", default=PARTS, choices=PARTS, help="what to do (default: everything)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
