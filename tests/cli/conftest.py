from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.cli.twin import App

import batchwright
from batchwright.http import logs


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for each test: no settings file, no database."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """A stand-in for batchwright.app that notes what it is asked."""
    twin = App()
    monkeypatch.setitem(sys.modules, "batchwright.app", twin)
    monkeypatch.setattr(batchwright, "app", twin, raising=False)
    monkeypatch.setattr(logs, "configure", lambda format, **_: twin.asked.append(("log", format)))
    return twin
