"""Every list, search and typeahead reads by an index: the plans of the statements that the store really runs.

No list here names the operations: all of the catalogue that read are asked, with every parameter they take.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import combinations
from pathlib import Path
from typing import Any

from tests.api.asking import Known, asked
from tests.store.filling import fill
from tests.world import World, open_world

from batchwright.engine.replies import BASE_PATH
from batchwright.model.conditions import Query, Reading
from batchwright.model.fields import Type
from batchwright.model.operations import Operation
from batchwright.model.views import Key, Rows
from batchwright.resources import KINDS, OPERATIONS
from batchwright.settings import Settings
from batchwright.store import postgres_schema, schema
from batchwright.store.tables import tables

READING = [each for each in OPERATIONS if each.built and each.method == "GET"]
TABLES = frozenset(tables(KINDS).tables)
# Tables that an operation may read from one end on, and why that is cheap.
NEWEST = "the newest event alone, from the end of the log"
WHOLE: Mapping[tuple[str, str], str] = {
    (operation, "event"): NEWEST for operation in ("getEvents", "getEventsForTask", "getEventsForProject")
}
# As few choices as possible but by an index: what is left of other ways has none.
ONLY_BY_INDEX = ("seqscan", "hashjoin", "mergejoin", "material")

# A thousand times as many rows, and as many different values where there are more than a few.
AS_IF_MORE = (
    "UPDATE pg_class SET reltuples = reltuples * 1000 WHERE reltuples > 0",
    "UPDATE pg_statistic SET stakind1 = 0, stakind2 = 0, stadistinct = stadistinct * 1000 WHERE stadistinct > 5",
)
MOST_PAIRED = 12  # parameters of an operation that are asked in pairs

Statement = tuple[str, Mapping[str, Any]]


class Listening:
    """Takes down the statements of a store. now: the operation that runs."""

    def __init__(self, store: Any) -> None:
        self.store, self.now = store, ""
        self.heard: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._select, self._fetch = store.select, store.fetch
        store.select, store.fetch = self.select, self.fetch

    async def select(self, query: Query, caller: int, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """A query."""
        text, parameters = self.store._statements.query(query, columns)
        self.heard.setdefault((self.now, text), parameters | {"me": caller})
        found: list[tuple[Any, ...]] = await self._select(query, caller, columns)
        return found

    def fetch(self, reading: Reading, caller: int, keys: Iterable[Key]) -> Awaitable[Rows]:
        """Point reads."""
        wanted = tuple(keys)
        text, bound = self.store._statements.reading(reading), self.store._statements.bound(wanted[:10])
        if wanted:
            self.heard.setdefault((self.now, text), {"keys": bound, "me": caller})
        answer: Awaitable[Rows] = self._fetch(reading, caller, wanted)
        return answer


async def listened(world: World, shown: Mapping[str, str]) -> Listening:
    """Asks every operation that reads, also for the second page; and who may do what to which row."""
    listening = Listening(world.store)
    for operation in READING:
        listening.now = operation.id
        requests = list(asked(operation, Known({}, shown, "task 12")))
        for path in dict.fromkeys(each.path for each in requests):
            for query in _combined(operation, [each.query for each in requests if each.path == path]):
                await _asked(world, operation, path, query)
    listening.now = "deeds"
    for kind in KINDS.of:
        for deed in kind.deeds:
            await world.store.fetch(Reading(kind.name, visible=True, deed=deed.name), int(world.ann.gid), (1, 2, 3))
    return listening


def _combined(operation: Operation, queries: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One parameter at a time, and two of them; of the many filters of a search only words and orders go together."""
    types = {each.name: each.type for each in operation.params}
    wanted = {Type.TEXT, Type.CHOICE} if len(types) > MOST_PAIRED else set(Type)
    pairs = [{**one, **other} for one, other in combinations(queries, 2) if one.keys() != other.keys()]
    kept = [each for each in pairs if {Type.CHOICE} != {types[name] for name in each} <= wanted]
    return [dict(each) for each in queries] + kept


