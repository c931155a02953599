"""Around every answer: what breaks, what is logged, whether the server is well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from structlog.typing import EventDict
from tests.world import World, open_world

from batchwright.engine.replies import BASE_PATH
from batchwright.settings import Settings

ME = f"{BASE_PATH}/users/me"


@pytest.fixture
def said() -> Iterator[list[EventDict]]:
    """What is logged."""
    with capture_logs(processors=[merge_contextvars]) as events:
        yield events


@pytest.fixture
def broken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store answers no read."""

    async def fetch(*_: object) -> None:
        raise OSError("a secret of the database's")

    monkeypatch.setattr(world.store, "fetch", fetch)


async def test_what_breaks_is_a_500_with_a_phrase(world: World, said: list[EventDict], broken: None) -> None:
    answer = await world.ann.get("/users/me")
    error = answer.body["errors"][0]
    assert (answer.status, answer.message, set(error)) == (500, "Server Error", {"message", "phrase"})
    failure, line = said
    assert (failure["event"], failure["phrase"], failure["exc_info"]) == ("server error", error["phrase"], True)
    assert (line["event"], line["status"]) == ("request", 500)
    assert failure["request_id"] == line["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"


async def test_what_breaks_in_an_operation_is_a_500_too(
    world: World, said: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def commit(*_: object) -> None:
        raise OSError("a secret of the disk's")

    monkeypatch.setattr(world.store, "commit", commit)
    action = {"method": "put", "relative_path": f"/workspaces/{world.workspace}", "data": {"name": "x"}}
    answer = await world.ann.batch(action, {"method": "get", "relative_path": "/users/me"})
    assert [result["status_code"] for result in answer.data] == [500, 200]
    assert answer.data[0]["body"]["errors"][0].keys() == {"message", "phrase"}
    assert "secret" not in str(answer.body)


async def test_a_request_is_a_line_that_says_who_what_and_how_long(world: World, said: list[EventDict]) -> None:
    answer = await world.ann.get("/users/me", opt_fields="email")
    [line] = said
    assert isinstance(line.pop("ms"), float)
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "path": ME,
        "status": 200,
        "request_id": answer.headers["x-request-id"],
        "user": world.ann.gid,
    }


async def test_nobody_is_named_where_nobody_is_known(world: World, said: list[EventDict]) -> None:
    await world.ann.get("/users/me")
    await world.nobody.get("/users/me")
    assert [line["user"] for line in said] == [world.ann.gid, None]


async def test_a_batch_is_a_line_and_one_for_each_action(world: World, said: list[EventDict]) -> None:
    answer = await world.ann.batch(
        {"method": "get", "relative_path": "/users/me"},
        {"method": "get", "relative_path": "/users/me?token=hidden"},
        {"method": "fetch" * 9, "relative_path": "users/" + "x" * 999},
        {"method": "Post", "relative_path": "/tasks", "data": {"name": "hidden"}},
    )
    *actions, request = sorted(said, key=lambda line: line.get("index", 99))
    assert [line["event"] for line in actions] == ["action"] * 4
    assert [line["index"] for line in actions] == [0, 1, 2, 3]
    assert [line["status"] for line in actions] == [result["status_code"] for result in answer.data]
    assert [line["method"] for line in actions] == ["GET", "GET", "FETCHFETCH", "POST"]
    assert [len(line["path"]) for line in actions] == [9, 9, 200, 6]
    assert {line["request_id"] for line in said} == {answer.headers["x-request-id"]}
    assert {line["user"] for line in said} == {world.ann.gid}
    assert (request["event"], request["path"], request["status"]) == ("request", f"{BASE_PATH}/batch", 200)
    assert "hidden" not in str(said)


async def test_secrets_stay_out_of_the_log(world: World, said: list[EventDict]) -> None:
    await world.ann.post("/tasks", {"name": "hidden"}, opt_fields="hidden")
    await world.ann.send("PUT", "/tasks/7", query={"q": "hidden"}, json={"hidden": 1})
    text = str(said)
    assert "hidden" not in text
    assert world.ann.token not in text


async def test_health_needs_the_process_only(world: World, broken: None) -> None:
    response = await world.ann.http.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")
    assert response.headers["x-request-id"]


async def test_readiness_needs_the_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    get = world.ann.http.get
    assert (await get("/readyz")).status_code == 200
    assert (await world.ann.http.head("/readyz")).status_code == 200

    async def fetch(*_: Any) -> None:
        raise OSError("a secret of the database's")

    monkeypatch.setattr(world.store, "fetch", fetch)
    response = await get("/readyz")
    assert (response.status_code, response.text) == (503, "the database does not answer\n")


@pytest.mark.parametrize("path", [ME, "/api/1.0/nope", "/docs", "/-/login", "/-/oauth_token", "/healthz", "/nope"])
async def test_browsers_are_told_to_be_careful_with_every_answer(world: World, path: str) -> None:
    headers = (await world.ann.http.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    policies = headers.get_list("content-security-policy")
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; ")
    assert "frame-ancestors" in policies[0]
    assert "strict-transport-security" not in headers


async def test_who_comes_by_https_is_told_to_go_on_so(tmp_path: Path) -> None:
    settings = Settings(db=str(tmp_path / "w.db"), limits="off", public_url="https://tasks.example.org")
    async with open_world(tmp_path, settings) as world:
        for path in (ME, "/-/login"):
            assert "max-age=" in (await world.ann.http.get(path)).headers["strict-transport-security"]
