"""kill -9 of the server under load, again and again; after each start all that was acknowledged must be there."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from torture.evidence import judge
from torture.ledger import Ledger
from torture.load import clients, loading, make_place
from torture.servers import people, serving
from torture.table import Row

CLIENTS = 4
LEAST, MOST = 0.05, 0.8  # seconds of load before a kill


async def kills(title: str, db: str, folder: Path, seed: str, times: int) -> Row:
    """So many kills of a server over the database, whose tables are made."""
    choose, ledger, row = random.Random(seed), Ledger(), Row(title)
    who = await asyncio.to_thread(people, db)
    with serving(db, folder) as server:
        place = await make_place(server.port, who)
        loads = clients(place, ledger, seed, CLIENTS)
        for _ in range(times):
            async with loading(loads, server.port):
                await asyncio.sleep(choose.uniform(LEAST, MOST))
                server.kill()
            server.start()
            row.judged(judge(db, ledger, (who.ann, who.bob), place.project))
        row.notes.append(f"slowest start {server.start_seconds:.1f} s")
    return row.told(times, ledger)
