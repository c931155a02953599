"""Sides measured in turn, round by round, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from bench import machine
from bench.load import Done, Job
from bench.servers import Server


@dataclass(frozen=True)
class Side:
    """A server asked in one way. size: actions in a request, 0 for single ones; spread: over many tokens."""

    name: str
    server: Server
    what: str
    size: int
    connections: int
    batch: str = "asana"
    spread: bool = False

    def job(self, seconds: float, samples: int) -> Job:
        """The load's part."""
        return Job(
            self.server.port,
            str(self.server.manifest),
            self.what,
            self.size,
            self.connections,
            seconds,
            machine.cores()[1],
            self.batch,
            samples,
            spread=self.spread,
        )


@dataclass(frozen=True)
class Figures:
    """Medians over the rounds, and how far the rounds lie apart.

    cpu_us: for an action, of the server and its database; own_us: of the server alone.
    """

    name: str
    per_second: float
    least: float
    most: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    own_us: float
    load_busy: float
    rounds: list[float] = field(default_factory=list)
    p50s: list[float] = field(default_factory=list)

    def over(self, other: Figures) -> float:
        """How many times as many actions: the median of the rounds' own ratios."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.rounds, other.rounds, strict=True))

    def slower(self, other: Figures) -> float:
        """How many times as long a request takes."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.p50s, other.p50s, strict=True))


class _Round(NamedTuple):
    done: Done
    cpu: float
    own: float


@dataclass(frozen=True)
class Rounds:
    """How often and how long."""

    count: int = 5
    seconds: float = 1.0
    warmup: float = 1.5

    def measure(self, sides: Sequence[Side], samples: int = 0) -> tuple[dict[str, Figures], dict[str, list[str]]]:
        """The figures of each side by name, and the first replies that each gave. Raises Faulty."""
        for side in sides:
            run(side, self.warmup)
        found: dict[str, list[_Round]] = {side.name: [] for side in sides}
        replies: dict[str, list[str]] = {}
        for number in range(self.count):
            for side in sides:
                before, own = side.server.spent(), machine.spent(side.server.pid)
                done = run(side, self.seconds, samples if number == 0 else 0)
                each = 1e6 / done.acknowledged
                own = (machine.spent(side.server.pid) - own) * each
                found[side.name].append(_Round(done, (side.server.spent() - before) * each, own))
                if number == 0:
                    replies[side.name] = done.samples
        return {name: _figures(name, each) for name, each in found.items()}, replies


class Faulty(Exception):
    """A reply was not what it should be, so there is nothing to measure."""


def run(side: Side, seconds: float, samples: int = 0) -> Done:
    """Asks a side for so long. Raises Faulty."""
    job = json.dumps(asdict(side.job(seconds, samples)))
    with tempfile.NamedTemporaryFile() as file:
        command = [sys.executable, "-m", "bench.load", file.name]
        ran = subprocess.run(command, input=job, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise Faulty(f"{side.name}: the load failed: {ran.stderr[-2000:]}")
        done = Done(**json.load(file))
    if done.faults or not done.requests:
        raise Faulty(f"{side.name}: {done.faults or 'nothing was answered'}")
    return done


def _figures(name: str, rounds: list[_Round]) -> Figures:
    def median(of: Callable[[Done], float]) -> float:
        return statistics.median(of(each.done) for each in rounds)

    rates = [each.done.actions / each.done.seconds for each in rounds]
    return Figures(
        name=name,
        per_second=round(statistics.median(rates), 1),
        least=round(min(rates), 1),
        most=round(max(rates), 1),
        p50_ms=median(lambda done: done.p50),
        p99_ms=median(lambda done: done.p99),
        cpu_us=round(statistics.median(each.cpu for each in rounds), 1),
        own_us=round(statistics.median(each.own for each in rounds), 1),
        load_busy=round(median(lambda done: done.busy), 2),
        rounds=rates,
        p50s=[each.done.p50 for each in rounds],
    )
