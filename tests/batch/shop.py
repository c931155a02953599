"""An app that knows nothing of batches, in FastAPI as anyone would write it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import BackgroundTasks, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel

Sender = Annotated[str, Header()]


class Order(BaseModel):
    """What is ordered."""

    product: str
    amount: int = 1


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    app.state.lives += 1
    yield {"db": "the database", "request_only": "from the lifespan"}
    app.state.lives -= 1


def shop() -> FastAPI:
    """A shop with a few awkward routes."""
    app = FastAPI(lifespan=lifespan)
    app.state.orders = {}
    app.state.lives = app.state.most = app.state.now = 0
    app.state.after = []
    app.state.gate = asyncio.Event()
    _orders(app)
    _awkward(app)
    return app


def _orders(app: FastAPI) -> None:
    @app.post("/orders", status_code=201)
    async def make(
        order: Order, response: Response, authorization: Annotated[str, Header()] = "nobody"
    ) -> dict[str, Any]:
        number = len(app.state.orders) + 1
        app.state.orders[number] = {"id": number, "by": authorization, **order.model_dump()}
        response.headers["location"] = f"/orders/{number}"
        response.headers["set-cookie"] = "seen=1"
        return dict(app.state.orders[number])

    @app.get("/orders/{number}")
    async def read(number: int) -> dict[str, Any]:
        if number not in app.state.orders:
            raise HTTPException(404, "No such order")
        return dict(app.state.orders[number])

    @app.delete("/orders/{number}", status_code=204)
    async def drop(number: int) -> None:
        app.state.orders.pop(number)

    @app.get("/echo/{rest:path}")
    async def echo(request: Request, rest: str, tag: Annotated[list[str] | None, Query()] = None) -> dict[str, Any]:
        return {
            "path": request.url.path,
            "query": request.url.query,
            "tags": tag or [],
            "headers": dict(request.headers),
            "client": request.client and request.client.host,
            "state": request.state._state,
            "url": str(request.url_for("read", number=1)),
        }

    @app.post("/echo")
    async def echo_body(request: Request) -> dict[str, Any]:
        return {"body": (await request.body()).decode(), "query": request.url.query}


def _awkward(app: FastAPI) -> None:
    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("a secret")

    @app.get("/cancelled")
    async def cancelled() -> None:
        raise asyncio.CancelledError

    @app.get("/admin")
    async def admin() -> str:
        return "the keys"

    @app.get("/moved")
    async def moved() -> RedirectResponse:
        return RedirectResponse("/admin")

    @app.get("/stream/{count}")
    async def stream(count: int) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"["
            for number in range(count):
                yield f"{number},".encode()
            yield b"0]"

        return StreamingResponse(parts(), media_type="application/json")

    @app.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("<p>Grüße</p>")

    @app.get("/picture")
    async def picture() -> Response:
        return Response(b"\x89PNG\xff", media_type="image/png")

    @app.get("/lies")
    async def lies() -> Response:
        return Response(b'{"data": [1, 2', media_type="application/json")

    @app.get("/together/{number}")
    async def together(number: int) -> int:
        """Answers when the third has come."""
        app.state.now += 1
        if app.state.now == 3:
            app.state.gate.set()
        await app.state.gate.wait()
        return number

    @app.get("/never")
    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            app.state.after.append("given up")

    @app.post("/later")
    async def later(background: BackgroundTasks) -> str:
        async def finish() -> None:
            await app.state.gate.wait()
            app.state.after.append("finished")

        background.add_task(finish)
        return "accepted"
