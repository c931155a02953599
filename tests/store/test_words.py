"""The index of the parts of words: nothing is found that isn't there, nothing is missed that is, and it is used."""

from __future__ import annotations

import random
from contextlib import closing

from tests.world import World

from batchwright.model import gids, moments
from batchwright.model.calls import Caller
from batchwright.model.changes import Change, Changes, Insert, Remove, Set
from batchwright.model.conditions import Contains, Order, Query, equals
from batchwright.resources import KINDS
from batchwright.store import postgres_schema, schema
from batchwright.store.views import Committed
from batchwright.store.words import sought

TASK = KINDS["task"]
# Few different characters, so that words are found by chance, among them those that mean something in a query.
SIGNS = "aAbß\"'*-%_\\:(é\U0001f600"
SPACES = "  \n"
WORDS = ("AND", "NOT", "NEAR", "name", "task")
QUERY = Query("task", (Contains(("name", "notes"), "report"),), visible=False, order=(Order(Contains(("name",), "x")),))


def text(draw: random.Random) -> str:
    if draw.random() < 0.1:
        return draw.choice(WORDS)
    return "".join(draw.choice(SIGNS + SPACES) for _ in range(draw.randrange(9)))


def holds(name: str, notes: str, asked: str, *, whole: bool) -> bool:
    texts = [name.casefold(), notes.casefold()] if whole else [name.casefold()]
    return all(any(word.casefold() in each for each in texts) for word in asked.split())


async def test_what_is_found_is_what_holds_the_words(world: World) -> None:
    """Through rows that come, change and go."""
    draw = random.Random(3)
    rows: dict[int, dict[str, str]] = {}
    view = Committed(world.store, Caller(int(world.ann.gid), ""))
    for _ in range(12):
        changes: list[Change] = []
        for gid in draw.sample(sorted(rows), len(rows) // 3):
            if draw.random() < 0.4:
                changes.append(Remove("task", gid))
                del rows[gid]
            else:
                values = {draw.choice(("name", "notes")): text(draw)}
                rows[gid] |= values
                changes.append(Set("task", gid, values))
        for _ in range(10):
            gid = gids.make()
            rows[gid] = {"name": text(draw), "notes": text(draw)}
            made = {each.name: each.default for each in TASK.columns} | {"workspace": int(world.workspace)}
            changes.append(Insert("task", gid, made | rows[gid]))
        await world.store.commit(Changes(tuple(changes), 0, moments.now()))
        for _ in range(15):
            asked, whole = text(draw) + draw.choice(("", " ", text(draw))), draw.random() < 0.7
            condition = Contains(("name", "notes") if whole else ("name",), asked)
            found = await view.select(
                Query("task", (condition, equals("workspace", int(world.workspace))), visible=False)
            )
            expected = [gid for gid, row in sorted(rows.items()) if holds(**row, asked=asked, whole=whole)]
            assert [row[0] for row in found] == expected, (asked, whole)


def test_words_that_the_index_does_not_know() -> None:
    """They are too short, or are looked for in other texts."""
    for said, columns in (("ab", ("name",)), ("", ("name",)), ("report", ("name", "html_notes")), ("a\0b", ("name",))):
        assert sought(TASK, (Contains(columns, said),)) == ""
    assert sought(TASK, (Contains(("name",), 'Ab"c'),)) == '"ab""" AND "b""c"'
    assert sought(TASK, (Contains(("name",), "x" * 9 + " " + "".join(map(str, range(90)))),)).count(" AND ") == 59


async def test_the_index_is_used(world: World, database: str) -> None:
    words, parameters = world.store._statements.query(QUERY, ())  # type: ignore[attr-defined]
    if "://" in database:
        with postgres_schema.connect(database) as connection:
            connection.execute("SET enable_seqscan = off")
            plan = str(connection.execute(f"EXPLAIN {words}".encode(), parameters).fetchall())
        assert "ix_task_words" in plan
        return
    with closing(schema.connect(database)) as connection:
        plan = str(connection.execute(f"EXPLAIN QUERY PLAN {words}", parameters).fetchall())
        connection.execute("INSERT INTO task_words (task_words) VALUES ('integrity-check')")
    assert "task_words VIRTUAL TABLE" in plan
    assert "t0 USING INTEGER PRIMARY KEY (rowid=?)" in plan
