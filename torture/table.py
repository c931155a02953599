"""What was tried and what was lost, a line each."""

from __future__ import annotations

from dataclasses import dataclass, field

from torture.evidence import Verdict
from torture.ledger import Ledger

HEADS = ("what", "times", "acknowledged", "unknown: done", "unknown: not done", "lost", "besides")


@dataclass
class Row:
    """One fault. lost: in words; empty when all is well."""

    what: str
    times: int = 0
    acknowledged: int = 0
    applied: int = 0
    dropped: int = 0
    lost: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def judged(self, verdict: Verdict) -> None:
        """Adds a verdict."""
        self.applied += verdict.applied
        self.dropped += verdict.dropped
        self.lost += verdict.lost

    def told(self, times: int, ledger: Ledger) -> Row:
        """Adds what the clients were told."""
        self.times, self.acknowledged = times, self.acknowledged + ledger.counts["acknowledged"]
        self.lost += ledger.faults
        answers = {code: number for code, number in sorted(ledger.counts.items()) if code.isdigit()}
        self.notes += [f"{number} x {code}" for code, number in answers.items()]
        return self

    def cells(self) -> tuple[str, ...]:
        """Its line."""
        counts = (self.times, self.acknowledged, self.applied, self.dropped, len(self.lost))
        return (self.what, *(f"{each:,}" for each in counts), "; ".join(self.notes))


def table(rows: list[Row]) -> str:
    """All lines, in Markdown."""
    lines = [HEADS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    filled = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in filled)
