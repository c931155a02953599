"""1 and 2: a batch of ten against ten single requests, reads and durable creates, on both databases."""

from __future__ import annotations

from bench import same
from bench.measures.setup import DATABASES, SHOWN, Setup
from bench.postgres import Missing
from bench.results import Goal, Result
from bench.rounds import Side
from bench.servers import Server

TITLE = "A batch of ten against single requests"


def measure(setup: Setup) -> Result:
    """Throughput with four connections of batches against ten of singles; latency with one of each."""
    result = Result("batching", TITLE)
    for database in DATABASES:
        try:
            with setup.ours(database) as server:
                for what in ("reads", "creates"):
                    _compare(setup, server, what, SHOWN[database], result)
        except Missing as problem:
            result.missing.append(f"{SHOWN[database]}: {problem}")
    return result


def _compare(setup: Setup, server: Server, what: str, database: str, result: Result) -> None:
    where = f"{what}, {database}"
    many, batches = f"single {where}, 10 connections", f"batches of ten {where}, 4 connections"
    one, batch = f"single {where}, 1 connection", f"batches of ten {where}, 1 connection"
    sides = [
        Side(many, server, what, 0, 10),
        Side(batches, server, what, 10, 4),
        Side(one, server, what, 0, 1),
        Side(batch, server, what, 10, 1),
    ]
    found, replies = setup.rounds.measure(sides, samples=10)
    compared = same.check(replies, what)
    result.notes.append(f"{where}: {compared} tasks compared, all sides answered them alike.")
    result.figures += found.values()
    result.goals += [
        Goal(f"{where}: actions/s of batches against singles", 2.5, found[batches].over(found[many])),
        Goal(f"{where}: time of a batch against one single", 2, found[batch].slower(found[one]), most=True),
    ]
