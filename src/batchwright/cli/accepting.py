"""A worker's end of the line to its supervisor: connections come in on it, and when it breaks, so must the worker."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from batchwright.cli.connections import Connection

FILES = 16  # connections in one message at most


class Acceptor:
    """What `loop.create_server` makes, as far as uvicorn asks for it.

    line: a Unix socket. protocol: makes what serves a connection. ended: called when the supervisor is gone.
    """

    def __init__(self, line: socket.socket, protocol: Callable[[], Connection], ended: Callable[[], None]) -> None:
        self._line = line
        self._protocol = protocol
        self._ended = ended
        self._closed = False
        self._connecting: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        line.setblocking(False)
        self._loop.add_reader(line, self._receive)

    def close(self) -> None:
        """Take no more; what was sent and not yet taken is hung up."""
        self._loop.remove_reader(self._line)
        self._closed = True
        while self._receive():
            pass

    async def wait_closed(self) -> None:
        """Wait for those that were just taken."""
        await asyncio.gather(*self._connecting)

    def _receive(self) -> bool:
        try:
            message, files, _, _ = socket.recv_fds(self._line, 1, FILES)
        except BlockingIOError:
            return False
        except ConnectionError:
            message, files = b"", []
        for file in files:
            self._take(socket.socket(fileno=file))
        if not message and not self._closed:
            self._loop.remove_reader(self._line)
            self._ended()
        return bool(message)

    def _take(self, connection: socket.socket) -> None:
        if self._closed:
            return connection.close()
        task = self._loop.create_task(self._connect(connection))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return None

    async def _connect(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            _, protocol = await self._loop.connect_accepted_socket(self._protocol, connection)
        except OSError:  # the client has left
            return connection.close()
        if self._closed:
            protocol.shutdown()
        return None
