"""The judge of hostile input is judged: it must see what is wrong, and take nothing else for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fuzz import messages, talking, texts
from fuzz.drawing import Drawing
from fuzz.judging import faults
from fuzz.messages import API, Message, Sent, sound
from fuzz.shrinking import smallest
from fuzz.talking import Hanging, Hungup, Line, Reply
from fuzz.watching import growing, logged

JSON = {"content-type": "application/json; charset=UTF-8", "x-content-type-options": "nosniff"}
ERROR = {"errors": [{"message": "no", "help": "read"}]}


def asked(path: str = "/users/me") -> Sent:
    """A request for the API."""
    return sound("api", Message(b"GET", API + path.encode(), ((b"Host", b"x"),)))


def reply(status: int, body: Any, **headers: str) -> Reply:
    """A reply of JSON."""
    return Reply(status, JSON | headers, json.dumps(body).encode())


@pytest.mark.parametrize("good", [reply(200, {"data": {}}), reply(404, ERROR), reply(501, ERROR), reply(412, ERROR)])
def test_what_is_well_is_well(good: Reply) -> None:
    assert list(faults(asked(), good)) == []


@pytest.mark.parametrize(
    "bad",
    [
        reply(500, ERROR),
        reply(503, ERROR),
        reply(400, {"errors": []}),
        reply(400, {"errors": ["no"]}),
        reply(400, {"errors": [{"message": ""}]}),
        reply(400, {"error": "no"}),
        reply(400, []),
        Reply(400, JSON, b"{"),
        Reply(400, JSON | {"content-type": "text/plain"}, b"no"),
        replace(reply(400, ERROR), headers={"content-type": "application/json"}),
        reply(400, {"errors": [{"message": "Traceback (most recent call last)"}]}),
    ],
)
def test_what_is_wrong_is_seen(bad: Reply) -> None:
    assert list(faults(asked(), bad))


@pytest.mark.parametrize("action", [(500, ERROR), (400, {}), (400, []), (404, {"error": "x"})])
def test_what_is_wrong_with_an_action_is_seen(action: tuple[int, Any]) -> None:
    good = {"status_code": 404, "headers": {}, "body": ERROR}
    bad = {"status_code": action[0], "headers": {}, "body": action[1]}
    assert list(faults(asked("/batch"), reply(200, {"data": [good]}))) == []
    assert list(faults(asked("/batch"), reply(200, {"data": [good, bad]})))


def test_memory_that_settles_is_no_leak_and_memory_that_goes_on_is() -> None:
    assert growing([80, 130, 150, 160, 165, 168, 170, 171, 172, 173, 174]) == 0
    assert growing([80, 100, 120, 140, 160, 180, 200, 220, 240, 260, 280]) > 0
    assert growing([101, 149, 172, 181, 188, 194, 202, 208, 216, 220, 223]) == 0
    assert growing([102, 124, 133, 137, 143, 147, 163, 167, 168, 170, 172]) == 0
    assert growing([80, 90]) == 0


def test_what_the_server_logs_as_an_error_counts(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text('{"level": "info", "event": "request"}\n{"level": "error", "event": "broken"}\nException ignored\n')
    assert [each.partition(":")[0] for each in logged(log)] == ["the server logged", "the server wrote"]


@asynccontextmanager
async def answering(data: bytes, *, stays: bool = False) -> AsyncIterator[int]:
    """A server that says the same to everybody, and then hangs up or not: its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(data)
            if stays:
                await reader.read()
        finally:
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_a_reply_that_never_comes_is_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "PATIENCE", 0.05)
    async with answering(b"", stays=True) as port:
        with pytest.raises(Hanging), closing(Line(port)) as line:
            await line.tell(asked())


async def test_half_a_reply_is_none() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf") as port:
        with pytest.raises(Hungup), closing(Line(port)) as line:
            await line.tell(asked())
        with closing(Line(port)) as line:
            assert await line.tell(replace(asked(), sure=False)) == []


async def test_interim_replies_are_passed_over() -> None:
    async with answering(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n") as port:
        with closing(Line(port)) as line:
            assert [each.status for each in await line.tell(asked())] == [204]


async def test_what_is_kept_is_as_small_as_it_can_be() -> None:
    body = {"data": {"name": "a long name", "bad": [1, {"worse": "x"}, 2], "notes": "n"}, "options": {"fields": ["a"]}}
    message = Message(b"POST", b"/x?a=1&b=2", ((b"Host", b"x"), (b"Y", b"z")), json.dumps(body).encode())

    async def still(each: Message) -> bool:
        return b"worse" in (each.body or b"") and b"b=2" in each.target

    made = await smallest(message, still)
    assert (made.target, made.headers, made.body) == (b"/x?b=2", (), b'{"data": {"bad": [{"worse": "x"}]}}')


async def test_bytes_that_are_no_json_are_cut() -> None:
    message = Message(b"POST", b"/x", (), b"\xff" * 40 + b"!" + b"\xfe" * 23)

    async def still(each: Message) -> bool:
        return b"!" in (each.body or b"")

    assert (await smallest(message, still)).body == b"!"


def test_all_choices_follow_from_the_seed() -> None:
    def drawn(seed: int) -> list[Any]:
        drawing = Drawing(Random(seed), {"task": ["1"], "user": ["me"]})
        return [drawing.request() for _ in range(50)]

    assert drawn(1) == drawn(1) != drawn(2)


def test_most_of_what_is_written_is_no_plain_json() -> None:
    chance, value = Random(1), {"data": {"name": "x", "count": 1, "tags": ["a", "b"]}}
    bodies = [texts.written(chance, value) for _ in range(300)]
    assert len({bytes(each) for each in bodies}) > 200
    assert sum(_is_json(each) for each in bodies) < 200


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


@pytest.mark.parametrize("chunk", [0, 1, 5])
def test_bodies_are_framed_as_they_say(chunk: int) -> None:
    made = Message(b"PUT", b"/x", (), b"0123456789", chunk).written()
    head, _, rest = made.partition(b"\r\n\r\n")
    if chunk == 0:
        assert (b"Content-Length: 10" in head, rest) == (True, b"0123456789")
    else:
        assert (b"chunked" in head, rest.endswith(b"\r\n0\r\n\r\n")) == (True, True)


def test_damaged_requests_are_not_sure_to_be_any() -> None:
    message = Message(b"PUT", b"/x", ((b"Host", b"x"),), b"{}")
    for make in (messages.damaged, messages.cut, messages.misframed):
        made = [make(Random(seed), message) for seed in range(60)]
        assert not any(each.sure for each in made)
        assert len({each.data for each in made}) > 10
