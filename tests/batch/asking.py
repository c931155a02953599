"""Sends batches to an endpoint, as a client would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
from starlette.types import ASGIApp


def get(path: str, **rest: Any) -> dict[str, Any]:
    return {"method": "get", "relative_path": path, **rest}


def post(path: str, data: Any = None, **rest: Any) -> dict[str, Any]:
    return {"method": "post", "relative_path": path, "data": data or {}, **rest}


class Elsewhere(httpx2.AsyncBaseTransport):
    """A server behind a gateway, that streams what it answers as a real one does."""

    def __init__(self, answer: Callable[[httpx2.Request], Awaitable[httpx2.Response]]) -> None:
        self._answer = answer

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answered = await self._answer(request)
        assert isinstance(answered.stream, httpx2.AsyncByteStream)
        raw = b"".join([chunk async for chunk in answered.stream])
        return httpx2.Response(answered.status_code, headers=answered.headers, stream=Sent(raw))


class Sent(httpx2.AsyncByteStream):
    """A body on its way, in pieces."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), 100):
            yield self._content[start : start + 100]


async def send(
    app: ASGIApp, *actions: Any, path: str = "/batch", headers: dict[str, str] | None = None, **data: Any
) -> httpx2.Response:
    """The answer to a batch of these actions; data: what stands beside them."""
    transport = httpx2.ASGITransport(app, client=("192.0.2.7", 1234))
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        return await client.post(path, json={"data": {"actions": list(actions), **data}}, headers=headers)


async def results(app: ASGIApp, *actions: Any, headers: dict[str, str] | None = None, **data: Any) -> Any:
    """The results of a batch that isn't refused."""
    response = await send(app, *actions, headers=headers, **data)
    assert response.status_code == 200, response.text
    return response.json()["data"]


def statuses(results: Any) -> list[int]:
    return [each["status_code"] for each in results]


def message(result: Any) -> str:
    """What a refusal says."""
    return str(result.get("body", result)["errors"][0]["message"])
