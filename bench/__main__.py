"""`python -m bench`: every measurement in turn; a table to the terminal, table, JSON and plot into a folder."""

from __future__ import annotations

import argparse
import datetime
import json
import signal
import sys
import time
import traceback
from pathlib import Path

from bench import machine, plot
from bench.kept import kept
from bench.measures import batching, beyond, floor, growth, peers, profile, workers
from bench.measures.setup import Setup
from bench.results import Result, tables
from bench.rounds import Rounds

MEASURES = {
    "batching": batching,
    "beyond": beyond,
    "peers": peers,
    "floor": floor,
    "growth": growth,
    "workers": workers,
    "profile": profile,
}
RESULTS = Path(__file__).parent / "results"
DOCS = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- what make bench measured begins here -->", "<!-- and ends here -->"
TASKS, ROUNDS, MILLION = 200_000, 5, 1_000_000
BUSY = 0.3  # load for each core before we begin


def main() -> None:
    """Measures what is asked for."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server is left behind
    begun = time.monotonic()
    facts = machine.facts(asked.folder)
    if facts["load_before"] > BUSY * facts["cores"]:
        print(f"This machine is busy (load {facts['load_before']:.1f}): its figures are not worth keeping.", flush=True)
    sizes = (1_000, 10_000, asked.tasks, *((MILLION,) if asked.million else ()))
    rounds = Rounds(asked.rounds, asked.seconds)
    with kept(asked.folder) as filled:
        setup = Setup(filled, rounds, asked.tasks, sizes)
        results = [_measured(name, setup) for name in asked.only]
    facts |= {
        "tasks": asked.tasks,
        "rounds": asked.rounds,
        "seconds_a_round": asked.seconds,
        "taken": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "minutes": round((time.monotonic() - begun) / 60, 1),
    }
    target = asked.results or (RESULTS if _whole(asked) else asked.folder / "results")
    target.mkdir(parents=True, exist_ok=True)
    data = {"facts": facts, "measures": [each.data() for each in results]}
    (target / "latest.json").write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    (target / "latest.md").write_text(tables(results, facts), "utf-8")
    (target / "latest.svg").write_text(plot.bars(results), "utf-8")
    (target / "profile.svg").write_text(plot.layers(results), "utf-8")
    if target == RESULTS:
        _tell(tables(results, facts))
    print(tables(results, facts))
    print(f"Written to {target}")


def _tell(measured: str) -> None:
    """Puts the tables into the documentation, between its two marks."""
    text = DOCS.read_text("utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    DOCS.write_text(f"{before}{BEGIN}\n\n{measured.partition(chr(10))[2].strip()}\n\n{END}{after}", "utf-8")


def _whole(asked: argparse.Namespace) -> bool:
    """Whether it is a run to keep: everything, at full size."""
    return set(asked.only) == set(MEASURES) and asked.tasks >= TASKS and asked.rounds >= ROUNDS


def _measured(name: str, setup: Setup) -> Result:
    print(f"{name} ...", flush=True)
    try:
        result: Result = MEASURES[name].measure(setup)
        return result
    except Exception as problem:  # the others are still worth having
        traceback.print_exc()
        return Result(name, MEASURES[name].TITLE, missing=[f"{type(problem).__name__}: {problem}"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES), help="these measurements")
    parser.add_argument("--tasks", type=int, default=TASKS, help="how many tasks there are")
    parser.add_argument("--million", action="store_true", help="let it grow to a million tasks; filling takes long")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of which the median counts")
    parser.add_argument("--seconds", type=float, default=1.0, help="of one side in one round")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where filled databases are kept")
    parser.add_argument("--results", type=Path, help="where results go: bench/results for a whole run")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    return asked


if __name__ == "__main__":
    main()
