"""What every test may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World, open_world


@pytest.fixture
def anyio_backend() -> str:
    """asyncio is the loop the server runs on."""
    return "asyncio"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A fresh world."""
    async with open_world(tmp_path) as opened:
        yield opened
