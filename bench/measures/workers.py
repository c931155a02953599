"""6: two processes on PostgreSQL with their limits in Redis against one, with every limit on."""

from __future__ import annotations

from contextlib import AbstractContextManager

from bench import machine, redis, servers
from bench.measures.setup import Setup
from bench.postgres import Missing
from bench.results import Goal, Result
from bench.rounds import Side
from bench.servers import Server

TITLE = "Two workers on PostgreSQL and Redis against one"
CONNECTIONS = 16  # dealt out to the workers in turn


def measure(setup: Setup) -> Result:
    """Batches of ten, from many tokens, as one token may not ask for so much."""
    result = Result("workers", TITLE)
    cores = machine.free()
    try:
        db, manifest = setup.filled("postgresql")
        machine.pin(setup.kept.besides, cores)
        with redis.running(cores) as url:

            def serving(name: str, workers: str) -> AbstractContextManager[Server]:
                flags = ("--redis", url, "--workers", workers)
                besides = setup.kept.besides
                return servers.ours(
                    name, db, manifest, setup.kept.run, *flags, besides=besides, cores=cores, limits="paid"
                )

            with serving("one worker", "1") as one, serving("two workers", "2") as two:
                for what in ("reads", "creates"):
                    _compare(setup, what, (one, two), result)
    except Missing as problem:
        result.missing.append(str(problem))
    finally:
        machine.pin(setup.kept.besides, machine.cores()[:1])
    if len(cores) < 3:
        result.notes.append(
            f"Workers, PostgreSQL, Redis and the load share {len(machine.every())} cores here, so two workers can't be "
            "busy at once: what the second one adds is also told from the CPU time that each action takes."
        )
    return result


def _compare(setup: Setup, what: str, pair: tuple[Server, Server], result: Result) -> None:
    sides = [Side(f"{server.name}, {what}", server, what, 10, CONNECTIONS, spread=True) for server in pair]
    found, _ = setup.rounds.measure(sides)
    one, two = (found[side.name] for side in sides)
    result.figures += (one, two)
    ratio = two.over(one)
    # What the load takes of the cores it shares with the workers, they would have had.
    shared = len(machine.every()) < 4
    accounted = ratio / (1 - two.load_busy / len(machine.every())) if shared else ratio
    result.goals.append(Goal(f"{what}: actions/s of two workers against one, less the load's share", 1.6, accounted))
    result.notes.append(
        f"{what}: {ratio:.2f}x as measured; the workers' own CPU time an action is {one.own_us:.0f} us with one and "
        f"{two.own_us:.0f} us with two, so with a core for each two do {2 * one.own_us / two.own_us:.2f}x."
    )
