"""The benchmark believes no figure that it didn't check; here its own checks are checked."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bench import data, load, plot, same, sampling, statements, wire
from bench.manifest import Manifest
from bench.results import Goal, Result, tables
from bench.rounds import Faulty, Figures

from batchwright.resources import KINDS
from batchwright.store import databases

TASK = {"gid": "1", "memberships": [1, 2], "projects": [1, 2], "followers": [1, 2, 3], "tags": [1, 2], "likes": [1]}


@pytest.fixture
def filled(tmp_path: Path) -> tuple[Path, Manifest]:
    file = tmp_path / "filled.db"
    return file, data.fill(file, 40)


def test_filled_databases_are_sound_and_alike(filled: tuple[Path, Manifest], tmp_path: Path) -> None:
    file, manifest = filled
    assert databases.check(str(file), KINDS) == []
    assert data.fill(tmp_path / "again.db", 40) == manifest
    assert len(manifest.tasks) == 40


async def test_a_batch_of_ten_costs_hardly_more_statements_than_one(
    filled: tuple[Path, Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "connect", sqlite3.connect)  # so that it is put back
    found = await statements.count(str(filled[0]), filled[1])
    assert found["a batch of ten reads"]["statements"] <= found["one read"]["statements"] + 2
    assert found["one read"]["commits"] == found["a batch of ten reads"]["commits"] == 0
    assert found["one create"]["commits"] == found["a batch of ten creates"]["commits"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"body": {"data": TASK}, "headers": {}, "status_code": 200}]},
        [{"code": 200, "body": json.dumps({"data": TASK})}],
        [{"data": TASK}],
        {"data": TASK},
    ],
    ids=["asana", "django", "bassmaster", "single"],
)
def test_records_are_found_in_every_sort_of_reply(body: Any) -> None:
    assert wire.records(json.dumps(body).encode()) == [TASK]


def _replies(**others: Any) -> dict[str, list[str]]:
    return {"ours": [json.dumps({"data": TASK})], "theirs": [json.dumps({"data": TASK | others})]}


def test_sides_that_answer_alike_are_compared() -> None:
    assert same.check(_replies(), "reads") == 1
    assert same.check(_replies(gid="2", created_at="later"), "creates") == 1


@pytest.mark.parametrize("others", [{"name": "x"}, {"tags": [2, 1]}, {"gid": "2"}], ids=["field", "order", "nothing"])
def test_sides_that_differ_are_no_figures(others: Any) -> None:
    with pytest.raises(Faulty):
        same.check(_replies(**others), "reads")


def test_a_record_that_lacks_something_is_no_figure() -> None:
    with pytest.raises(Faulty, match="followers"):
        same.check({"ours": [json.dumps({"data": TASK | {"followers": []}})]}, "reads")


@pytest.mark.parametrize("good", [True, False])
async def test_the_load_counts_whole_replies_and_finds_bad_ones(tmp_path: Path, good: bool) -> None:
    Manifest(tasks=[1, 2, 3]).write(tmp_path / "manifest.json")
    body = b'{"data":{"permalink_url":1}}' if good else b'{"errors":[]}'

    gone: list[asyncio.Future[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone.append(asyncio.get_running_loop().create_future())
        mine = gone[-1]
        while await reader.read(1000):
            for part in (b"HTTP/1.1 200 OK\r\nContent-", b"Length: %d\r\n\r\n" % len(body), body[:5], body[5:]):
                writer.write(part)
                await asyncio.sleep(0)
        writer.close()
        mine.set_result(None)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    job = load.Job(port, str(tmp_path / "manifest.json"), "reads", 0, 2, 0.05, 0, samples=2, warmup=0)
    done = await load.perform(job)
    await asyncio.gather(*gone)
    server.close()
    assert bool(done.faults) is not good
    assert (done.requests > 0) is good
    assert done.samples == ([body.decode()] * 2 if good else [])


def test_stacks_are_counted_for_the_innermost_layer() -> None:
    stacks = [
        "run (asyncio/runners.py:118);perform (batchwright/engine/pipeline.py:9);msg (structlog/_output.py:3) 3",
        "run (asyncio/runners.py:8);_read (batchwright/store/sqlite.py:8);grouped (batchwright/store/coalesce.py:7) 1",
    ]
    found = {name: share for name, share in sampling.shares(stacks).items() if share}
    assert found == {"log lines": 0.75, "SQLite: reading": 0.25}


def test_results_become_tables_and_pictures() -> None:
    figures = [
        Figures(f"{name}, reads", rate, rate - 1, rate + 1, 1.5, 2.5, 100, 90, 0.1)
        for name, rate in (("Batchwright", 300.0), ("a < b", 100.0))
    ]
    result = Result("peers", "Peers", figures, [Goal("reads", 2.5, 3.0), Goal("time", 2, 3.0, most=True)])
    result.shares = {"reads": {"log lines": 0.75, "other": 0.25}}
    result.statements = {"one read": {"statements": 20, "commits": 0}}
    text = tables([result], {"cores": 2})
    assert "| reads | at least 2.5x | 3.00x | yes |" in text
    assert "| time | at most 2x | 3.00x | **no** |" in text
    assert "| log lines | 75% |" in text
    for picture in (plot.bars([result]), plot.layers([result])):
        assert ElementTree.fromstring(picture).tag.endswith("svg")
