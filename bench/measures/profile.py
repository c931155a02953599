"""Where the time goes: statements a request costs, and the layers at work while batches and singles come in."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from bench import sampling
from bench.measures.setup import Setup
from bench.peering import Unavailable
from bench.results import Result
from bench.rounds import Side, run

TITLE = "Where the time goes, SQLite"
SECONDS = 4.0


def measure(setup: Setup) -> Result:
    """Counts statements, then samples the server while it is asked."""
    result = Result("profile", TITLE)
    db, manifest = setup.filled("sqlite")
    command = [sys.executable, "-m", "bench.statements", db, manifest]
    counted = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    result.statements = json.loads(counted.stdout.splitlines()[-1])
    try:
        sampling.prepare(setup.kept.folder)
    except Unavailable as problem:
        result.missing.append(str(problem))
        return result
    with setup.ours("sqlite") as server, ThreadPoolExecutor(1) as loading:
        sides = (
            Side("single reads", server, "reads", 0, 10),
            Side("batches of ten reads", server, "reads", 10, 4),
            Side("single creates", server, "creates", 0, 10),
            Side("batches of ten creates", server, "creates", 10, 4),
        )
        for side in sides:
            run(side, setup.rounds.warmup)
            asked = loading.submit(run, side, SECONDS + 2)
            result.shares[side.name] = sampling.sample(server.pid, SECONDS, setup.kept.folder)
            asked.result()
    return result
