"""What our server leans on goes away under load and comes back; our server isn't restarted."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from tests.postgres import Cluster

from torture.evidence import judge
from torture.ledger import Ledger
from torture.load import Client, clients, loading, make_place
from torture.servers import people, serving
from torture.table import Row

CLIENTS = 4
LEAST, MOST = 0.2, 0.8  # seconds of load before an outage
AFTERWARDS = 20  # seconds within which all clients must be served again


async def postgres_restarts(cluster: Cluster, db: str, folder: Path, seed: str, times: int) -> Row:
    """PostgreSQL is stopped and started so often: cleanly, and as if it crashed, in turn."""
    choose, ledger, row = random.Random(seed), Ledger(), Row("PostgreSQL restarted")
    who = await asyncio.to_thread(people, db)
    with serving(db, folder) as server:
        place = await make_place(server.port, who)
        loads = clients(place, ledger, seed, CLIENTS)
        async with loading(loads, server.port, stay=True):
            for number in range(times):
                await asyncio.sleep(choose.uniform(LEAST, MOST))
                await asyncio.to_thread(cluster.restart, ("immediate", "fast")[number % 2])
                row.lost += await served_again(loads)
        row.judged(judge(db, ledger, (who.ann, who.bob), place.project))
        row.lost += [] if server.alive() else ["our server ended"]
    row.notes.append(f"longest time without an answer {max(each.waited for each in loads):.1f} s")
    return row.told(times, ledger)


async def served_again(loads: list[Client]) -> list[str]:
    """Waits until every client's batches succeed again; tells if they don't."""
    before = [each.good for each in loads]
    give_up = time.monotonic() + AFTERWARDS
    while not all(each.good > was for each, was in zip(loads, before, strict=True)):
        if time.monotonic() > give_up:
            return [f"some clients weren't served again within {AFTERWARDS} s"]
        await asyncio.sleep(0.01)
    return []
