"""Spans of a real server, as they arrive at a collector: what is left is sent when the server stops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.engine.test_batch import get, post
from tests.server.running import API, running

Export = tuple[str, str, ExportTraceServiceRequest]  # path, a header, spans
LONG = "3600000"  # milliseconds: nothing is sent by the clock


@contextmanager
def collector(received: list[Export]) -> Iterator[str]:
    """A server that takes what is exported; its URL."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append((self.path, self.headers["x-key"], ExportTraceServiceRequest.FromString(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_is_left_is_sent_when_the_server_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[Export] = []
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", LONG)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=kestrel")
    with collector(received) as url, running(tmp_path, traces=url) as server:
        server.batch(get("/users/me"), post("/tasks", {"name": "t", "workspace": server.workspace}))
        assert received == []
        assert server.stop() == 0
    ((path, key, export),) = received
    assert (path, key) == ("/v1/traces", "kestrel")
    (resource,) = export.resource_spans
    assert "batchwright" in {each.value.string_value for each in resource.resource.attributes if "name" in each.key}
    found = {span.name: span for span in resource.scope_spans[0].spans}
    batch = found[f"POST {API}/batch"]
    assert found["GET /users/{user_gid}"].parent_span_id == found["POST /tasks"].parent_span_id == batch.span_id
    assert server.token not in str(export)


def test_a_collector_that_is_gone_holds_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with running(tmp_path, traces="http://127.0.0.1:9") as server:
        assert server.batch(get("/users/me")).status_code == 200
        assert server.stop() == 0
        assert any("opentelemetry" in line.get("library", "") for line in server.lines())
