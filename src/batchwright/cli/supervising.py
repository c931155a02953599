"""Several processes that serve one socket: started, started again when they die, ended together.

Connections are taken here and dealt out in turn: of few clients with lasting connections each worker gets its share,
which it does not when all workers take from one socket. Each worker is a new program, not a fork.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count
from typing import Any

import structlog

from batchwright.cli.options import Mistake
from batchwright.settings import Settings

FAILED = 1
PATIENCE = 45  # seconds until a worker that does not end is killed; it cuts off its clients earlier
BACKLOG = 2048  # connections that the system keeps for us
BUSY_SECONDS = 0.01  # until a connection is offered again that no worker could take
FULL_SECONDS = 1  # without new connections when too many files are open
LONGEST_PAUSE = 30  # seconds between attempts to start a worker that dies before it serves
EXPECTED = (0, -signal.SIGTERM)  # who is told to end before it can listen to that, dies of it
log = structlog.get_logger("batchwright")

Demo = Mapping[str, str]
Say = Callable[[Demo | None], None]


def run(settings: Settings, listener: socket.socket, say: Say) -> None:
    """Serve until a signal. Raises Mistake if the app refuses to start."""
    from batchwright.http import logs

    logs.configure(settings.log_format)
    try:
        well = asyncio.run(_supervise(Crew(settings, listener), say))
    except Died:
        well = False
    if not well:
        raise SystemExit(FAILED)


async def _supervise(crew: Crew, say: Say) -> bool:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, crew.stop)
    try:
        # The first one alone brings the database up to date and loads the demo.
        demo = await crew.begin(1)
        await asyncio.gather(*(crew.begin(place) for place in range(2, crew.settings.workers + 1)))
        if not crew.stopping.is_set():
            crew.open()
            say(demo)
        await crew.stopping.wait()
    finally:
        well = await crew.end()
    return well


class Died(Exception):
    """A worker ended before it served; it has logged why."""


@dataclass(frozen=True)
class Worker:
    """A process that serves, and the line to it: it lives as long as we hold our end."""

    process: Process
    line: socket.socket

    async def told(self) -> dict[str, Any]:
        """What it says when it serves or can't; nothing if it died before."""
        text = b""
        while not text.endswith(b"\n"):
            try:
                part = await asyncio.get_running_loop().sock_recv(self.line, 65_536)
            except ConnectionError:
                part = b""
            if not part:
                return {}
            text += part
        return dict(json.loads(text))

    def give(self, connection: socket.socket) -> bool:
        """Hands it a connection; whether it takes it."""
        try:
            socket.send_fds(self.line, [b"\0"], [connection.fileno()])
        except OSError:  # it is dead, or has more waiting than it can take
            return False
        return True

    def send(self, number: signal.Signals) -> None:
        """Sends a signal, unless it has ended."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)

    async def ended(self) -> int:
        """Waits for its end; its exit code."""
        code = await self.process.wait()
        self.line.close()
        return code


@dataclass
class Crew:
    """The workers of a server, each with a place from 1."""

    settings: Settings
    listener: socket.socket
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _workers: dict[int, Worker] = field(default_factory=dict)
    _serving: deque[Worker] = field(default_factory=deque)  # whose turn it is comes first
    _keepers: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self, place: int) -> Demo | None:
        """Starts a worker for good; the way into the demo if it loaded it. Raises Mistake, Died."""
        if self.stopping.is_set():
            return None
        worker = await self._start(place, first=place == 1)
        told = await worker.told()
        if "serves" not in told and not self.stopping.is_set():
            if "mistake" in told:
                raise Mistake(told["mistake"])
            raise Died
        self._keepers.append(asyncio.create_task(self._keep(place, worker)))
        return told.get("demo")

    def open(self) -> None:
        """Accept connections."""
        self.listener.setblocking(False)
        self.listener.listen(BACKLOG)
        self._resume()

    def stop(self) -> None:
        """Accept nothing new, finish what is in flight; asked again: end at once."""
        again = self.stopping.is_set()
        self.stopping.set()
        if not again:
            asyncio.get_running_loop().remove_reader(self.listener)
            self.listener.close()
        self._tell_all(signal.SIGKILL if again else signal.SIGTERM)

    async def end(self) -> bool:
        """Stops if that hasn't begun, and waits for all; whether every worker ended well."""
        if not self.stopping.is_set():
            self.stop()
        asyncio.get_running_loop().call_later(PATIENCE, self._tell_all, signal.SIGKILL)
        await asyncio.gather(*self._keepers)
        codes = await asyncio.gather(*(worker.ended() for worker in self._workers.values()))
        return all(code in EXPECTED for code in codes)

    def _resume(self) -> None:
        if not self.stopping.is_set():
            asyncio.get_running_loop().add_reader(self.listener, self._accept)

    def _rest(self, seconds: float, then: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self.listener)
        loop.call_later(seconds, then)

    def _accept(self) -> None:
        try:
            connection, _ = self.listener.accept()
        except (BlockingIOError, ConnectionError):
            pass  # the client has left
        except OSError as problem:
            log.error("can't take connections for a while", reason=str(problem))
            self._rest(FULL_SECONDS, self._resume)
        else:
            if not self._deal(connection):
                self._rest(BUSY_SECONDS, partial(self._offer, connection))

    def _offer(self, connection: socket.socket) -> None:
        """Deals out a connection that nobody could take; until somebody does, no other is taken."""
        if self.stopping.is_set():
            connection.close()
        elif self._deal(connection):
            self._resume()
        else:
            self._rest(BUSY_SECONDS, partial(self._offer, connection))

    def _deal(self, connection: socket.socket) -> bool:
        for _ in range(len(self._serving)):
            self._serving.rotate(-1)
            if self._serving[-1].give(connection):
                connection.close()
                return True
        return False

    async def _keep(self, place: int, worker: Worker) -> None:
        while True:
            self._serving.append(worker)
            code = await worker.ended()
            self._serving.remove(worker)
            if self.stopping.is_set():
                return
            log.error("a worker ended and is started again", worker=place, code=code)
            begun = await self._again(place)
            if begun is None:
                return
            worker = begun

    async def _again(self, place: int) -> Worker | None:
        """A new worker that serves, after as many attempts as it takes; None when the server stops meanwhile."""
        for attempt in count():
            await self._pause(min(2**attempt - 1, LONGEST_PAUSE))
            if self.stopping.is_set():
                break
            try:
                worker = await self._start(place, first=False)
            except OSError as problem:
                reason = str(problem)
            else:
                told = await worker.told()
                if "serves" in told:
                    return worker
                await worker.ended()
                reason = told.get("mistake", "see above")
            log.error("a worker can't be started", worker=place, reason=reason)
        return None

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()

    async def _start(self, place: int, *, first: bool) -> Worker:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        command = sys.executable, "-P", "-m", "batchwright.cli.working"
        with theirs:
            try:
                # A session of its own: Ctrl-C is for us to pass on.
                process = await asyncio.create_subprocess_exec(*command, stdin=theirs.fileno(), start_new_session=True)
            except OSError:
                ours.close()
                raise
        worker = self._workers[place] = Worker(process, ours)
        order = {"settings": asdict(self.settings), "place": place, "first": first}
        with suppress(ConnectionError):  # it has died; whoever waits for its word sees
            await asyncio.get_running_loop().sock_sendall(ours, json.dumps(order).encode() + b"\n")
        if self.stopping.is_set():
            worker.send(signal.SIGTERM)
        return worker

    def _tell_all(self, number: signal.Signals) -> None:
        for worker in self._workers.values():
            worker.send(number)
