"""What a browser finds out before and after a page of another site calls the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from tests.world import World, open_world

from batchwright.settings import Settings

PAGE, OTHER = "https://app.example.org", "https://evil.example"
ME = "/api/1.0/users/me"


@pytest.fixture
async def listed(tmp_path: Path) -> AsyncIterator[World]:
    """Two sites may."""
    settings = Settings(db=str(tmp_path / "w.db"), limits="off", cors_origins=f"{PAGE} http://localhost:3000")
    async with open_world(tmp_path, settings) as opened:
        yield opened


@pytest.fixture
async def open_to_all(tmp_path: Path) -> AsyncIterator[World]:
    """Every site may."""
    settings = Settings(db=str(tmp_path / "w.db"), limits="off", cors_origins="*")
    async with open_world(tmp_path, settings) as opened:
        yield opened


async def asked(
    world: World, origin: str, path: str = ME, method: str = "OPTIONS", headers: dict[str, str] | None = None
) -> httpx2.Response:
    """What a browser sends before a call, or with one."""
    before = {"access-control-request-method": "PUT", "access-control-request-headers": "authorization,content-type"}
    sent = {"origin": origin} | (before if method == "OPTIONS" else {}) | (headers or {})
    return await world.ann.http.request(method, path, headers=sent)


def granted(response: httpx2.Response) -> set[str]:
    """The headers that open something."""
    return {name for name in response.headers if name.startswith("access-control-")}


async def test_nobody_may_unless_it_is_said(world: World) -> None:
    before, call = await asked(world, PAGE), await asked(world, PAGE, method="GET")
    assert (before.status_code, granted(before)) == (404, set())
    assert (call.status_code, granted(call)) == (401, set())
    assert "vary" not in call.headers


async def test_a_listed_site_may(listed: World) -> None:
    before = await asked(listed, PAGE)
    assert (before.status_code, before.content) == (204, b"")
    assert before.headers["access-control-allow-origin"] == PAGE
    assert {"PUT", "DELETE"} <= set(before.headers["access-control-allow-methods"].split(", "))
    assert before.headers["access-control-allow-headers"].split(", ") == ["Authorization", "*"]
    assert before.headers["vary"] == "Origin"
    token = {"authorization": f"Bearer {listed.ann.token}"}
    call = await asked(listed, PAGE, method="GET", headers=token)
    assert (call.status_code, call.headers["access-control-allow-origin"]) == (200, PAGE)
    exposed = call.headers["access-control-expose-headers"].split(", ")
    assert {"Location", "Retry-After", "Server-Timing", "X-Request-Id"} <= set(exposed)


@pytest.mark.parametrize("origin", [OTHER, "null", PAGE + ".evil.example", PAGE.upper(), "http://app.example.org", ""])
async def test_no_other_site_may(listed: World, origin: str) -> None:
    before, call = await asked(listed, origin), await asked(listed, origin, method="GET")
    assert (before.status_code, granted(before)) == (404, set())
    assert granted(call) == set()
    assert call.headers["vary"] == "Origin", "a cache must not give one site's answer to another"


async def test_every_site_may_where_that_is_said(open_to_all: World) -> None:
    for origin in (PAGE, OTHER, "null"):
        before, call = await asked(open_to_all, origin), await asked(open_to_all, origin, method="GET")
        assert (before.status_code, before.headers["access-control-allow-origin"]) == (204, "*")
        assert (call.status_code, call.headers["access-control-allow-origin"]) == (401, "*")


@pytest.mark.parametrize("path", ["/-/login", "/-/oauth_token", "/-/account", "/docs", "/readyz", "/", "/api/1.01/x"])
async def test_only_the_api_is_opened(open_to_all: World, path: str) -> None:
    for method in ("OPTIONS", "GET", "POST"):
        assert granted(await asked(open_to_all, PAGE, path, method)) == set()


async def test_cookies_never_count(listed: World, open_to_all: World) -> None:
    for world in (listed, open_to_all):
        for method in ("OPTIONS", "GET"):
            answer = await asked(world, PAGE, method=method, headers={"cookie": "a=b"})
            assert "access-control-allow-credentials" not in answer.headers


async def test_problems_can_be_read_too(listed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (ME, "/api/1.0/nope"):
        answer = await asked(listed, PAGE, path, method="GET")
        assert (answer.status_code in (401, 404), answer.headers["access-control-allow-origin"]) == (True, PAGE)

    async def fetch(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(listed.store, "fetch", fetch)
    broken = await asked(listed, PAGE, method="GET", headers={"authorization": f"Bearer {listed.ann.token}"})
    assert (broken.status_code, broken.headers["access-control-allow-origin"]) == (500, PAGE)


async def test_the_document_is_anybodys(listed: World) -> None:
    answer = await asked(listed, OTHER, "/api/1.0/openapi.json", "GET")
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]


async def test_options_that_no_browser_sends_beforehand_are_no_route(listed: World) -> None:
    assert (await listed.ann.http.request("OPTIONS", ME, headers={"origin": PAGE})).status_code == 404
    assert (await listed.ann.http.request("OPTIONS", ME)).status_code == 404
