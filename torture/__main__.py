"""`python -m torture`: breaks everything in turn, prints what was tried and what was lost; 1 when anything was."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from torture.kills import kills
from torture.table import Row, table


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
    return [await kills("kill -9, SQLite", str(folder / "kills.db"), folder, f"{asked.seed} sqlite", asked.kills)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--seed", default="1", help="what all choices follow from (default: 1)")
    parser.add_argument("--kills", type=int, default=25, help="how often to kill, on each database (default: 25)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
