"""`python -m torture`: breaks everything in turn, prints what was tried and what was lost; 1 when anything was."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests import postgres

from torture.kills import kills
from torture.outages import postgres_restarts
from torture.table import Row, table

SETTINGS = {"max_connections": "200"}  # it is as safe as it comes


def main() -> int:
    """Runs what is asked for."""
    asked = _arguments()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        rows = asyncio.run(_all(asked, Path(folder)))
    lost = [f"{row.what}: {each}" for row in rows for each in row.lost]
    told = (table(rows), *lost, f"seed {asked.seed}, {time.monotonic() - begun:.0f} s, lost: {len(lost)}")
    sys.stdout.write("\n".join(told) + "\n")
    return 1 if lost else 0


async def _all(asked: argparse.Namespace, folder: Path) -> list[Row]:
    rows = [await kills("kill -9, SQLite", str(folder / "kills.db"), folder, f"{asked.seed} sqlite", asked.kills)]
    programs = postgres.programs()
    if programs is None:
        return [*rows, Row("PostgreSQL", lost=[postgres.MISSING])]
    with postgres.cluster(programs, SETTINGS) as cluster:
        db = postgres.database(cluster.urls, "kills")
        rows.append(await kills("kill -9, PostgreSQL", db, folder, f"{asked.seed} postgres", asked.kills))
        db = postgres.database(cluster.urls, "restarts")
        rows.append(await postgres_restarts(cluster, db, folder, f"{asked.seed} restarts", asked.restarts))
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--seed", default="1", help="what all choices follow from (default: 1)")
    parser.add_argument("--kills", type=int, default=25, help="how often to kill, on each database (default: 25)")
    parser.add_argument("--restarts", type=int, default=4, help="how often to restart PostgreSQL (default: 4)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
