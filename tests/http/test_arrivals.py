"""Bodies as they come in: bounded in bytes and time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from batchwright.http import arrivals
from batchwright.http.arrivals import Arriving, Gone, Room
from batchwright.model.problems import Problem
from batchwright.settings import Settings

SETTINGS = Settings(max_body_bytes=10)
HASTY = Settings(max_body_bytes=10, body_timeout_seconds=0)


def sending(*chunks: bytes, then: dict[str, Any] | None = None) -> Callable[[], Awaitable[dict[str, Any]]]:
    """A client that sends these chunks, then this message, or for ever nothing."""
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop(0)
        if then is None:
            await asyncio.Event().wait()
            raise AssertionError
        return then

    return receive


def arriving(
    receive: Callable[[], Awaitable[Any]],
    headers: dict[str, str],
    settings: Settings = SETTINGS,
    version: str = "1.1",
) -> Arriving:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Arriving({"type": "http", "http_version": version, "headers": raw}, receive, settings, Room(100))


END = {"type": "http.request", "body": b"!", "more_body": False}
LEFT = {"type": "http.disconnect"}


@pytest.mark.parametrize("headers", [{"content-length": "6"}, {"transfer-encoding": "chunked"}])
async def test_chunks_are_put_together(headers: dict[str, str]) -> None:
    body = arriving(sending(b"a", b"", b"bcde", then=END), headers)
    assert not body.ended
    assert await body.read() == b"abcde!"
    assert body.ended


@pytest.mark.parametrize("headers", [{}, {"content-length": "0"}])
async def test_nothing_is_waited_for_where_nothing_was_promised(headers: dict[str, str]) -> None:
    body = arriving(sending(), headers)
    assert body.ended
    assert await body.read() == b""


async def test_http_2_need_not_promise() -> None:
    assert await arriving(sending(b"a", then=END), {}, version="2").read() == b"a!"


@pytest.mark.parametrize("length", ["11", "9" * 5000, "00011"])
async def test_a_promise_that_is_too_long_is_refused_unread(length: str) -> None:
    with pytest.raises(Problem) as refused:
        await arriving(sending(), {"content-length": length}).read()
    assert (refused.value.status, refused.value.messages) == (413, ("The request is larger than 10 bytes",))


@pytest.mark.parametrize("headers", [{"content-length": "3"}, {"transfer-encoding": "chunked"}])
async def test_a_body_that_gets_too_long_is_refused_whatever_was_promised(headers: dict[str, str]) -> None:
    body = arriving(sending(b"12345", b"67890", b"1"), headers)
    with pytest.raises(Problem) as refused:
        await body.read()
    assert refused.value.status == 413
    assert not body.ended


async def test_a_body_of_just_the_size_is_taken() -> None:
    assert await arriving(sending(b"123456789", then=END), {"content-length": "10"}).read() == b"123456789!"


async def test_a_body_that_does_not_come_is_refused() -> None:
    body = arriving(sending(b"half"), {"content-length": "8"}, HASTY)
    with pytest.raises(Problem) as refused:
        await body.read()
    assert refused.value.status == 408
    assert not body.ended


async def test_a_client_that_leaves_is_no_fault() -> None:
    with pytest.raises(Gone):
        await arriving(sending(b"half", then=LEFT), {"content-length": "8"}).read()


@pytest.mark.parametrize("then", [END, LEFT, None])
async def test_the_rest_is_thrown_away_for_a_while(
    then: dict[str, Any] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "LINGER_SECONDS", 0.01)
    receive = sending(*[b"x" * 100] * 20, then=then)
    await arriving(receive, {"content-length": "5000"}).discard()


async def test_many_bodies_at_once_are_bounded_too() -> None:
    room = Room(12)

    def body(chunk: bytes) -> Arriving:
        scope = {"type": "http", "headers": [(b"content-length", b"9")]}
        return Arriving(scope, sending(chunk, then=END), SETTINGS, room)

    first, second, third = (body(b"12345678") for _ in range(3))
    assert await first.read() == b"12345678!"
    with pytest.raises(Problem) as refused:
        await second.read()
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "1"})
    for each in (second, first, first):
        each.release()
    assert await third.read() == b"12345678!"
    third.release()
    room.take(12)
