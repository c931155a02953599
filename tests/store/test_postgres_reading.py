"""How PostgreSQL is read: what one asks for at once as one statement, which is planned once; and what comes of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from tests import postgres
from tests.toys import nothing

from batchwright.model.changes import Changes, Insert
from batchwright.model.conditions import Reading
from batchwright.model.fields import flag, json, moment, number, ref, text, whole
from batchwright.model.kinds import Kind, Kinds
from batchwright.model.views import Rows
from batchwright.resources import KINDS as ALL
from batchwright.store import postgres as reading
from batchwright.store import postgres_schema, readers
from batchwright.store.postgres import PostgresStore
from batchwright.store.readers import Readers
from batchwright.store.statements import statements

SAMPLE = Kind(
    "sample",
    "samples",
    (
        text("name", nullable=True),
        flag("good"),
        moment("at", nullable=True),
        number("size", nullable=True),
        whole("many", nullable=True),
        json("more", nullable=True),
        ref("beside", "sample"),
    ),
)
KINDS = Kinds((SAMPLE,))
ROWS: dict[int, dict[str, Any]] = {
    1: {"name": "", "good": True, "at": 0, "size": 2.0, "many": 2, "more": "{}", "beside": None},
    2: {"name": "\"'\\\n\t{}[]%s %(keys)s", "good": False, "at": None, "size": 1e-7, "many": None, "more": None},
    3: {"name": "ä 蝙蝠 🦇 \x7f\x1f", "good": False, "at": 2**62, "size": 1.1e300, "many": -1, "more": '["\\u0000"]'},
    2**63 - 1: {"name": None, "good": True, "at": 1, "size": None, "many": 2**53 + 1, "more": "null", "beside": 1},
}
GIDS = (*ROWS, 4)
WHOLE = Reading("sample", columns=tuple(each.name for each in SAMPLE.columns))
BY_NAME = Reading("sample", "name", ("gid", "name"), "gid")
NUMBER = Reading("sample", "good", count=True)
BESIDE = Reading("sample", "beside", ("gid",))


@pytest.fixture
async def store(postgres_database: str) -> AsyncIterator[PostgresStore]:
    """A store of samples."""
    with psycopg.connect(postgres.emptied(postgres_database), autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS samples CASCADE")
        connection.execute("CREATE SCHEMA samples")
    apart = f"{postgres_database}&options=-csearch_path%3Dsamples"
    postgres_schema.upgrade(apart, KINDS)
    made = PostgresStore(apart, KINDS, nothing)
    rows = tuple(Insert("sample", gid, {"beside": None} | values) for gid, values in ROWS.items())
    await made.commit(Changes(rows, 0, 0))
    yield made
    await made.close()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are read by."""
    heard: list[str] = []
    execute = psycopg.AsyncConnection.execute

    async def listening(self: Any, query: Any, *given: Any, **options: Any) -> Any:
        heard.append(str(query).replace(readers.ONE_PLAN, "by keys"))
        return await execute(self, query, *given, **options)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", listening)
    return heard


async def together(store: PostgresStore) -> list[Rows]:
    """What one asks for at once."""
    names = [row["name"] for row in ROWS.values() if row["name"] is not None]
    asked = ((WHOLE, GIDS), (BY_NAME, names), (NUMBER, (True, False)), (BESIDE, (1, 2)))
    return [await each for each in [store.fetch(reading, 0, keys) for reading, keys in asked]]


async def test_rows_that_are_read_together_are_those_that_are_read_apart(
    store: PostgresStore, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await together(store)
    assert len([text for text in sent if text.startswith("SELECT")]) == 1
    sent.clear()
    monkeypatch.setattr(reading, "KEYS_TOGETHER", 0)
    apart = await together(store)
    assert len([text for text in sent if text.startswith("SELECT")]) == 4
    assert repr(found) == repr(apart)  # which tells a 2 from a 2.0
    assert found[0] == {gid: [tuple(values.get(name) for name in WHOLE.columns)] for gid, values in ROWS.items()} | {
        4: []
    }
    assert found[2:] == [{True: [(2,)], False: [(2,)]}, {1: [(GIDS[3],)], 2: []}]


async def test_what_several_ask_for_goes_by_who_asks_and_each_has_an_answer(
    store: PostgresStore, sent: list[str]
) -> None:
    async def another() -> Rows:
        return await store.fetch(NUMBER, 0, (True,))

    found, rows = await asyncio.gather(together(store), another())
    assert rows == {True: [(2,)]}
    assert found[2] == {True: [(2,)], False: [(2,)]}
    assert len([text for text in sent if text.startswith("SELECT")]) == 1


async def test_a_key_that_the_database_cannot_take_fails_alone(store: PostgresStore) -> None:
    asked = [store.fetch(WHOLE, 0, (1,)), store.fetch(BY_NAME, 0, ("\0",)), store.fetch(NUMBER, 0, (True,))]
    with pytest.raises(psycopg.DataError):
        await asked[1]
    assert list((await asked[0])[1][0])[:3] == ["", True, 0]
    assert await asked[2] == {True: [(2,)]}


async def test_keys_are_looked_up_by_one_plan_until_it_is_old(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch, sent: list[str]
) -> None:
    async def plans() -> set[tuple[int, int]]:
        text = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE 'SELECT t0%'"
        return set(await store._readers.read(lambda connection: fetched(connection, text)))

    for _ in range(3):
        await store.fetch(WHOLE, 0, (1,))
    assert await plans() == {(0, 3)}
    assert sent.count("by keys") == 1
    assert readers.NEW_PLANS not in sent
    monkeypatch.setattr(readers, "PLANNED_SECONDS", -1.0)
    await store.fetch(WHOLE, 0, (1,))
    assert readers.NEW_PLANS in sent
    assert store._writing.execute("SHOW plan_cache_mode").fetchone() == ("force_generic_plan",)


async def test_queries_are_planned_for_their_values(postgres_database: str) -> None:
    for by_keys, mode in ((True, "force_generic_plan"), (False, "auto")):
        connections = Readers(postgres_database, 1, by_keys=by_keys)
        found = await connections.read(lambda connection: fetched(connection, "SHOW plan_cache_mode"))
        await connections.close()
        assert found == [(mode,)]


async def fetched(connection: Any, text: str) -> list[tuple[Any, ...]]:
    """What a statement finds."""
    return list(await (await connection.execute(text)).fetchall())


@pytest.mark.parametrize("kind", [kind for kind in ALL.of if kind.visible], ids=lambda kind: kind.name)
def test_rows_are_looked_at_one_by_one_whatever_is_known_of_the_tables(postgres_database: str, kind: Kind) -> None:
    deeds = ("", *(deed.name for deed in kind.deeds))
    texts = [statements(ALL, reading.DIALECT).reading(Reading(kind.name, visible=True, deed=deed)) for deed in deeds]
    with psycopg.connect(postgres.emptied(postgres_database), autocommit=True) as connection:
        connection.execute(readers.ONE_PLAN.encode())
        for number, text in enumerate(texts):
            named = text.replace("%(keys)s", "$1").replace("%(me)s", "$2").replace("CAST($1 AS BIGINT[])", "$1")
            connection.execute(f"PREPARE s{number} (bigint[], bigint) AS {named}".encode())
            plan = "".join(row[0] for row in connection.execute(f"EXPLAIN EXECUTE s{number} ('{{1}}', 1)".encode()))
            assert not re.search("Seq Scan|Hash|hashed|Merge", plan), plan


def test_no_row_has_more_columns_than_a_function_of_postgresql_takes() -> None:
    assert max(len(kind.columns) for kind in ALL.of) < 99
