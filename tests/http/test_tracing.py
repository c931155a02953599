"""Requests, and the actions of batches, as spans of OpenTelemetry, by the SDK's exporter in memory."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from structlog.testing import capture_logs
from tests.engine.test_batch import get, post
from tests.world import World, open_world

from batchwright import app
from batchwright.accounts import Refused
from batchwright.app import telemetry
from batchwright.app.telemetry import Tracing
from batchwright.engine.replies import BASE_PATH
from batchwright.settings import Settings

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
OURS = f"00-{TRACE}-{PARENT}-01"
NAMES = {
    "batchwright.index",
    "batchwright.operation",
    "batchwright.request_id",
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
}


class Spans(InMemorySpanExporter):
    """What was told."""

    def all(self) -> list[ReadableSpan]:
        """In the order in which they ended."""
        return list(self.get_finished_spans())

    def named(self, name: str) -> ReadableSpan:
        """The only one with this name."""
        (found,) = [each for each in self.all() if each.name == name]
        return found

    def within(self, span: ReadableSpan) -> list[ReadableSpan]:
        """Its children, by when they began."""
        found = [each for each in self.all() if each.parent and each.parent.span_id == id_of(span)]
        return sorted(found, key=lambda each: each.start_time or 0)

    def actions(self) -> list[ReadableSpan]:
        """In their places."""
        found = [each for each in self.all() if "batchwright.index" in values(each)]
        return sorted(found, key=lambda each: int(values(each)["batchwright.index"]))


def id_of(span: ReadableSpan) -> int:
    assert span.context
    return int(span.context.span_id)


def values(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def took(span: ReadableSpan) -> int:
    """Nanoseconds."""
    assert span.start_time
    assert span.end_time
    return span.end_time - span.start_time


@pytest.fixture
def spans() -> Spans:
    return Spans()


@pytest.fixture
async def traced(tmp_path: Path, database: str, spans: Spans) -> AsyncIterator[World]:
    """A world whose requests are told of; those that made it are forgotten."""
    settings = Settings(db=database, limits="off")
    async with open_world(tmp_path, settings, tracing=Tracing.to(SimpleSpanProcessor(spans))) as opened:
        yield opened


async def send(world: World, *actions: dict[str, Any], **headers: str) -> httpx2.Response:
    given = {"Authorization": f"Bearer {world.ann.token}", **headers}
    return await world.ann.http.post(f"{BASE_PATH}/batch", json={"data": {"actions": list(actions)}}, headers=given)


async def test_an_action_is_a_child_of_its_batch(traced: World, spans: Spans) -> None:
    made = post("/tasks", {"name": "t", "workspace": traced.workspace})
    response = await send(traced, get("/users/me"), made)
    batch = spans.named(f"POST {BASE_PATH}/batch")
    assert (batch.kind, batch.parent, batch.status.status_code) == (SpanKind.SERVER, None, StatusCode.UNSET)
    assert values(batch) == {
        "http.request.method": "POST",
        "http.route": f"{BASE_PATH}/batch",
        "http.response.status_code": 200,
        "batchwright.operation": "createBatchRequest",
        "batchwright.request_id": response.headers["x-request-id"],
    }
    reading, writing = spans.actions()
    assert {id_of(each) for each in spans.within(batch) if each.name not in ("queued", "ran")} == {
        id_of(reading),
        id_of(writing),
    }
    assert (reading.name, writing.name) == ("GET /users/{user_gid}", "POST /tasks")
    assert values(writing) == {
        "batchwright.index": 1,
        "batchwright.operation": "createTask",
        "http.request.method": "POST",
        "http.route": "/tasks",
        "http.response.status_code": 201,
    }


async def test_what_took_how_long_is_within_the_action(traced: World, spans: Spans) -> None:
    await send(traced, get("/users/me"), post("/tasks", {"name": "t", "workspace": traced.workspace}))
    reading, writing = spans.actions()
    for action, commits in ((reading, []), (writing, ["committed"])):
        queued, ran = spans.within(action)
        assert (queued.name, ran.name) == ("queued", "ran")
        assert [each.name for each in spans.within(ran)] == commits
        assert (queued.start_time, queued.end_time) == (action.start_time, ran.start_time)
        assert ran.end_time == action.end_time
    whole = spans.within(spans.named(f"POST {BASE_PATH}/batch"))
    assert {each.name for each in whole} == {"queued", "ran", reading.name, writing.name}
    assert not [each for ran in whole if ran.name == "ran" for each in spans.within(ran)]  # its actions commit


async def test_the_header_and_the_spans_are_one_measurement(traced: World, spans: Spans) -> None:
    made = post("/tasks", {"name": "t", "workspace": traced.workspace})
    response = await send(traced, made, get("/users/me"), **{"Batchwright-Explain": "timing"})
    headers = [result["headers"]["server-timing"] for result in response.json()["data"]]
    for told, action in zip(headers, spans.actions(), strict=True):
        queued, ran = spans.within(action)
        committed = sum(map(took, spans.within(ran)))
        assert told == ", ".join(
            f"{name};dur={nanoseconds / 1e6:.2f}"
            for name, nanoseconds in (
                ("queued", took(queued)),
                ("ran", took(ran) - committed),
                ("committed", committed),
            )
        )


async def test_a_header_is_only_for_those_who_ask(traced: World) -> None:
    response = await send(traced, get("/users/me"), get("/users/me", method="put?"))
    assert "server-timing" not in response.headers
    assert [result["headers"] for result in response.json()["data"]] == [{}, {}]


async def test_a_single_request_has_its_parts_itself(traced: World, spans: Spans) -> None:
    await traced.ann.post("/tasks", {"name": "t", "workspace": traced.workspace})
    request = spans.named(f"POST {BASE_PATH}/tasks")
    queued, ran = spans.within(request)
    assert [each.name for each in (queued, ran, *spans.within(ran))] == ["queued", "ran", "committed"]


async def test_a_client_may_name_the_parent(traced: World, spans: Spans) -> None:
    await send(traced, get("/users/me"), traceparent=OURS)
    batch = spans.named(f"POST {BASE_PATH}/batch")
    assert batch.parent
    assert (f"{batch.parent.trace_id:032x}", f"{batch.parent.span_id:016x}") == (TRACE, PARENT)
    assert {f"{each.context.trace_id:032x}" for each in spans.all() if each.context} == {TRACE}


@pytest.mark.parametrize(
    "text", ["", "nonsense", OURS.replace("00-", "ff-", 1), f"00-{'0' * 32}-{PARENT}-01", "0" * 9000]
)
async def test_a_parent_that_is_none_is_ignored(traced: World, spans: Spans, text: str) -> None:
    assert (await send(traced, get("/users/me"), traceparent=text)).status_code == 200
    assert spans.named(f"POST {BASE_PATH}/batch").parent is None


async def test_two_parents_are_none(traced: World, spans: Spans) -> None:
    headers = [("authorization", f"Bearer {traced.ann.token}"), ("traceparent", OURS), ("traceparent", OURS)]
    await traced.ann.http.get(f"{BASE_PATH}/users/me", headers=headers)
    assert spans.named(f"GET {BASE_PATH}/users/{{user_gid}}").parent is None


async def test_what_the_client_does_not_sample_is_not_told(traced: World, spans: Spans) -> None:
    assert (await send(traced, get("/users/me"), traceparent=OURS[:-1] + "0")).status_code == 200
    assert spans.all() == []


async def test_faults_are_told(traced: World, spans: Spans, monkeypatch: pytest.MonkeyPatch) -> None:
    async def commit(*_: object) -> None:
        raise OSError("a secret of the disk's")

    monkeypatch.setattr(traced.store, "commit", commit)
    made = post("/tasks", {"name": "t", "workspace": traced.workspace})
    await send(traced, made, get("/tasks/1"), get("/nowhere"), get("/organization_exports/1"))
    actions = spans.actions()
    assert [(each.name, values(each)["http.response.status_code"]) for each in actions] == [
        ("POST /tasks", 500),
        ("GET /tasks/{task_gid}", 404),
        ("action", 404),
        ("action", 400),
    ]
    assert [each.status.status_code is StatusCode.ERROR for each in actions] == [True, False, False, False]
    assert values(actions[0])["error.type"] == "500"
    assert all(each.status.description is None and not each.events for each in spans.all())


async def test_an_action_that_was_stopped_is_told(traced: World, spans: Spans, monkeypatch: pytest.MonkeyPatch) -> None:
    async def commit(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(traced.store, "commit", commit)
    made = {**post("/tasks", {"name": "t", "workspace": traced.workspace}), "timeout_ms": 1}
    response = await send(traced, made)
    assert [result["status_code"] for result in response.json()["data"]] == [504]
    (action,) = spans.actions()
    assert values(action)["error.type"] == "stopped"
    assert "http.response.status_code" not in values(action)


async def test_a_stream_is_told_to_its_end(traced: World, spans: Spans) -> None:
    response = await send(traced, get("/users/me"), get("/workspaces"), accept="application/x-ndjson")
    assert len(response.text.splitlines()) == 2
    batch = spans.named(f"POST {BASE_PATH}/batch")
    assert {each.parent.span_id for each in spans.actions() if each.parent} == {id_of(batch)}
    assert spans.all()[-1] is batch


async def test_refusals_and_pages_have_names_too(traced: World, spans: Spans) -> None:
    http = traced.ann.http
    await traced.nobody.get("/users/me")
    await http.get("/healthz")
    await http.get(f"{BASE_PATH}/no/such/thing")
    await http.request("BREW", "/-/login")
    told = [(each.name, values(each)["http.response.status_code"]) for each in spans.all()]
    assert told[:3] == [(f"GET {BASE_PATH}/users/{{user_gid}}", 401), ("GET /healthz", 200), ("GET", 404)]
    assert told[3][0] == "_OTHER /-/login"


async def test_nothing_that_a_client_sent_is_told(traced: World, spans: Spans) -> None:
    secret = "hush-hush"
    http, token = traced.ann.http, {"Authorization": f"Bearer {traced.ann.token}"}
    await http.get(f"{BASE_PATH}/tasks/{secret}?opt_fields={secret}", headers=token | {"cookie": secret})
    await http.get(f"{BASE_PATH}/{secret}", headers={"Authorization": f"Bearer {secret}"})
    await http.get(f"/-/login?next={secret}")
    named = {"relative_path": f"/users/{secret}", "method": "get", "id": secret}
    await send(traced, named, get(f"/{secret}"), post("/tasks", {"name": secret, secret: 1}), get("/x", method=secret))
    told = " ".join(each.to_json() for each in spans.all())
    assert len(spans.actions()) == 4
    assert not re.search(f"{secret}|{traced.ann.token}|Bearer|ann@|Ann", told)
    assert {name for each in spans.all() for name in values(each)} <= NAMES


async def test_the_service_is_named_by_the_standard_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    def name() -> object:
        return Tracing.to(SimpleSpanProcessor(Spans())).provider.resource.attributes["service.name"]

    assert name() == "batchwright"
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=tasks")
    assert name() == "tasks"
    monkeypatch.setenv("OTEL_SERVICE_NAME", "work")
    assert name() == "work"


async def test_a_collector_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = Event()

    class Silent(Spans):
        def shutdown(self) -> None:
            over.wait()

    monkeypatch.setattr(telemetry, "PATIENCE", 0.01)
    with capture_logs() as said:
        await Tracing.to(SimpleSpanProcessor(Silent())).close()
    over.set()
    assert [line["log_level"] for line in said] == ["warning"]


def test_where_traces_are_off_nothing_is_loaded() -> None:
    program = (
        "import sys; from batchwright import app, settings; app.build(settings.Settings(db='none.db')); "
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_without_the_extra_a_server_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "batchwright.app.telemetry")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(Refused, match="extra `telemetry`") as refused:
        app.build(Settings(traces="http://collector.test:4318"))
    assert "\n" not in str(refused.value)


def test_variables_that_mean_nothing_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "-1")
    with pytest.raises(Refused, match="max_queue_size"):
        app.build(Settings(traces="http://collector.test:4318"))
