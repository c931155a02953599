"""What our server leans on goes away under load and comes back; our server isn't restarted."""

from __future__ import annotations

import asyncio
import random
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import Cluster

from torture.evidence import judge
from torture.ledger import Ledger
from torture.load import clients, loading, make_place, served_again
from torture.servers import People, Server, people, serving
from torture.table import Row
from torture.wire import Line

CLIENTS = 4
DISK = 64 * 1024 * 1024  # bytes; the write-ahead log alone takes a quarter
FULL = 1.0  # seconds a disk is full
LEAST, MOST = 0.2, 0.8  # seconds of load before an outage


async def postgres_restarts(cluster: Cluster, db: str, folder: Path, seed: str, times: int) -> Row:
    """PostgreSQL is stopped and started so often: cleanly, and as if it crashed, in turn."""
    choose, ledger, row = random.Random(seed), Ledger(), Row("PostgreSQL restarted")
    away = late = 0.0
    who = await asyncio.to_thread(people, db)
    with serving(db, folder) as server:
        place = await make_place(server.port, who)
        loads = clients(place, ledger, seed, CLIENTS)
        async with loading(loads, server.port, stay=True):
            for number in range(times):
                await asyncio.sleep(choose.uniform(LEAST, MOST))
                begun = time.monotonic()
                await asyncio.to_thread(cluster.restart, ("immediate", "fast")[number % 2])
                back = time.monotonic()
                row.lost += await served_again(loads)
                away, late = max(away, back - begun), max(late, time.monotonic() - back)
        row.judged(judge(db, ledger, who, place.project))
        row.lost += [] if server.alive() else ["our server ended"]
    row.notes.append(f"away for {away:.1f} s at most, everybody served {late:.1f} s later at most")
    return row.told(times, ledger)


@dataclass
class Disk:
    """A small file system, or without the right to mount one, a bound on how large the server's files may grow."""

    folder: Path
    server: Server
    mounted: bool

    def fill(self) -> None:
        """Leaves nothing."""
        if self.mounted:
            with suppress(OSError), (self.folder / "ballast").open("wb", buffering=0) as ballast:
                while True:
                    ballast.write(bytes(4096))
        else:
            self._bound(max(each.stat().st_size for each in self.folder.iterdir()))

    def free(self) -> None:
        """Gives the space back."""
        if self.mounted:
            (self.folder / "ballast").unlink()
        else:
            self._bound(resource.RLIM_INFINITY)

    def _bound(self, size: int) -> None:
        assert self.server.process is not None
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mounts one at the folder; whether that was allowed."""
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "torture", str(folder)]
    mounted = subprocess.run(mounting, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", folder], check=True)


async def disk_full(folder: Path, seed: str, times: int) -> Row:
    """So often the disk of the embedded database is full for a while; reads must go on."""
    choose, ledger, row = random.Random(seed), Ledger(), Row("disk full, SQLite")
    with small_disk(folder / "disk") as mounted:
        db = str(folder / "disk" / "full.db")
        who = await asyncio.to_thread(people, db)
        with serving(db, folder) as server:
            disk = Disk(folder / "disk", server, mounted)
            place = await make_place(server.port, who)
            loads = clients(place, ledger, seed, CLIENTS)
            async with loading(loads, server.port, stay=True):
                for _ in range(times):
                    row.lost += await served_again(loads)
                    await asyncio.sleep(choose.uniform(0, MOST))
                    disk.fill()
                    row.lost += await _while_full(server, who, ledger)
                    disk.free()
                row.lost += await served_again(loads)
            row.judged(judge(db, ledger, who, place.project))
            row.lost += [] if server.alive() else ["our server ended"]
    row.notes.append("a tmpfs" if mounted else "a bound on the size of files")
    return row.told(times, ledger)


async def _while_full(server: Server, who: People, ledger: Ledger) -> list[str]:
    """Reads are answered for a while, points and lists; writes are refused, which the clients look at."""
    line, wrong = Line(server.port, who.token), []
    refused = ledger.counts["500"]
    end = time.monotonic() + FULL
    while time.monotonic() < end:
        for path in ("/users/me", f"/tasks?assignee=me&workspace={who.workspace}&limit=5"):
            status, body = await line.ask("GET", path)
            if status != 200:
                wrong.append(f"GET {path} was answered {status} while the disk was full: {body}")
        await asyncio.sleep(0.02)
    line.close()
    return wrong + ([] if ledger.counts["500"] > refused else ["no write was refused while the disk was full"])
