"""kill -9 of a server under load, again and again; after each start all that was acknowledged must be there."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from torture.evidence import judge
from torture.keys import Keyed, all_answered
from torture.ledger import Ledger
from torture.load import clients, loading, make_place, served_again
from torture.servers import people, serving
from torture.table import Row

CLIENTS = 4
MOST = 0.6  # seconds of load until a kill
AT_ONCE = 0.25  # the share of kills that come before anything has been answered


async def kills(title: str, db: str, folder: Path, seed: str, times: int, **settings: str) -> Row:
    """So many kills of a server over the database, whose tables are made."""
    choose, ledger, row = random.Random(seed), Ledger(), Row(title)
    who = await asyncio.to_thread(people, db)
    with serving(db, folder, **settings) as server:
        place = await make_place(server.port, who)
        loads = clients(place, ledger, seed, CLIENTS)
        for _ in range(times):
            async with loading(loads, server.port):
                if choose.random() > AT_ONCE:
                    row.lost += await served_again(loads)
                await asyncio.sleep(choose.uniform(0, MOST))
                server.kill()
            server.start()
            row.judged(judge(db, ledger, who, place.project))
        row.notes.append(f"slowest start {server.start_seconds:.1f} s")
    return row.told(times, ledger)


async def keyed_kills(title: str, db: str, folder: Path, seed: str, times: int, **settings: str) -> Row:
    """The same, and clients send again what wasn't answered, with the same keys: in the end nothing is unknown."""
    choose, ledger, row = random.Random(seed), Ledger(), Row(title)
    who = await asyncio.to_thread(people, db)
    with serving(db, folder, **settings) as server:
        place = await make_place(server.port, who)
        loads = [Keyed(number, place, ledger, random.Random(f"{seed} {number}")) for number in range(CLIENTS)]
        for _ in range(times):
            async with loading(loads, server.port):
                if choose.random() > AT_ONCE:
                    row.lost += await served_again(loads)
                await asyncio.sleep(choose.uniform(0, MOST))
                server.kill()
            server.start()
        async with loading(loads, server.port):
            row.lost += await served_again(loads)
        row.lost += all_answered(loads)
        server.kill()
        verdict = judge(db, ledger, who, place.project)
    row.notes.append(f"{ledger.counts['sent again']} batches sent again, {ledger.counts['replayed']} actions replayed")
    row.judged(verdict)
    return row.told(times, ledger)


async def one_of_two(db: str, folder: Path, seed: str, times: int) -> Row:
    """Two servers on one file, each with half of the clients; so often one of them is killed and started again."""
    choose, ledger, row = random.Random(seed), Ledger(), Row("one of two servers on one file killed")
    longest = 0.0
    who = await asyncio.to_thread(people, db)
    with serving(db, folder) as one, serving(db, folder) as other:
        place = await make_place(one.port, who)
        loads = clients(place, ledger, seed, CLIENTS)
        async with loading(loads, one.port, other.port, stay=True):
            for number in range(times):
                row.lost += await served_again(loads)
                await asyncio.sleep(choose.uniform(0, MOST))
                victim, survivor = (one, other) if number % 2 else (other, one)
                victim.kill()
                killed = time.monotonic()
                # The clients of the one that lives go on at once, and not only when the other one is back.
                row.lost += await served_again(loads[(survivor is other) :: 2])
                longest = max(longest, time.monotonic() - killed)
                await asyncio.to_thread(victim.start)
            row.lost += await served_again(loads)
        row.judged(judge(db, ledger, who, place.project))
    row.notes.append(f"the other one's clients waited {longest:.1f} s at most")
    return row.told(times, ledger)
