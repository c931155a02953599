"""Where a process spends its time: stacks sampled by py-spy, each counted for the layer that was at work."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bench.peering import Unavailable, environment

LOCK = Path(__file__).parent / "py-spy.lock"
RATE = 400  # stacks a second
# In these functions the database itself is at work: it is their innermost call that no stack shows.
DATABASE = (
    ("SQLite: reading", r"^(grouped|SqliteStore\._read|SqliteStore\._all|Transaction\.(_ask|_keep)|_number)\S* "),
    ("SQLite: writing", r"^Transaction\._sent\S* .*store/writing\.py"),
    ("SQLite: committing", r"^Transaction\.(__exit__|_begin\S*) "),
)
# Else the first that fits, from the innermost frame of a stack outwards, says whose time it was.
LAYERS = (
    ("log lines", r"structlog|/http/logs\.py|logging/__init__"),
    ("stories and events", r"engine/(deriving|events|scopes|streams)\.py|stories/system\.py|store/effects\.py"),
    ("the store's code", r"batchwright/(store|model)/"),
    ("projection: rows to JSON", r"batchwright/projection/"),
    ("operations and checks", r"batchwright/(resources|shapes|steps)/|engine/(checking|values|belonging)\.py"),
    ("pipeline and batch", r"batchwright/engine/"),
    ("HTTP: the app's side", r"batchwright/http/|starlette/"),
    ("HTTP: the server's side", r"uvicorn/|cli/(connections|serving)\.py|httptools|uvloop|asyncio/"),
)
WAITING = re.compile(r"^_worker .*concurrent/futures/thread\.py")  # a thread without work, which py-spy takes for busy
_DATABASE, _LAYERS = ([(name, re.compile(text)) for name, text in each] for each in (DATABASE, LAYERS))
OTHER = "other"


def prepare(folder: Path) -> Path:
    """Installs py-spy if it isn't there yet; where. Raises Unavailable."""
    environment(folder / "py-spy", LOCK)
    return folder / "py-spy"


def sample(pid: int, seconds: float, folder: Path) -> dict[str, float]:
    """The share of each layer, in the order of LAYERS, of the time the process was at work. Raises Unavailable."""
    home = prepare(folder)
    with tempfile.NamedTemporaryFile() as out:
        command = [home / "venv/bin/py-spy", "record", "--pid", pid, "--format", "raw", "--output", out.name]
        command += ["--rate", RATE, "--duration", max(1, round(seconds))]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(f"py-spy: {(done.stderr or done.stdout).strip()[-300:]}")
        return shares(Path(out.name).read_text("utf-8").splitlines())


def shares(stacks: Iterable[str]) -> dict[str, float]:
    """Shares of the layers in stacks as py-spy writes them: `outer;...;inner count`."""
    counted: Counter[str] = Counter()
    for line in stacks:
        frames, _, number = line.rpartition(" ")
        if WAITING.search(frames.rpartition(";")[2]):
            continue
        counted[_layer(frames.split(";"))] += int(number)
    total = sum(counted.values()) or 1
    names = [*(name for name, _ in (*DATABASE, *LAYERS)), OTHER]
    return {name: counted[name] / total for name in names}


def _layer(frames: list[str]) -> str:
    within = next((name for name, pattern in _DATABASE if pattern.search(frames[-1])), None)
    found = (name for frame in reversed(frames) for name, pattern in _LAYERS if pattern.search(frame))
    return within or next(found, OTHER)
