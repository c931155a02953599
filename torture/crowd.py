"""Too many clients, and bad ones: the server must go on answering a good one, in bounded memory."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from torture.load import make_place
from torture.servers import People, Server, people, serving
from torture.table import Row
from torture.wire import API, Line

MOST_MIB = 512  # a server's memory, whatever comes
PROBE_SECONDS = 5.0  # within which a good client must be answered
CONNECTIONS = 1_000
KEPT_BACK = 2.0  # seconds
BODY = 10 * 1024 * 1024
CUT_OFF = 25  # seconds within which whoever doesn't finish a request must be cut off


@dataclass
class Probe:
    """A good client on a thread of its own: it asks all the time, and keeps how long it waited."""

    server: Server
    token: str
    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Asks until it is told to end."""
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PROBE_SECONDS)
        while not self.ended.wait(0.02):
            begun = time.monotonic()
            try:
                line.request("GET", f"{API}/users/me", headers={"authorization": f"Bearer {self.token}"})
                answer = line.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failed.append(f"a good client was answered {answer.status}")
            except (OSError, http.client.HTTPException) as problem:
                self.failed.append(f"a good client wasn't answered: {problem!r}")
                line.close()
            self.seconds.append(time.monotonic() - begun)
        line.close()


@asynccontextmanager
async def probed(server: Server, who: People, row: Row) -> AsyncIterator[None]:
    """Whatever happens in the block, good clients are answered and memory stays bounded; the row tells."""
    server.forget_peak()
    probe = Probe(server, who.token)
    thread = threading.Thread(target=probe.run)
    thread.start()
    try:
        yield
    finally:
        probe.ended.set()
        await asyncio.to_thread(thread.join)
    row.lost += probe.failed[:5]
    row.lost += [] if server.alive() else ["the server ended"]
    peak = server.peak()
    row.lost += [] if peak <= MOST_MIB else [f"the server took {peak} MiB"]
    longest = max(probe.seconds, default=0.0)
    row.notes.append(f"a good client waited {median(probe.seconds) * 1000:.0f} ms, {longest * 1000:.0f} ms at most")
    row.notes.append(f"{peak} MiB")


async def crowds(folder: Path) -> list[Row]:
    """Each sort of them in turn, on one server."""
    db = str(folder / "crowd.db")
    who = await asyncio.to_thread(people, db)
    rows = []
    with serving(db, folder) as server:
        await make_place(server.port, who)
        for bad in (_many, _never_reading, _never_finishing, _large, _held_back, _deep):
            row = Row("")
            async with probed(server, who, row):
                await bad(server, who, row)
            rows.append(row)
    return rows


async def _many(server: Server, who: People, row: Row) -> None:
    row.what, row.times = f"{CONNECTIONS:,} connections, each reading and creating", CONNECTIONS
    lines = [Line(server.port, who.token) for _ in range(CONNECTIONS)]
    await asyncio.gather(*(line.open() for line in lines))
    read = await asyncio.gather(*(line.ask("GET", "/users/me") for line in lines))
    task = {"workspace": who.workspace, "name": "one of many"}
    made = await asyncio.gather(*(line.ask("POST", "/tasks", task) for line in lines))
    row.lost += [f"answered {status}: {body}" for status, body in read if status != 200]
    row.lost += [f"answered {status}: {body}" for status, body in made if status != 201]
    row.acknowledged = sum(status == 201 for status, _ in made)
    kept = [line.ask("GET", f"/tasks/{body['data']['gid']}") for line, (_, body) in zip(lines, made, strict=True)]
    row.lost += [
        f"a task that was created was read with {status}" for status, _ in await asyncio.gather(*kept) if status != 200
    ]
    for line in lines:
        line.close()


async def _never_reading(server: Server, who: People, row: Row) -> None:
    """Each asks twenty times for a list of long notes and reads none of it."""
    row.what, row.times = "slow readers: long replies asked for and never read", 200
    line, data = Line(server.port, who.token), {"workspace": who.workspace, "assignee": who.bob, "notes": "x" * 2000}
    for _ in range(10):
        await line.batch([{"method": "post", "relative_path": "/tasks", "data": data}] * 10)
    line.close()
    path = f"/tasks?assignee={who.bob}&workspace={who.workspace}&limit=100&opt_fields=notes"
    async with _opened(server, row.times, small=True) as opened:
        for writer in opened.values():
            writer.write(line.request("GET", path) * 20)
        await asyncio.sleep(4)


