"""What a measurement found: figures, goals beside them, and both as a table for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.rounds import Figures


@dataclass(frozen=True)
class Goal:
    """A goal and what came out. result: the same unit as the goal. most: the goal is an upper bound."""

    what: str
    goal: float
    result: float
    most: bool = False
    unit: str = "x"

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.result <= self.goal if self.most else self.result >= self.goal

    def line(self) -> str:
        """A row of the table."""
        bound = "at most" if self.most else "at least"
        said = "yes" if self.met else "**no**"
        return f"| {self.what} | {bound} {self.goal:g}{self.unit} | {self.result:.2f}{self.unit} | {said} |"


@dataclass
class Result:
    """One measurement. missing: why it, or a part of it, could not be taken.

    statements: what requests of each sort cost the database. shares: of the layers in the time of each sort.
    """

    name: str
    title: str
    figures: list[Figures] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    statements: dict[str, dict[str, int]] = field(default_factory=dict)
    shares: dict[str, dict[str, float]] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """The same for JSON."""
        goals = [asdict(each) | {"met": each.met} for each in self.goals]
        return asdict(self) | {"goals": goals}

    def table(self) -> str:
        """The same for people."""
        lines = [f"## {self.title}", ""]
        if self.figures:
            lines += [
                "| side | actions/s | lowest - highest | ms a request: p50 | p99 | CPU an action | load's core |",
                "|---|---:|---:|---:|---:|---:|---:|",
                *map(_line, self.figures),
                "",
            ]
        if self.goals:
            lines += [
                "| goal | bound | result | met |",
                "|---|---|---:|---|",
                *(each.line() for each in self.goals),
                "",
            ]
        if self.statements:
            counts = [
                f"| {name} | {each['statements']} | {each['commits']} |" for name, each in self.statements.items()
            ]
            lines += ["| request | statements | commits |", "|---|---:|---:|", *counts, ""]
        if self.shares:
            lines += [*_shares(self.shares), ""]
        lines += [*self.notes, ""] if self.notes else []
        lines += [f"Not measured: {each}" for each in self.missing]
        return "\n".join(lines).rstrip() + "\n"


def _shares(shares: dict[str, dict[str, float]]) -> list[str]:
    layers = dict.fromkeys(layer for each in shares.values() for layer in each)
    rows = [f"| {layer} | {' | '.join(f'{each.get(layer, 0):.0%}' for each in shares.values())} |" for layer in layers]
    return [f"| layer | {' | '.join(shares)} |", f"|---|{'---:|' * len(shares)}", *rows]


def _line(each: Figures) -> str:
    spread = f"{each.least:,.0f} - {each.most:,.0f}"
    times = f"{each.p50_ms:.2f} | {each.p99_ms:.2f} | {each.cpu_us:.0f} us | {each.load_busy:.0%}"
    return f"| {each.name} | {each.per_second:,.0f} | {spread} | {times} |"


def tables(results: Iterable[Result], facts: dict[str, Any]) -> str:
    """All of it."""
    about = ", ".join(f"{name} {value}" for name, value in facts.items())
    return "\n".join(["# Measured by `make bench`", "", f"{about}.", "", *(each.table() for each in results)])
