"""What the server does once it has started."""

from __future__ import annotations

import gc

import pytest
import uvicorn

from batchwright.cli.serving import Server


async def test_what_is_there_when_the_server_is_ready_is_never_looked_through_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frozen: list[int] = []

    async def started(self: uvicorn.Server, sockets: object = None) -> None:
        frozen.append(gc.get_freeze_count())

    monkeypatch.setattr(uvicorn.Server, "startup", started)
    server = Server(uvicorn.Config("nothing:served", log_config=None))
    server.ready = lambda: frozen.append(gc.get_freeze_count())
    before = len(gc.get_objects())
    try:
        await server.startup()
        assert frozen[1] - frozen[0] > before / 2
        assert len(gc.get_objects()) < before / 10
    finally:
        gc.unfreeze()
