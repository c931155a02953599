"""The machine: which cores are for what, what processes take, and what to write down beside figures."""

from __future__ import annotations

import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cores() -> tuple[int, int]:
    """The servers' core and the load's; the same one where there is only one."""
    return every()[0], every()[-1]


def every() -> list[int]:
    """All that we may use."""
    return sorted(os.sched_getaffinity(0))


def free() -> tuple[int, ...]:
    """All but the load's, where that leaves enough for more than one server process; else all."""
    found = every()
    return tuple(found[:-1] if len(found) > 3 else found)


def pin(pid: int, on: Sequence[int]) -> None:
    """Keeps a process and those below it on these cores; 0: there is none."""
    for each in family(pid) if pid else ():
        os.sched_setaffinity(each, on)


def family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def spent(pid: int) -> float:
    """CPU seconds that a process and those below it have taken so far."""
    return sum(_times(each) for each in family(pid))


def _times(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> float:
    """MB that a process holds of the machine's memory, its shared pages too."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6


def facts(folder: Path) -> dict[str, Any]:
    """What a reader needs to know to compare figures. fsync_ms: how long a synced write of a page takes there."""
    models = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": platform.release(),
        "load_before": os.getloadavg()[0],
        "fsync_ms": round(_fsync(folder), 3),
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def _fsync(folder: Path) -> float:
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        begun = time.perf_counter()
        for _ in range(50):
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
        return (time.perf_counter() - begun) * 1000 / 50
