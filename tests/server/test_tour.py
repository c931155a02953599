"""The example runs as a reader would run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.server.running import PATIENCE, Running

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
