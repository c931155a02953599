"""Who reads the document finds batch jobs in it, as they are; on a strict server there is nothing of them."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator
from tests.engine.test_batch import get, post
from tests.engine.test_bulk import ended, send
from tests.openapi.declared import Declared
from tests.world import Client, World

from batchwright.engine.bulk import working
from batchwright.engine.bulk.operations import MOST_OPEN

JOBS = {
    ("GET", "/batch_jobs"),
    ("POST", "/batch_jobs"),
    ("GET", "/batch_jobs/{batch_job_gid}"),
    ("GET", "/batch_jobs/{batch_job_gid}/results"),
    ("GET", "/batch_jobs/{batch_job_gid}/progress"),
    ("POST", "/batch_jobs/{batch_job_gid}/cancel"),
}


async def asked(client: Client, method: str, path: str, **headers: str) -> httpx2.Response:
    """A request with nothing in its body."""
    given = {"Authorization": f"Bearer {client.token}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return await client.http.request(method, f"/api/1.0{path}", headers=given, json={} if method == "POST" else None)


@pytest.fixture
async def declared(world: World) -> Declared:
    return await Declared.of(world.ann.http)


async def test_a_client_finds_every_operation_and_is_told_that_asana_has_none(declared: Declared) -> None:
    found = {
        (method.upper(), path): operation
        for path, item in declared.raw["paths"].items()
        for method, operation in item.items()
        if "batch_job" in path
    }
    assert found.keys() == JOBS
    assert all(each["description"].startswith("Beyond Asana: ") for each in found.values())
    assert {each["tags"][0] for each in found.values()} == {"Batch API"}


async def test_what_is_answered_is_what_is_told(world: World, declared: Declared) -> None:
    made = [post("/tasks", {"name": "t", "workspace": world.workspace}, id="t"), get("/tasks/1")]
    taken = await send(world.ann, made, on_error="continue")
    job = taken.json()["data"]["gid"]
    assert taken.status_code == 202
    await ended(world.ann, job)
    base = f"/batch_jobs/{job}"
    answers = [taken, await send(world.ann, made, lines=True)]
    answers += [await asked(world.ann, "GET", path) for path in ("/batch_jobs", base, f"{base}/progress")]
    answers += [await asked(world.ann, "GET", f"{base}/results{query}") for query in ("", "?limit=1", "?after=0")]
    answers += [await asked(world.ann, "POST", f"{base}/cancel")]
    for accept in ("application/x-ndjson", "text/event-stream"):
        streams = [await asked(world.ann, "GET", f"{base}/{each}", accept=accept) for each in ("progress", "results")]
        assert [each.headers["content-type"] for each in streams] == [accept] * 2
        answers += streams
    assert {each.status_code for each in answers} == {200, 202}
    for each in answers:
        assert declared.faults(each) == [], each.request.url


async def test_each_record_of_a_result_is_as_told(world: World, declared: Declared) -> None:
    job = (await send(world.ann, [get("/users/me", id="me"), get("/tasks/1")])).json()["data"]["gid"]
    record = await ended(world.ann, job)
    results = (await asked(world.ann, "GET", f"/batch_jobs/{job}/results")).json()
    schemas = declared.raw["components"]["schemas"]
    assert record.keys() == schemas["BatchJobResponse"]["properties"].keys()
    assert results["data"][0].keys() == schemas["BatchResponse"]["properties"].keys()
    reply = declared.operation("GET", f"/batch_jobs/{job}/results")["responses"]["200"]
    assert results.keys() == reply["content"]["application/json"]["schema"]["properties"].keys()
    given = declared.parameters(declared.operation("GET", f"/batch_jobs/{job}/results"), "query")
    assert {"limit", "after"} <= given.keys()


async def test_what_is_refused_is_told(world: World, declared: Declared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "JOBS", 0)
    mine = [(await send(world.ann, [get("/users/me")])).json()["data"]["gid"] for _ in range(MOST_OPEN)]
    refused = {
        400: [await send(world.bob, [get("/users/me")], atomic=True), await send(world.bob, [])],
        401: [await asked(world.nobody, "GET", "/batch_jobs")],
        403: [await asked(world.bob, "GET", f"/batch_jobs/{mine[0]}")],
        404: [
            await asked(world.bob, "GET", "/batch_jobs/1/results"),
            await asked(world.bob, "POST", "/batch_jobs/1/cancel"),
        ],
        409: [await used_twice(world.bob)],
        429: [await send(world.ann, [get("/users/me")])],
    }
    for status, answers in refused.items():
        for each in answers:
            assert each.status_code == status, each.text
            assert declared.faults(each) == []
    told = declared.operation("POST", "/batch_jobs")["responses"]
    assert f"{MOST_OPEN} " in told["429"]["description"]
    assert all(f"`{name}`" in told["400"]["description"] for name in ("atomic", "dry_run", "timeout_ms"))


async def used_twice(client: Client) -> httpx2.Response:
    """The reply to a key that was used for another job."""
    headers = {"Authorization": f"Bearer {client.token}", "Idempotency-Key": "job"}
    for path in ("/users/me", "/workspaces"):
        body = {"data": {"actions": [get(path)]}}
        answer = await client.http.post("/api/1.0/batch_jobs", json=body, headers=headers)
    return answer


@pytest.mark.parametrize(
    ("data", "fine"),
    [
        ({"actions": [get("/users/me", id="a", depends_on=[])], "on_error": "stop"}, True),
        ({"actions": []}, False),
        ({"actions": [get("/users/me")] * 10_001}, False),
        ({"actions": [get("/users/me")], "on_error": "wait"}, False),
        ({"actions": [{"method": "get"}]}, False),
        ({}, False),
    ],
    ids=range(6),
)
async def test_the_body_is_told_as_it_is_understood(world: World, declared: Declared, data: Any, fine: bool) -> None:
    content = declared.operation("POST", "/batch_jobs")["requestBody"]["content"]
    assert content.keys() == {"application/json", "application/x-ndjson"}
    schema = content["application/json"]["schema"]
    told = Draft202012Validator({**schema, "components": declared.raw["components"]})
    assert told.is_valid({"data": data}) is fine
    headers = {"Authorization": f"Bearer {world.ann.token}"}
    answer = await world.ann.http.post("/api/1.0/batch_jobs", json={"data": data}, headers=headers)
    assert answer.status_code == (202 if fine else 400), answer.text
