from __future__ import annotations

import pytest
from tests.console.browser import Browser, with_passwords
from tests.world import World


@pytest.fixture
async def browser(world: World) -> Browser:
    """A browser that nobody is signed in with; ann and bob have passwords."""
    return await with_passwords(world)
