"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog

from batchwright.settings import Settings
from tests import chromium, postgres, redis
from tests.contract import reference
from tests.world import World, open_world

POSTGRES = pytest.StashKey[str]()  # the URL of the run's PostgreSQL server, empty when there is none
REDIS = pytest.StashKey[str]()  # the same of Redis


def absent() -> list[str]:
    """What can't be tested here, and why."""
    contract = [] if reference.PRESENT else [reference.ABSENT]
    servers = {
        postgres.MISSING: postgres.programs(),
        redis.MISSING: redis.program(),
        chromium.MISSING: chromium.program(),
    }
    return contract + [told for told, program in servers.items() if not program]


def pytest_configure(config: pytest.Config) -> None:
    """Starts the servers once for all workers. What is absent is a mistake in CI; elsewhere it is told at the end."""
    # Where `rich` is installed, a traceback is drawn with all that each frame holds, minutes for a big batch.
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    if absent() and os.environ.get("CI", "").lower() == "true":
        raise pytest.UsageError("; ".join(absent()))
    given: dict[str, str] = getattr(config, "workerinput", {})
    config.stash[POSTGRES] = given.get("postgres", "")
    config.stash[REDIS] = given.get("redis", "")
    if given or config.option.collectonly:
        return
    stack = ExitStack()
    config.add_cleanup(stack.close)
    if programs := postgres.programs():
        config.stash[POSTGRES] = stack.enter_context(postgres.server(programs))
    if redis.program():
        config.stash[REDIS] = stack.enter_context(redis.server())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: many tests wait for processes that they start, or for a disk."""
    return (os.cpu_count() or 2) * 3 // 2


def pytest_configure_node(node: Any) -> None:
    """Tells each worker where the servers are."""
    node.workerinput["postgres"] = node.config.stash[POSTGRES]
    node.workerinput["redis"] = node.config.stash[REDIS]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells loudly what was not tested."""
    for each in absent():
        terminalreporter.write_sep("!", each, red=True, bold=True)


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


@pytest.fixture(scope="session")
def postgres_database(request: pytest.FixtureRequest) -> str:
    """A database on the run's PostgreSQL server for this worker alone."""
    urls = request.config.stash[POSTGRES]
    if not urls:
        pytest.skip(postgres.MISSING)
    return postgres.database(urls, f"world_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> str:
    """The run's Redis server; tests share it, so keys must differ."""
    url = request.config.stash[REDIS]
    if not url:
        pytest.skip(redis.MISSING)
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either sort, as the setting `db` names it."""
    if request.param == "sqlite":
        return str(tmp_path / "world.db")
    return postgres.emptied(request.getfixturevalue("postgres_database"))


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    """A fresh world, on either sort of database."""
    async with open_world(tmp_path, Settings(db=database, limits="off")) as opened:
        yield opened
