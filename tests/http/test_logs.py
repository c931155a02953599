from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import structlog

from batchwright.http import logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    handlers, level, before = logging.root.handlers, logging.root.level, structlog.get_config()
    yield
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()
    logging.root.handlers, logging.root.level = handlers, level


@pytest.fixture
def stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)


def lines(stream: io.TextIOWrapper) -> list[str]:
    stream.seek(0)
    return stream.read().removesuffix("\n").split("\n")


def test_json_is_an_object_a_line_with_the_bound_context(stream: io.TextIOWrapper) -> None:
    logs.configure("json", stream)
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger().info("request", status=200)
    [line] = lines(stream)
    said = json.loads(line)
    moment = datetime.fromisoformat(said.pop("timestamp"))
    assert moment.utcoffset() == timedelta(0)
    assert said == {"level": "info", "event": "request", "status": 200, "request_id": "r1"}


def test_text_is_a_line_of_words(stream: io.TextIOWrapper) -> None:
    logs.configure("text", stream)
    structlog.get_logger().info("request", status=200, path="/tasks", nothing="")
    [line] = lines(stream)
    assert line.split(" ", 1)[1] == "info request status=200 path=/tasks nothing=''"


@pytest.mark.parametrize("format", ["text", "json"])
@pytest.mark.parametrize("path", ["/a\n2026 error forged", "/a\x1b[2J", "/a\u2028b", "/\ud800", "/a b=c", 'x"y'])
def test_what_a_client_sent_stays_inside_its_line(format: logs.Format, path: str, stream: io.TextIOWrapper) -> None:
    logs.configure(format, stream)
    structlog.get_logger().info("request", path=path)
    [line] = lines(stream)
    if format == "json":
        assert json.loads(line)["path"] == path
    else:
        assert line.isprintable()


def test_what_json_has_no_word_for_is_written_as_text(stream: io.TextIOWrapper) -> None:
    logs.configure("json", stream)
    structlog.get_logger().info("request", size=2**70, kind=int)
    [line] = lines(stream)
    assert json.loads(line)["size"] == 2**70


@pytest.mark.parametrize("format", ["text", "json"])
def test_libraries_warnings_and_tracebacks_go_to_the_same_place(format: logs.Format, stream: io.TextIOWrapper) -> None:
    logs.configure(format, stream)
    logging.getLogger("some.library").info("chatter")
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("some.library").exception("it %s", "broke")
    said = "\n".join(lines(stream))
    assert "chatter" not in said
    assert "it broke" in said
    assert "some.library" in said
    assert "ValueError: why" in said


def test_debug_is_not_written(stream: io.TextIOWrapper) -> None:
    logs.configure("text", stream)
    structlog.get_logger().debug("detail")
    assert lines(stream) == [""]
