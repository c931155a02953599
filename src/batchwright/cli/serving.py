"""Runs the app under uvicorn: our socket, our signals, our logs, bounded connections."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import uvicorn
import uvloop
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from batchwright.cli.accepting import Acceptor
from batchwright.cli.connections import Connection
from batchwright.cli.options import Mistake
from batchwright.settings import Settings

KEEP_ALIVE = 75  # seconds; longer than clients' pools and proxies keep an idle connection, so they close first
YOUNG = 10_000  # objects, how many more there must be for garbage to be looked for
LAST_CALL = 30  # seconds for what is in flight when the server is told to stop
FAILED = 1
THEIR_LOG = logging.getLogger("uvicorn.error")

Demo = Mapping[str, str]
"""What visitors of the demo need: token, email, password."""
Say = Callable[[Demo | None], None]
"""Called once when the server answers, with the way into the demo if there is one."""


@dataclass(frozen=True)
class Place:
    """A worker's place among several.

    number: from 1. first: whether it does what is done once for all. line: to the supervisor, who sends connections.
    """

    number: int
    first: bool
    line: socket.socket


def run(settings: Settings, source: socket.socket | Place, say: Say) -> None:
    """Serve until a signal. Raises Mistake if the app refuses to start.

    source: a bound socket, or a place among several workers.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, source, say))


async def _serve(settings: Settings, source: socket.socket | Place, say: Say) -> None:
    from batchwright import app
    from batchwright.http import logs

    place = source if isinstance(source, Place) else None
    logs.configure(settings.log_format, worker=place.number if place else None)
    refusals: list[Exception] = []
    try:
        asgi = _remembering(app.build(settings), app.Refused, refusals)
        server = Server(_configured(asgi))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.handle_exit, number, None)
        if place:
            server.listen_to(place.line)
        demo = await app.prepare(settings) if place is None or place.first else None
        server.ready = lambda: say(demo)
        if not server.should_exit:
            await server.serve(sockets=[source] if isinstance(source, socket.socket) else [])
    except app.Refused as refused:
        raise Mistake(str(refused)) from None
    except SystemExit:
        # uvicorn's way of saying that the app did not start; it has logged why, unless the app refused.
        if refusals:
            raise Mistake(str(refusals[0])) from None
        raise SystemExit(FAILED) from None
    finally:
        THEIR_LOG.disabled = False


def _configured(asgi: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        asgi,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,  # the app writes a line a request itself, with what it knows
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=LAST_CALL,
    )


class Server(uvicorn.Server):
    """uvicorn's server; it tells when it is ready, and a signal that stops it is no failure.

    uvicorn would raise the signal again once it has stopped: the process would die of it, not exit with 0.
    """

    ready: Callable[[], None]

    _acceptor: Acceptor | None = None

    def listen_to(self, line: socket.socket) -> None:
        """Take connections from a supervisor, and stop when it is gone."""
        self._acceptor = Acceptor(line, self._connection, lambda: self.handle_exit(signal.SIGTERM, None))

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the loop's handlers."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self._acceptor:
            self.servers.append(self._acceptor)  # type: ignore[arg-type]  # all it does with it is to close it
        # What is there by now stays: looking through all of it for garbage would stop the server for 50 ms, twice a
        # second where it has much to do. What comes is mostly gone before anybody looks, so that is done more seldom.
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG)
        self.ready()

    def _connection(self) -> Connection:
        return Connection(self.config, self.server_state, self.lifespan.state)


def _remembering(asgi: ASGIApp, refusal: type[Exception], refusals: list[Exception]) -> ASGIApp:
    """The same app; what it refuses while starting is kept for one line to the user, instead of logged."""

    async def remembering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            return await asgi(scope, receive, send)

        async def sending(message: Message) -> None:
            # Starlette tells a failure as text first and raises it then; the exception is enough, and says more.
            if message["type"] != "lifespan.startup.failed":
                await send(message)

        try:
            await asgi(scope, receive, sending)
        except refusal as refused:
            THEIR_LOG.disabled = True
            refusals.append(refused)
            raise

    return remembering
