"""`python -m fuzz`: sends a server what nobody means well with, prints what came of it; 1 when anything was wrong."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests import postgres
from torture.servers import Server, serving

from fuzz.documented import Found, documented
from fuzz.running import Run, Tally, prepared

SAVED = Path("build/fuzz")


def main() -> int:
    """Runs what is asked for."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name, ExitStack() as stack:
        folder = Path(name)
        db = _database(asked.db, folder, stack)
        with serving(db, folder) as server:
            tally, found = asyncio.run(_run(asked, server, folder))
    sys.stdout.write("\n".join((*_lines(tally, asked), _line(found))) + "\n")
    return 1 if tally.faults or found.told else 0


def _database(sort: str, folder: Path, stack: ExitStack) -> str:
    if sort == "sqlite":
        return str(folder / "fuzz.db")
    programs = postgres.programs()
    if programs is None:
        raise SystemExit(postgres.MISSING)
    return postgres.database(stack.enter_context(postgres.server(programs)), "fuzz")


async def _run(asked: argparse.Namespace, server: Server, folder: Path) -> tuple[Tally, Found]:
    saved = SAVED / f"{asked.db}-{asked.seed}"
    async with prepared(server, asked.seed, requests=asked.requests, minutes=asked.minutes, saved=saved) as run:
        found = await asyncio.to_thread(_documented, asked, run, folder) if asked.documented else Found(0)
        return await run.done(), found


def _documented(asked: argparse.Namespace, run: Run, folder: Path) -> Found:
    known = {kind: gids[0] for kind, gids in run.source.drawing.known.items() if gids}
    options = ("--max-examples", "50", "--max-time", str(asked.documented), "--seed", asked.seed)
    url, token = f"http://127.0.0.1:{run.server.port}", run.source.tokens[0]
    return documented(url, token, known, folder, *options)


def _lines(tally: Tally, asked: argparse.Namespace) -> list[str]:
    rate = tally.requests / max(tally.seconds, 0.001)
    memory = " ".join(f"{each:.0f}" for each in tally.watch.memory)
    lines = [
        f"seed {asked.seed}, {asked.db}: {tally.requests:,} requests ({tally.actions:,} actions of batches) "
        f"in {tally.seconds:.0f} s, {rate:.0f} a second",
        "by sort: " + ", ".join(f"{sort} {number:,}" for sort, number in tally.sorts.most_common()),
        "by status: " + ", ".join(f"{status} {number:,}" for status, number in sorted(tally.statuses.items())),
        "actions: " + ", ".join(f"{status} {number:,}" for status, number in sorted(tally.of_actions.items())),
        f"ended without an answer, none being due: {tally.unanswered:,}",
        f"slowest: {tally.slowest[0]:.2f} s ({tally.slowest[1]})",
        f"memory at the start and after each tenth: {memory} MiB; open files: {tally.watch.files}",
    ]
    if tally.requests < asked.requests and not tally.faults:
        lines.append(f"the time was over before all of {asked.requests:,} requests were made")
    return [*lines, *(f"WRONG: {each}" for each in tally.faults), f"wrong: {len(tally.faults)}"]


def _line(found: Found) -> str:
    return f"schemathesis: {found.cases:,} requests from our document, {found.told or 'nothing found'}"


def _whole(text: str) -> str:
    return str(int(text))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seed", type=_whole, default="1", help="what all choices follow from (default: 1)")
    parser.add_argument("--requests", type=int, default=100_000, help="how many to send (default: 100,000)")
    parser.add_argument("--minutes", type=float, default=30, help="how long at most (default: 30)")
    parser.add_argument(
        "--db", default="sqlite", choices=("sqlite", "postgres"), help="where the server keeps its data"
    )
    parser.add_argument("--documented", type=int, default=60, help="seconds for schemathesis, 0: none (default: 60)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
