"""4: how near a batch of ten reads comes to the same HTTP server doing nothing but send the same bytes."""

from __future__ import annotations

import sys

from bench import servers
from bench.measures.setup import Setup
from bench.results import Goal, Result
from bench.rounds import Rounds, Side

TITLE = "The floor: a batch's bytes without any work"


def measure(setup: Setup) -> Result:
    """One connection, batches of ten reads."""
    run = setup.kept.run
    body = run / "floor.json"
    port = servers.free_port()
    command = (sys.executable, "-m", "bench.floor", str(port), body)
    with setup.ours("sqlite") as server:
        mine = Side("batches of ten reads, SQLite, 1 connection", server, "reads", 10, 1)
        _, replies = Rounds(1, 0.2, 0.2).measure([mine], samples=1)
        body.write_text(replies[mine.name][0], "utf-8")
        with servers.running("floor", command, server.manifest, run / "floor.log", port=port) as bare:
            floor = Side("the same bytes without work, 1 connection", bare, "reads", 10, 1)
            found, _ = setup.rounds.measure([mine, floor])
    share = found[mine.name].over(found[floor.name])
    goal = Goal("our share of the floor, reads on one connection", 0.35, share)
    return Result("floor", TITLE, list(found.values()), [goal])
