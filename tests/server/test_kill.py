"""kill -9 under load, a few seconds of what `make torture` does at length; and that its judge finds what is lost."""

from __future__ import annotations

import asyncio
from contextlib import closing
from copy import deepcopy
from pathlib import Path

from torture.evidence import judge
from torture.kills import CLIENTS, kills
from torture.ledger import Ledger
from torture.load import clients, loading, make_place, served_again
from torture.servers import people, serving

from batchwright.store.sqlite import connect

KILLS = 2


async def test_nothing_is_lost_when_the_server_is_killed(database: str, tmp_path: Path) -> None:
    row = await kills("kill -9", database, tmp_path, "make test", KILLS)
    assert row.lost == []
    assert row.times == KILLS


TAMPERING = {
    "a task": "DELETE FROM task WHERE gid = :gid",
    "one of two columns": "UPDATE task SET notes = 'another' WHERE gid = :gid",
    "a moment": "UPDATE task SET completed_at = 1 WHERE gid = :gid",
    "a place": "DELETE FROM membership WHERE task = :gid",
    "a follower": "DELETE FROM task_followers WHERE owner = :gid AND target <> :ann",
    "a story": "DELETE FROM story WHERE gid = (SELECT max(gid) FROM story WHERE target = :gid)",
    "an event": "DELETE FROM event WHERE gid = (SELECT max(gid) FROM event WHERE stream = :gid)",
    "an event of no change": """INSERT INTO event (gid, stream, told)
        SELECT 1, gid, json_array(json_array(json_array('task', gid), 'changed', NULL, json('{"field": "name"}')))
        FROM task WHERE gid = :gid""",
    "an event of no task": 'INSERT INTO event (gid, stream, told) VALUES (1, 1, \'[[["task", 1], "deleted"]]\')',
}


async def test_whatever_is_lost_is_found(tmp_path: Path) -> None:
    """What is broken here, each by itself, is what a half-applied action would leave behind."""
    db, ledger = tmp_path / "whole.db", Ledger()
    who = await asyncio.to_thread(people, str(db))
    with serving(str(db), tmp_path) as server:
        place = await make_place(server.port, who)
        loads = clients(place, ledger, "make test", CLIENTS)
        async with loading(loads, server.port):
            for _ in range(3):
                assert await served_again(loads) == []
    assert judge(str(db), deepcopy(ledger), who, place.project).lost == []
    track = next(each for each in ledger.tracks if each.usable and len(each.sections) > 1 and not each.completed)
    for number, (what, statement) in enumerate(TAMPERING.items()):
        broken = tmp_path / f"broken{number}.db"
        with closing(connect(str(db))) as whole, closing(connect(str(broken))) as copy:
            whole.backup(copy)
            assert copy.execute(statement, {"gid": int(track.gid), "ann": int(who.ann)}).rowcount == 1, what
        assert judge(str(broken), deepcopy(ledger), who, place.project).lost, what
