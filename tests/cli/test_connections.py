"""What a connection does that no raw socket can make it do for sure."""

from __future__ import annotations

import asyncio
import socket

import uvloop

from batchwright.cli.connections import Outgoing


class Remembering(asyncio.Protocol):
    """Keeps its transport."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # a stream's
        self.transport = transport


def test_what_is_said_to_a_client_that_has_left_is_lost_without_a_word() -> None:
    async def say() -> list[bytes]:
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_connection(Remembering, sock=ours)
        outgoing = Outgoing(protocol.transport)
        outgoing.write(b"heard")
        outgoing.abort()
        outgoing.write(b"not heard")
        await asyncio.sleep(0)
        with theirs:
            theirs.setblocking(False)
            return [await loop.sock_recv(theirs, 100) for _ in range(2)]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(say()) == [b"heard", b""]
