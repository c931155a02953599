"""What the server holds while it is asked: memory that must not keep growing, open files that must be closed again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PARTS = 10  # of a run, after each of which is looked
LAST = 3  # parts: caches have filled by then
MOST_GROWTH = 0.10  # of what it held before them
LEAST_GROWTH = 12.0  # MiB that never count
MOST_FILES = 20  # more than at the start: the pool's connections, and ours
ERRORS = ("error", "critical")


@dataclass
class Watch:
    """Looks at a process. memory: in MiB, at the start and after each part."""

    pid: int
    memory: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def look(self) -> None:
        """Now."""
        lines = Path(f"/proc/{self.pid}/status").read_text("utf-8").splitlines()
        self.memory.append(next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")))
        self.files.append(len(list(Path(f"/proc/{self.pid}/fd").iterdir())))

    def faults(self) -> Iterator[str]:
        """What keeps growing."""
        if growth := growing(self.memory):
            yield f"memory keeps growing: {growth:.0f} MiB in the last three tenths of the run"
        if self.files and self.files[-1] > self.files[0] + MOST_FILES:
            yield f"files are left open: {self.files[0]} at the start, {self.files[-1]} at the end"


def growing(memory: list[float]) -> float:
    """By how many MiB it grew in the last parts; 0 when that is little, or nothing is known."""
    if len(memory) <= PARTS:
        return 0.0
    before, growth = memory[-1 - LAST], memory[-1] - memory[-1 - LAST]
    return growth if growth > max(LEAST_GROWTH, MOST_GROWTH * before) else 0.0


def logged(log: Path) -> Iterator[str]:
    """What the server itself took for a fault, and whatever else it wrote that is no line of its log."""
    with log.open("rb") as lines:
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                yield f"the server wrote: {line[:300]!r}"
                continue
            if event.get("level") in ERRORS:
                yield f"the server logged: {event.get('event')}: {str(event.get('exception', ''))[-600:]}"
