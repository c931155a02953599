"""For whoever keeps the server running: does the process serve, does its database answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from batchwright.model.conditions import Reading
from batchwright.store.interface import Store

log = structlog.get_logger("batchwright")
HEADERS = {"Cache-Control": "no-store"}
READ_SECONDS = 5
ANY = Reading("workspace")


async def healthy(request: Request) -> Response:
    """GET /healthz."""
    return PlainTextResponse("ok\n", headers=HEADERS)


@dataclass(frozen=True)
class Readiness:
    """GET /readyz: 200 when the store answers a read, else 503."""

    store: Store

    async def answer(self, request: Request) -> Response:
        """Reads a row that isn't there."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                await self.store.fetch(ANY, 0, (0,))
        except Exception as problem:
            log.warning("not ready", reason=repr(problem))
            return PlainTextResponse("the database does not answer\n", 503, headers=HEADERS)
        return PlainTextResponse("ready\n", headers=HEADERS)