async def _asked(world: World, operation: Operation, path: str, query: Mapping[str, Any]) -> None:
    given = {name: ",".join(value) if isinstance(value, list) else value for name, value in query.items()}
    body = await _got(world, path, given)
    if operation.paged:
        body = await _got(world, path, given | {"limit": 2})
    if body.get("next_page"):
        await _got(world, path, given | {"limit": 2, "offset": body["next_page"]["offset"]})
    elif "sync" in body:
        await _got(world, path, given | {"sync": body["sync"]})


async def _got(world: World, path: str, query: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {world.ann.token}"}
    response = await world.ann.http.get(BASE_PATH + path, params=query, headers=headers)
    assert response.status_code < 500, response.text
    body: dict[str, Any] = response.json()
    return body


def whole_on_sqlite(db: str, statements: Iterable[Statement], *, analyzed: bool) -> Iterator[set[str]]:
    """The tables of each statement that are read from one end to the other."""
    if analyzed:
        _analyze(db)
    with closing(schema.connect(db)) as connection:
        for text, parameters in statements:
            steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", parameters)]
            names = _aliases(text)
            scanned = [step.split()[1] for step in steps if step.startswith("SCAN") or "AUTOMATIC" in step]
            yield {names.get(each, each) for each in scanned} & TABLES


def _analyze(db: str) -> None:
    """The planner is told that there are a thousand times as many rows, as of a thousand times as many workspaces."""
    with closing(schema.connect(db)) as connection:
        connection.execute("ANALYZE")
        for row, stat in connection.execute("SELECT rowid, stat FROM sqlite_stat1").fetchall():
            count, _, each = stat.partition(" ")
            connection.execute("UPDATE sqlite_stat1 SET stat = ? WHERE rowid = ?", (f"{count}000 {each}".strip(), row))


def whole_on_postgres(db: str, statements: Iterable[Statement]) -> Iterator[set[str]]:
    """The same, where PostgreSQL has been told to use an index wherever there is one."""
    with postgres_schema.connect(db) as connection:
        connection.execute("ANALYZE")
        for each in AS_IF_MORE:
            connection.execute(each.encode())
        for each in ONLY_BY_INDEX:
            connection.execute(f"SET enable_{each} = off".encode())
        for text, parameters in statements:
            row = connection.execute(f"EXPLAIN (FORMAT JSON) {text}".encode(), parameters).fetchone()
            assert row
            yield {node["table"] for node in _nodes(row[0][0]["Plan"], "") if not node.get("Index Cond")} & TABLES


def _nodes(node: dict[str, Any], table: str) -> Iterator[dict[str, Any]]:
    """The nodes of a plan that read a table."""
    table = node.get("Relation Name", table)
    if node["Node Type"] in ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan"):
        yield node | {"table": table}
    for each in node.get("Plans", ()):
        yield from _nodes(each, table)


def _aliases(text: str) -> dict[str, str]:
    return {alias: table for table, alias in re.findall(r'"?(\w+)"? AS "?(\w+)"?', text)}


async def test_every_list_is_read_by_an_index(tmp_path: Path, database: str) -> None:
    async with open_world(tmp_path, Settings(db=database, limits="off")) as world:
        shown = await fill(world, database)
        heard = (await listened(world, shown)).heard
    statements = [(text, parameters) for (_, text), parameters in heard.items()]
    if "://" in database:
        _assert_indexed(heard, whole_on_postgres(database, statements))
    else:
        _assert_indexed(heard, whole_on_sqlite(database, statements, analyzed=False))
        _assert_indexed(heard, whole_on_sqlite(database, statements, analyzed=True))


def _assert_indexed(heard: Iterable[tuple[str, str]], plans: Iterator[set[str]]) -> None:
    found: dict[tuple[str, str], str] = {}
    for (operation, text), whole in zip(heard, plans, strict=True):
        found |= {(operation, table): text for table in whole}
    assert {which: text for which, text in found.items() if which not in WHOLE} == {}
    assert found.keys() == WHOLE.keys(), "an exception that is no longer needed"
