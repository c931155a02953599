"""Redis, where several processes share their limits, is killed or hangs under load, and is started again."""

from __future__ import annotations

import asyncio
import random
from contextlib import ExitStack
from pathlib import Path

from tests import redis

from torture.evidence import judge
from torture.ledger import Ledger
from torture.load import Client, clients, loading, make_place, served_again
from torture.servers import people, serving
from torture.table import Row

CLIENTS = 4
MOST = 0.5  # seconds of load before Redis goes
AWAY = 1.5  # seconds without it


async def redis_gone(db: str, folder: Path, seed: str, times: int, otherwise: str) -> Row:
    """So often Redis goes. otherwise: the setting of what is to happen then, alone or refuse."""
    choose, ledger = random.Random(seed), Ledger()
    row = Row(f"Redis gone, {otherwise} without it")
    who = await asyncio.to_thread(people, db)
    with redis.folder() as sockets, ExitStack() as there:
        running = there.enter_context(redis.running(sockets))
        with serving(db, folder, limits="paid", redis=running.url, limits_without_redis=otherwise) as server:
            place = await make_place(server.port, who)
            loads = clients(place, ledger, seed, CLIENTS)
            async with loading(loads, server.port, stay=True):
                for number in range(times):
                    row.lost += await served_again(loads)
                    await asyncio.sleep(choose.uniform(0, MOST))
                    (running.hang if number % 2 else running.kill)()
                    row.lost += await _without(loads, ledger, otherwise)
                    there.close()
                    running = there.enter_context(redis.running(sockets))
                row.lost += await served_again(loads)
            row.judged(judge(db, ledger, who, place.project))
    return row.told(times, ledger)


async def _without(loads: list[Client], ledger: Ledger, otherwise: str) -> list[str]:
    """What must happen while it is away: everybody is served, or everybody is refused and told to come again."""
    before = ledger.counts["503"]
    if otherwise == "alone":
        late = await served_again(loads)
        return late + (["a client was refused"] if ledger.counts["503"] > before else [])
    await asyncio.sleep(AWAY)
    return [] if ledger.counts["503"] > before else ["nobody was refused"]
