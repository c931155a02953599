"""BatchEndpoint before a server elsewhere: its host only, nothing kept between callers, nothing followed."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn
from starlette.types import ASGIApp
from tests.batch.asking import Elsewhere, get, message, post, results, statuses
from tests.batch.shop import shop

from batchwright.batch import BatchEndpoint

ALLOW = ("POST /orders", "GET /orders/{number}", "GET /moved", "GET /echo/{rest}", "GET /stream/{count}", "GET /never")


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """The URL that an app is served at, by a real server."""
    config = uvicorn.Config(app, port=0, log_config=None)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        await server.shutdown()


def before(answer: Callable[[httpx2.Request], Awaitable[httpx2.Response]], **how: Any) -> BatchEndpoint:
    """A gateway before a server that answers so."""
    return BatchEndpoint("http://shop.example/base/", **{"allow": ALLOW, "transport": Elsewhere(answer), **how})


async def test_a_batch_before_a_real_server() -> None:
    async with serving(shop()) as url, BatchEndpoint(url, allow=ALLOW) as gateway:
        given = {"authorization": "Bearer mine", "cookie": "session=1", "host": "gateway.example"}
        answered = await results(
            gateway,
            post("/orders", {"product": "tea"}, id="made"),
            get("/orders/{made#/id}"),
            get("/moved"),
            get("/echo/x", data={"tag": ["a", "b"]}),
            get("/stream/100"),
            get("/admin"),
            headers=given,
        )
        assert statuses(answered) == [201, 200, 307, 200, 200, 400]
        assert answered[1]["body"] == {"id": 1, "by": "Bearer mine", "product": "tea", "amount": 1}
        assert answered[2]["headers"] == {"location": "/admin"}
        echo = answered[3]["body"]
        assert (echo["tags"], echo["headers"]["host"]) == (["a", "b"], url.removeprefix("http://"))
        assert set(echo["headers"]) <= {
            *("host", "authorization", "accept", "accept-encoding", "batchwright-action", "connection", "user-agent")
        }


async def test_it_asks_below_its_base_and_nowhere_else() -> None:
    asked: list[str] = []

    async def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(302, headers={"location": "http://evil.example/"})

    answered = await results(before(answer), get("/orders/1", data={"a": "b c"}), get("/orders/@evil.example"))
    assert statuses(answered) == [302, 302]
    assert sorted(asked) == ["http://shop.example/base/orders/1?a=b+c", "http://shop.example/base/orders/@evil.example"]


async def test_cookies_of_one_caller_do_not_go_with_the_next() -> None:
    asked: list[httpx2.Headers] = []

    async def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.headers)
        return httpx2.Response(200, headers={"set-cookie": "session=theirs; Path=/"})

    gateway = before(answer)
    (first,) = await results(gateway, get("/orders/1"), headers={"authorization": "Bearer theirs"})
    await results(gateway, get("/orders/1"))
    assert first["headers"] == {}
    assert [("cookie" in each, "authorization" in each) for each in asked] == [(False, True), (False, False)]


async def test_a_server_that_can_not_be_reached_fails_the_action() -> None:
    async def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("2"):
            return httpx2.Response(200, json={"id": 2})
        raise httpx2.ConnectError("10.0.0.7 refused")

    lost, found = await results(before(answer), get("/orders/1"), get("/orders/2"))
    assert (lost["status_code"], found["body"]) == (502, {"id": 2})
    assert message(lost) == "The server behind this one gave no answer"


async def test_answers_are_bounded_and_not_unpacked() -> None:
    async def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("2"):
            return httpx2.Response(200, content=b"[" + b"0," * 1_000 + b"0]", headers={"content-type": "text/json"})
        return httpx2.Response(200, content=gzip.compress(b"0" * 100_000), headers={"content-encoding": "gzip"})

    packed, large = await results(before(answer, max_answer_bytes=1_000), get("/orders/1"), get("/orders/2"))
    assert (packed["status_code"], packed["body"]) == (200, None)
    assert (large["status_code"], message(large)[:22]) == (502, "What was answered is l")


async def test_a_server_that_takes_too_long() -> None:
    async def answer(request: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    gateway = before(answer, timeout_seconds=0.02)

    (never,) = await results(gateway, get("/orders/1"))
    assert never["status_code"] == 504


async def test_gateways_in_a_circle_end_at_the_first_turn() -> None:
    asked: list[str] = []
    gateways: list[BatchEndpoint] = []

    async def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(gateways[0])) as itself:
            return await itself.request(
                request.method, str(request.url), headers=request.headers, content=request.content
            )

    gateways.append(before(answer, allow=["POST /batch"]))

    (nested,) = await results(gateways[0], post("/batch", {"data": {"actions": [post("/batch")]}}))
    assert (nested["status_code"], asked) == (400, ["/base/batch"])
    assert message(nested) == "relative_path: POST /batch is not supported in batch requests"


@pytest.mark.parametrize(
    "url",
    ["", "shop.example", "ftp://shop.example", "http://", "http://me:secret@shop.example", "http://shop.example/?a=1"],
)
def test_what_is_no_server_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match=r"is not the URL of a server"):
        BatchEndpoint(url, allow=ALLOW)


def test_there_is_no_app_to_put_it_into() -> None:
    with pytest.raises(ValueError, match=r"only a URL"):
        BatchEndpoint("http://shop.example", allow=ALLOW).at("/batch")