async def _never_finishing(server: Server, who: People, row: Row) -> None:
    """A third says nothing, a third sends a head byte by byte, a third a body; all must be cut off."""
    row.what, row.times = "half-open connections, slow heads and bodies", 600
    whole = Line(server.port, who.token).request("POST", "/batch", {"actions": ["x" * 2000]})
    head = whole.index(b"\r\n\r\n") + 4
    begun = time.monotonic()
    async with _opened(server, row.times) as opened:
        begins = dict(zip(opened, [0, 40, head] * (row.times // 3), strict=True))
        for reader, writer in opened.items():
            writer.write(whole[: begins[reader]])
        sent = 0
        while left := [reader for reader, writer in opened.items() if not (reader.at_eof() or writer.is_closing())]:
            if time.monotonic() - begun > CUT_OFF:
                row.lost.append(f"{len(left)} were not cut off within {CUT_OFF} s")
                break
            await asyncio.sleep(0.5)
            await asyncio.gather(*map(_drained, left))
            sent += 1
            for reader in left:
                at = begins[reader] + sent
                opened[reader].write(whole[at : at + 1] if begins[reader] else b"")
    row.notes.append(f"cut off after {time.monotonic() - begun:.0f} s")


async def _drained(reader: asyncio.StreamReader) -> None:
    """Reads what is there; only then is it noticed that the other side hung up."""
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(0.001):
            await reader.read(65_536)


async def _large(server: Server, who: People, row: Row) -> None:
    """Bodies of ten MiB, and one byte more, that are refused once they are understood."""
    line = Line(server.port, who.token)
    actions = line.request("POST", "/batch", {"actions": [{"method": "get", "relative_path": "/users/me"}] * 170_000})
    notes = line.request("POST", "/tasks", {"workspace": who.workspace, "notes": "x" * (BODY - 200)})
    numbers = line.request("POST", "/tasks", {"name": [0] * 3_300_000})
    over = line.request("POST", "/tasks", {"notes": "x" * BODY})
    requests = [actions, notes, numbers, over] * 5
    row.what, row.times = "bodies of 10 MiB at once", len(requests)
    await _refused(server, row, requests)


async def _held_back(server: Server, who: People, row: Row) -> None:
    """Bodies of which the last byte is kept back: what many hold at once must be bounded as well."""
    row.what, row.times = "bodies of 10 MiB, their last byte kept back", 60
    data = {"workspace": who.workspace, "notes": "x" * (BODY - 200)}
    request = Line(server.port, who.token).request("POST", "/tasks", data)

    async def answered() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            writer.write(request[:-1])
            await writer.drain()
            await asyncio.sleep(KEPT_BACK)
            writer.write(request[-1:])
            return int((await reader.readline()).split()[1])
        finally:
            writer.close()

    statuses = Counter(await asyncio.gather(*(answered() for _ in range(row.times))))
    row.lost += (
        [] if set(statuses) == {400, 503} else [f"answered {dict(statuses)}, and some 400 and 503 were expected"]
    )
    row.notes.append(", ".join(f"{number} x {status}" for status, number in sorted(statuses.items())))


async def _deep(server: Server, who: People, row: Row) -> None:
    """JSON that nests as deep as a body is long, and just too deep."""
    head = Line(server.port, who.token).request("POST", "/tasks", "")
    head = head[: head.index(b"Content-Length")]
    bodies = [b"[" * BODY, b'{"data":' * (BODY // 8), b'{"data":' + b"[" * 500 + b"]" * 500 + b"}"] * 5
    requests = [head + b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies]
    row.what, row.times = "deep JSON at once", len(requests)
    await _refused(server, row, requests)


async def _refused(server: Server, row: Row, requests: list[bytes]) -> None:
    """Sends all at once; each must be answered with a 4xx, or a 503 where it's too much at once."""

    async def answered(request: bytes) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            writer.write(request)
            return int((await reader.readline()).split()[1])
        finally:
            writer.close()

    statuses = await asyncio.gather(*map(answered, requests))
    row.lost += [f"answered {each}" for each in statuses if each != 503 and not 400 <= each < 500]
    row.notes.append(", ".join(f"{number} x {status}" for status, number in sorted(Counter(statuses).items())))


@asynccontextmanager
async def _opened(
    server: Server, many: int, *, small: bool = False
) -> AsyncIterator[dict[asyncio.StreamReader, asyncio.StreamWriter]]:
    """So many connections, of which nobody reads. small: the system takes in next to nothing either."""
    made = dict(await asyncio.gather(*(_connected(server, small=small) for _ in range(many))))
    try:
        yield made
    finally:
        for writer in made.values():
            writer.transport.abort()


async def _connected(server: Server, *, small: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    line = socket.socket()
    line.setblocking(False)
    if small:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", server.port))
    return await asyncio.open_connection(sock=line, limit=2048 if small else 65_536)
