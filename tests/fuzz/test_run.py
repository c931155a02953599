"""A short run of what `make fuzz` does at length: a real server, raw connections, hostile input of each sort."""

from __future__ import annotations

from pathlib import Path

from fuzz.asking import SORTS
from fuzz.documented import documented
from fuzz.running import prepared
from torture.servers import people, serving

REQUESTS = 200


async def test_nothing_breaks_a_real_server(database: str, tmp_path: Path) -> None:
    with serving(database, tmp_path) as server:
        async with prepared(server, "test", requests=REQUESTS, minutes=5, saved=tmp_path / "saved") as run:
            tally = await run.done()
    assert tally.faults == []
    assert tally.requests == REQUESTS
    assert len(tally.sorts) == len(SORTS)
    assert {200, 201, 400, 401, 404} <= set(tally.statuses)
    assert {200, 400} <= set(tally.of_actions)


def test_the_document_is_true(tmp_path: Path) -> None:
    """As far as one request to each operation tells."""
    db = str(tmp_path / "documented.db")
    who = people(db)
    with serving(db, tmp_path) as server:
        known = {"workspace": who.workspace, "user": who.ann}
        options = ("--seed", "1", "--phases", "fuzzing", "--max-examples", "1")
        found = documented(f"http://127.0.0.1:{server.port}", who.token, known, tmp_path, *options)
    assert found.told == ""
    assert found.cases > 90
