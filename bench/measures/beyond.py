"""What it costs to ask for more than Asana has: a batch that refers, or is written as one, against a plain one."""

from __future__ import annotations

from bench import same
from bench.measures.setup import DATABASES, SHOWN, Setup
from bench.postgres import Missing
from bench.results import Goal, Result
from bench.rounds import Side
from bench.servers import Server

TITLE = "Batches that ask for more than Asana has"
# How a batch asks, in words, and how long it may take compared with a plain one.
WAYS = {"named": ("named", 1.2), "referring": ("nine that wait for one", 2.5), "atomic": ("atomic", 3.0)}


def measure(setup: Setup) -> Result:
    """One connection: how long each sort takes. The same tasks are asked for, and answered alike."""
    result = Result("beyond", TITLE)
    for database in DATABASES:
        try:
            with setup.ours(database) as server:
                for what in ("reads", "creates"):
                    _compare(setup, server, what, SHOWN[database], result)
        except Missing as problem:
            result.missing.append(f"{SHOWN[database]}: {problem}")
    return result


def _compare(setup: Setup, server: Server, what: str, database: str, result: Result) -> None:
    where = f"ten {what}, {database}"
    plain = Side(f"plain: {where}", server, what, 10, 1)
    others = {way: Side(f"{words}: {where}", server, what, 10, 1, way) for way, (words, _) in WAYS.items()}
    found, replies = setup.rounds.measure([plain, *others.values()], samples=10)
    result.notes.append(f"{where}: {same.check(replies, what)} tasks compared, all sides answered them alike.")
    result.figures += found.values()
    for way, side in others.items():
        words, most = WAYS[way]
        slower = found[side.name].slower(found[plain.name])
        result.goals.append(Goal(f"{where}: time {words} against plain", most, slower, most=True))
