"""The load, a process of its own on a core of its own: N connections, each asking again once it is answered.

`python -m bench.load FILE` takes a job as JSON on its input and writes what happened into the file.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from math import inf
from pathlib import Path

import uvloop

from bench import wire
from bench.manifest import read

KINDS: dict[str, Callable[..., list[wire.Action]]] = {"reads": wire.reads, "creates": wire.creates}
GRACE = 60  # seconds for what is under way at the end
LEAST, LONGER = 4, 4  # replies a connection; a side that gives less is asked so many times as long again


@dataclass(frozen=True)
class Job:
    """What to do. what: reads or creates. size: actions in a request, 0 for a request that isn't a batch.

    spread: each request comes with the next of many tokens, as one may only ask for so much a minute.
    """

    port: int
    manifest: str
    what: str
    size: int
    connections: int
    seconds: float
    core: int
    batch: str = "asana"
    samples: int = 0
    warmup: float = 0.2
    spread: bool = False


@dataclass
class Done:
    """What happened in the measured time. latencies: milliseconds a request. busy: the share of its core it took."""

    requests: int = 0
    actions: int = 0
    seconds: float = 0
    p50: float = 0
    p99: float = 0
    busy: float = 0
    acknowledged: int = 0  # actions, those outside the measured time too
    faults: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)


class Running:
    """What the connections share."""

    def __init__(self, job: Job, requests: list[bytes]) -> None:
        self.job, self.requests = job, requests
        self.expected = job.size or 1
        self.next = 0
        self.done = Done()
        self.latencies: list[float] = []
        self.samples: dict[int, str] = {}
        self.begin = time.perf_counter() + job.warmup
        self.end = inf

    def answered(self, number: int, begun: float, status: bytes, body: bytes) -> None:
        """Takes note of one reply."""
        now = time.perf_counter()
        good = status[:1] == b"2" and body.count(wire.MARK) == self.expected
        if not good:
            if len(self.done.faults) < 5:
                self.done.faults.append(f"{status.decode()}: {body[:300].decode('utf-8', 'replace')}")
            return
        self.done.acknowledged += self.expected
        if number < self.job.samples:
            self.samples[number] = body.decode()
        if self.begin <= now <= self.end:
            self.latencies.append(now - begun)


class Client(asyncio.Protocol):
    """One connection."""

    transport: asyncio.Transport

    def __init__(self, running: Running) -> None:
        self.running = running
        self.buffer = b""
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # a stream
        """Ask at once."""
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """The next request, unless the time is over."""
        running = self.running
        self.begun = time.perf_counter()
        if self.begun >= running.end:
            self.transport.close()
            return
        self.number = running.next
        running.next += 1
        self.need = -1
        self.transport.write(running.requests[self.number % len(running.requests)])

    def data_received(self, data: bytes) -> None:
        """A reply, or a part of one."""
        self.buffer = self.buffer + data if self.buffer else data
        if self.need < 0:
            self.head()
        if 0 <= self.need <= len(self.buffer):
            buffer, self.buffer = self.buffer, b""
            self.running.answered(self.number, self.begun, buffer[9:12], buffer[self.start : self.need])
            self.ask()

    def head(self) -> None:
        """Where the body begins and ends, once the head is there."""
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            raise RuntimeError(f"a reply without a length: {head!r}")
        self.start = end + 4
        self.need = self.start + int(head[at + 17 :].split(b"\r\n", 1)[0])

    def connection_lost(self, exc: Exception | None) -> None:
        """The time is over, or the server went away."""
        if time.perf_counter() < self.running.end:
            self.running.done.faults.append(f"the connection was closed: {exc}")
        if not self.ended.done():
            self.ended.set_result(None)


async def perform(job: Job) -> Done:
    """Does the job."""
    actions = KINDS[job.what](read(Path(job.manifest)))
    if job.size:
        batches = [actions[at : at + job.size] for at in range(0, len(actions) - job.size + 1, job.size)]
        requests = [wire.BATCHES[job.batch](each) for each in batches]
    else:
        requests = [wire.single(each) for each in actions]
    if job.spread:
        requests = [wire.with_token(each, number) for number, each in enumerate(requests)]
    running = Running(job, requests)
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Client(running), "127.0.0.1", job.port) for _ in range(job.connections)
    ]
    await asyncio.sleep(running.begin - time.perf_counter())
    spent = time.process_time()
    await asyncio.sleep(job.seconds)
    if len(running.latencies) < LEAST * job.connections:  # a slow side: a second tells too little of it
        await asyncio.sleep(LONGER * job.seconds)
    running.end = time.perf_counter()
    running.done.seconds = running.end - running.begin
    running.done.busy = (time.process_time() - spent) / running.done.seconds
    await asyncio.wait_for(asyncio.gather(*(client.ended for _, client in made)), GRACE)
    return _summed(running)


def _summed(running: Running) -> Done:
    done, found = running.done, sorted(running.latencies)
    done.requests = len(found)
    done.actions = done.requests * running.expected
    if found:
        done.p50, done.p99 = (round(found[int(len(found) * share)] * 1000, 3) for share in (0.5, 0.99))
    done.samples = [running.samples[number] for number in sorted(running.samples)]
    return done


def main() -> None:
    """Reads the job, pins itself, does it, tells."""
    job = Job(**json.loads(sys.stdin.read()))
    os.sched_setaffinity(0, {job.core})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        done = runner.run(perform(job))
    # A file: of long outputs through a pipe the last part was seen missing when the loop was uvloop's.
    Path(sys.argv[1]).write_text(json.dumps(asdict(done)), "utf-8")


if __name__ == "__main__":
    main()
