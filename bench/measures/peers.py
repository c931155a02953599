"""3: the same ten reads and ten durable creates, asked of what people would write today for the same contract."""

from __future__ import annotations

from contextlib import ExitStack

from bench import peering, same
from bench.measures.setup import Setup
from bench.peering import PEERS
from bench.results import Goal, Result
from bench.rounds import Side
from bench.servers import Server

TITLE = "Peers: batches of ten on the same rows in SQLite, four connections"
OURS = "Batchwright"
NOTE = {
    "reads": "reads: {} tasks compared, all sides answered them alike.",
    "creates": "creates: {} tasks compared, all sides answered them alike and wrote as many rows of every kind.",
}


def measure(setup: Setup) -> Result:
    """All of them run at once and are asked in turn."""
    result = Result("peers", TITLE)
    with ExitStack() as running:
        mine = running.enter_context(setup.ours("sqlite"))
        sides = [(OURS, mine, "asana")]
        filled = setup.kept.filled(setup.tasks)
        for peer in PEERS:
            try:
                server = running.enter_context(
                    peering.running(peer, filled, mine.manifest, setup.kept.folder, setup.kept.run)
                )
                sides.append((peer.shown, server, peer.batch))
            except (peering.Unavailable, RuntimeError) as problem:
                result.missing.append(f"{peer.shown}: {problem}")
        for what in ("reads", "creates"):
            _compare(setup, what, sides, result)
    return result


def _compare(setup: Setup, what: str, sides: list[tuple[str, Server, str]], result: Result) -> None:
    asked = [Side(f"{name}, {what}", server, what, 10, 4, batch) for name, server, batch in sides]
    if what == "creates":
        same.written(asked)
    found, replies = setup.rounds.measure(asked, samples=2)
    compared = same.check(replies, what)
    result.notes.append(NOTE[what].format(compared))
    result.figures += found.values()
    ours = found.pop(asked[0].name)
    if not found:
        return
    best = max(found.values(), key=lambda each: each.per_second)
    result.goals.append(Goal(f"{what}: against the best of them ({best.name.split(',')[0]})", 3, ours.over(best)))
    for name, figures in found.items():
        if name.startswith("FastAPI"):
            result.goals.append(Goal(f"{what}: against FastAPI", 10, ours.over(figures)))
