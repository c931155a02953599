"""The example runs as a reader would run it."""

from __future__ import annotations

import asyncio
import os
import runpy
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from tests.server.running import PATIENCE, Running

from batchwright import app
from batchwright.engine.limits.memory import in_memory
from batchwright.engine.limits.profiles import PROFILES
from batchwright.settings import Settings

LIMITS = Path(__file__).parents[2] / "examples" / "limits_tour.py"
TOUR = Path(__file__).parents[2] / "examples" / "batch_tour.py"


def test_the_tour_goes_from_making_to_deleting(server: Running) -> None:
    environ = {**os.environ, "BATCHWRIGHT_URL": server.url, "BATCHWRIGHT_TOKEN": server.token}
    ran = subprocess.run([sys.executable, TOUR], env=environ, capture_output=True, text=True, timeout=PATIENCE)
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    statuses = {title: codes.split() for title, _, codes in (line.partition(": ") for line in lines) if codes}
    ok = ["200"] * 10
    assert {title: each for title, each in statuses.items() if not title.startswith(" ")} == {
        "make ten tasks": ["201"] * 10,
        "read them with three fields": ok,
        "move them to a section": ok,
        "comment on them": ["201"] * 10,
        "complete them": ok,
        "read them again": ok,
        "delete them": ok,
    }
    assert sum("completed: True, in: In review" in line for line in lines) == 10


def test_the_tour_says_what_it_needs() -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("BATCHWRIGHT_")}
    ran = subprocess.run([sys.executable, TOUR], env=environ, capture_output=True, text=True, timeout=PATIENCE)
    assert ran.returncode == 1
    assert "BATCHWRIGHT_TOKEN" in ran.stderr


@contextmanager
def in_a_thread(settings: Settings) -> Iterator[str]:
    """The app behind a port of its own, in this process: its URL."""
    server = uvicorn.Server(uvicorn.Config(app.build(settings), port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    give_up = time.monotonic() + PATIENCE
    while not server.started:
        assert time.monotonic() < give_up
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_the_tour_of_the_limits_is_two_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now, slept = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    settings = Settings(db=str(tmp_path / "x.db"))
    asyncio.run(app.add_user(settings, "ann@acme.example", "Ann", "Acme"))
    token = asyncio.run(app.create_token(settings, "ann@acme.example"))
    monkeypatch.setattr(app, "limiter", lambda *_: in_memory(PROFILES["free"], lambda: now[0]))
    example = runpy.run_path(str(LIMITS))
    with in_a_thread(settings) as url:
        example["tour"](example["connect"](url, token), sleep)
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("ten", "the same ten"))]
    assert said == [
        "ten actions, [1] is request 151 of a minute: 429, Retry-After 60",
        "the same ten, 60 seconds later: " + " ".join(["200"] * 10),
    ]
    assert slept == [60]
