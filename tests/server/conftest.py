from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.server.running import Running, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server without limits, one for all tests of this process: each test makes what it needs."""
    with running(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture(scope="session")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with small bounds and Asana's free limits."""
    bounds = {"max_body_bytes": 65_536, "body_timeout_seconds": 1, "limits": "free"}
    with running(tmp_path_factory.mktemp("tight"), **bounds) as started:
        yield started
