"""Odd values of the headers that Asana doesn't know: understood, or refused by the header's name, and never a 500."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.world import World, open_world

from batchwright.settings import Settings

ME = {"data": {"actions": [{"method": "get", "relative_path": "/users/me"}]}}


async def sent(world: World, path: str, *headers: tuple[str, bytes], body: Any = None) -> httpx2.Response:
    """A POST by ann, with headers as bytes."""
    token = (b"authorization", f"Bearer {world.ann.token}".encode())
    raw = [token, *((name.encode(), value) for name, value in headers)]
    return await world.ann.http.post(f"/api/1.0{path}", json=body, headers=raw)


async def created(world: World, *headers: tuple[str, bytes]) -> httpx2.Response:
    """A task is asked for."""
    return await sent(world, "/tasks", *headers, body={"data": {"name": "t", "workspace": world.workspace}})


def refusal(response: httpx2.Response) -> str:
    """What a 400 says."""
    assert response.status_code == 400, response.text
    return str(response.json()["errors"][0]["message"])


@pytest.mark.parametrize(
    "values",
    [(b"",), (b"x" * 256,), (b"x" * 20_000,), (b"a\tb",), (b"a\xa0b",), (b"\x85",), (b"one", b"other")],
    ids=lambda values: repr(values[0][:9]),
)
async def test_a_key_that_is_none_is_refused_by_name(world: World, values: tuple[bytes, ...]) -> None:
    response = await created(world, *(("idempotency-key", value) for value in values))
    assert refusal(response).startswith("Idempotency-Key: ")
    assert "location" not in response.headers


@pytest.mark.parametrize("value", [b"x", b"x" * 255, b"a, b", "schlüssel".encode("latin-1"), "schlüssel".encode()])
async def test_any_other_key_counts(world: World, value: bytes) -> None:
    first, again = [await created(world, ("idempotency-key", value)) for _ in range(2)]
    assert (first.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json() == first.json()


async def test_a_key_may_come_twice_if_it_is_the_same(world: World) -> None:
    twice = [("idempotency-key", b"same")] * 2
    assert (await created(world, *twice)).status_code == 201
    assert (await created(world, *twice)).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("value", [b"plan", b"limits, plan", b"limit", b"\xff", b"limits;q=1", b"*", b"x" * 20_000])
async def test_what_nobody_can_explain_is_refused_by_name(world: World, value: bytes) -> None:
    told = refusal(await created(world, ("batchwright-explain", value)))
    assert told.startswith("Batchwright-Explain: Value is not one of limits, timing: ")
    assert len(told) < 200


async def test_explanations_are_asked_for_in_one_header_or_in_several(world: World) -> None:
    for headers in ([b"limits,TIMING"], [b" , timing ,"], [b"limits", b"timing"]):
        response = await created(world, *(("batchwright-explain", value) for value in headers))
        assert (response.status_code, "server-timing" in response.headers) == (201, True)
    assert "server-timing" not in (await created(world, ("batchwright-explain", b""))).headers


@pytest.mark.parametrize(
    "values",
    [
        (b"respond-async",),
        (b"Respond-Async; x=1, wait=10",),
        (b'respond-async=""',),
        (b"return=minimal", b"respond-async"),
        (b'x="a, b\\"", respond-async',),
        (b"\xff, respond-async",),
    ],
    ids=lambda values: repr(values[-1]),
)
async def test_a_job_is_preferred(world: World, values: tuple[bytes, ...]) -> None:
    response = await sent(world, "/batch", *(("prefer", value) for value in values), body=ME)
    assert response.status_code == 202


@pytest.mark.parametrize(
    "value", [b"", b"wait=1", b"respond-async-x", b'x="a, respond-async"', b'"', b"\xff" * 300, b"=,;"]
)
async def test_other_preferences_are_ignored(world: World, value: bytes) -> None:
    assert (await sent(world, "/batch", ("prefer", value), body=ME)).status_code == 200


async def test_only_a_batch_becomes_a_job(world: World) -> None:
    assert (await created(world, ("prefer", b"respond-async"))).status_code == 201


async def test_a_strict_server_knows_none_of_them(tmp_path: Path) -> None:
    odd = [("idempotency-key", b""), ("batchwright-explain", b"plan"), ("prefer", b"respond-async")]
    async with open_world(tmp_path, Settings(db=str(tmp_path / "x.db"), limits="off", strict=True)) as world:
        assert (await created(world, *odd)).status_code == 201
        assert (await sent(world, "/batch", *odd, body=ME)).status_code == 200
