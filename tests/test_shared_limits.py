"""The whole app with its limits in Redis, and what it does when Redis is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from batchwright import app
from batchwright.settings import Settings, WithoutRedis
from tests import redis
from tests.world import open_world

ME = {"method": "get", "relative_path": "/users/me"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a test's own server has its socket."""
    if not redis.program():
        pytest.skip(redis.MISSING)
    with redis.folder() as path:
        yield path


def limited(tmp_path: Path, url: str, without: WithoutRedis = "alone") -> Settings:
    return Settings(db=str(tmp_path / "x.db"), limits="free", redis=url, limits_without_redis=without)


async def test_the_limits_outlive_the_process(tmp_path: Path, redis_url: str) -> None:
    settings = limited(tmp_path, redis_url)
    async with open_world(tmp_path, settings) as world:
        for _ in range(15):
            assert (await world.ann.batch(*[ME] * 10)).status == 200
        token = world.ann.token
    async with open_world(tmp_path, settings) as world:
        headers = {"authorization": f"Bearer {token}"}
        response = await world.ann.http.get("/api/1.0/users/me", headers=headers)
        assert response.status_code == 429
        assert 0 < int(response.headers["retry-after"]) <= 60


async def test_when_redis_goes_a_process_limits_by_itself(tmp_path: Path, folder: Path) -> None:
    with redis.running(folder) as server:
        async with open_world(tmp_path, limited(tmp_path, server.url)) as world:
            assert (await world.ann.get("/users/me")).status == 200
            server.kill()
            for _ in range(15):
                assert (await world.ann.batch(*[ME] * 10)).status == 200
            assert (await world.ann.get("/users/me")).status == 429


async def test_when_redis_goes_requests_may_be_refused(tmp_path: Path, folder: Path) -> None:
    with redis.running(folder) as server:
        async with open_world(tmp_path, limited(tmp_path, server.url, "refuse")) as world:
            server.kill()
            response = await world.ann.http.get(
                "/api/1.0/users/me", headers={"authorization": f"Bearer {world.ann.token}"}
            )
            assert (response.status_code, response.headers["retry-after"]) == (503, "1")
            assert "rate limits" in response.json()["errors"][0]["message"]


async def test_a_start_without_redis_is_logged_or_refused(tmp_path: Path) -> None:
    nowhere = f"unix://{tmp_path}/nobody.sock"
    with capture_logs() as logs:
        assert await app.prepare(limited(tmp_path, nowhere)) is None
    assert [event["event"] for event in logs] == ["limits: Redis can't be reached"]
    with pytest.raises(app.Refused, match="can't reach Redis: "):
        await app.prepare(limited(tmp_path, nowhere, "refuse"))


async def test_what_is_no_url_of_a_redis_is_refused(tmp_path: Path) -> None:
    with pytest.raises(app.Refused, match="not the URL of a Redis: "):
        await app.prepare(limited(tmp_path, "redis://localhost:many"))
