"""Every header that a real reply has is in the document, and each that the document has is in a real reply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator
from tests.engine.test_batch import get, post
from tests.openapi.declared import Declared
from tests.world import Client, World, open_world

from batchwright.http import api
from batchwright.settings import Settings

ASKED = {"Idempotency-Key", "Batchwright-Explain"}  # of every request


async def sent(client: Client, path: str, data: Any, **headers: str) -> httpx2.Response:
    """A POST."""
    given = {"Authorization": f"Bearer {client.token}"} if client.token else {}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.http.post(f"/api/1.0{path}", json={"data": data}, headers=given)


async def replies(world: World, monkeypatch: pytest.MonkeyPatch) -> list[httpx2.Response]:
    """One of each sort that a server gives."""
    task, ann = {"name": "t", "workspace": world.workspace}, world.ann
    batch = {"actions": [get("/users/me"), post("/tasks", task)]}
    key, timing = {"idempotency_key": "k"}, {"batchwright_explain": "limits, timing"}
    found = [
        await sent(ann, "/batch", batch, **timing),
        await sent(ann, "/batch", batch, accept="text/event-stream"),
        await sent(ann, "/batch", batch, prefer="respond-async", **timing),
        await sent(ann, "/batch_jobs", batch, idempotency_key="job"),
        await sent(ann, "/batch_jobs", batch, idempotency_key="job", **timing),
        *[await sent(ann, "/tasks", task, **key, **timing) for _ in range(2)],
        await sent(ann, "/tasks", {}, **key),
        *[await sent(ann, "/tasks", {}, idempotency_key="none", **timing) for _ in range(2)],
        *[await sent(ann, "/tasks/1/subtasks", task, idempotency_key="gone", **timing) for _ in range(2)],
        await sent(ann, "/tasks", task, idempotency_key=""),
        await sent(world.nobody, "/tasks", task, **timing),
        await sent(world.eve, "/tasks", task, **timing),
    ]

    async def broken(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "commit", broken)
        found.append(await sent(ann, "/tasks", task, **timing))
    return found


@pytest.fixture
async def limited(tmp_path: Path) -> AsyncIterator[World]:
    """A world in which a token has one request a minute."""
    settings = Settings(db=str(tmp_path / "limited.db"), limit_per_minute=1)
    async with open_world(tmp_path, settings) as opened:
        yield opened


async def test_every_header_of_a_reply_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = await Declared.of(world.ann.http)
    found = await replies(world, monkeypatch)
    assert {each.status_code for each in found} == {200, 201, 202, 400, 401, 403, 404, 409, 500}
    for each in found:
        assert declared.faults(each) == [], each.text
    seen = {name for each in found for name in each.headers} | {"retry-after"}  # see below
    assert {name.lower() for name in declared.raw["components"]["headers"]} <= seen


async def test_what_a_limit_says_is_told(limited: World) -> None:
    declared = await Declared.of(limited.ann.http)
    batch = {"actions": [get("/users/me")] * 2}
    for headers in ({}, {"prefer": "respond-async"}, {"batchwright_explain": "limits, timing"}):
        answer = await sent(limited.ann, "/batch", batch, **headers)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    assert declared.faults(answer) == []


async def test_that_there_is_no_room_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = await Declared.of(world.ann.http)
    monkeypatch.setattr(api, "BODIES", 0)
    answer = await sent(world.ann, "/batch", {"actions": [get("/users/me")]})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert declared.faults(answer) == []


async def test_every_header_that_is_understood_is_told(world: World) -> None:
    """Which values are, tests/http/test_preferences.py says by real requests."""
    declared = await Declared.of(world.ann.http)
    for path, item in declared.raw["paths"].items():
        for operation in item.values():
            given = declared.parameters(operation, "header")
            assert given.keys() == ASKED | ({"Prefer"} if path == "/batch" else set())
            assert not any(each.get("required") for each in given.values())
            assert all(each["description"].startswith("Beyond Asana: ") for each in given.values())


@pytest.mark.parametrize(
    ("name", "told", "value"),
    [
        ("Idempotency-Key", "x" * 255, "x" * 255),
        ("Idempotency-Key", "x" * 256, "x" * 256),
        ("Idempotency-Key", "", ""),
        ("Batchwright-Explain", ["limits"], "limits"),
        ("Batchwright-Explain", ["limits", "timing"], "limits,timing"),
        ("Batchwright-Explain", ["limits", "costs"], "limits,costs"),
        ("Prefer", "respond-async", "respond-async"),
        ("Prefer", "wait=10", "wait=10"),
    ],
    ids=lambda value: str(value)[:20] or "empty",
)
async def test_what_the_document_takes_is_taken(world: World, name: str, told: Any, value: str) -> None:
    declared = await Declared.of(world.ann.http)
    schema = declared.parameters(declared.operation("POST", "/batch"), "header")[name]["schema"]
    answer = await sent(world.ann, "/batch", {"actions": [get("/users/me")]}, **{name: value})
    assert (answer.status_code < 400) is Draft202012Validator(schema).is_valid(told), answer.text
    assert answer.status_code < 400 or answer.json()["errors"][0]["message"].startswith(f"{name}: ")
