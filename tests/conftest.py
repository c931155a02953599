"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.contract import reference
from tests.world import World, open_world


def pytest_configure() -> None:
    """In CI a contract that is absent is a mistake; elsewhere it is told at the end."""
    if not reference.PRESENT and os.environ.get("CI", "").lower() == "true":
        raise pytest.UsageError(reference.ABSENT)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells loudly what was not tested."""
    if not reference.PRESENT:
        terminalreporter.write_sep("!", reference.ABSENT, red=True, bold=True)


@pytest.fixture
def anyio_backend() -> str:
    """asyncio is the loop the server runs on."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither use nor fill the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A fresh world."""
    async with open_world(tmp_path) as opened:
        yield opened
