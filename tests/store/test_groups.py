"""Change sets that are committed together leave what they would have left one after the other, on both databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.toys import KINDS

from batchwright.model.changes import Change, Changes, Conflict, Insert, Link, Remove, Set, Still, Unlink
from batchwright.model.conditions import Reading
from batchwright.model.views import Key
from batchwright.store import postgres_schema
from batchwright.store.effects import Effects
from batchwright.store.interface import Before
from batchwright.store.postgres import PostgresStore
from batchwright.store.sqlite import SqliteStore

INSIDE = Reading("thing", "box", ("name", "rank"), order="gid")
KEPT = Reading("box_keepers", "owner", ("target",), order="position")
USERS, BOXES, THINGS = range(1, 4), range(11, 14), range(21, 27)

Store = SqliteStore | PostgresStore


def counted(changes: Changes, before: Before) -> tuple[Change, ...]:
    """A diary of users: for each effect one more, who tells what was in the boxes, and who kept them, just before."""
    effects = Effects(changes, before, KINDS)
    if not changes.actor:
        return ()
    told: list[Change] = []
    for each in effects.of:
        box = getattr(each, "owner", None) or getattr(each, "values", {}).get("box") or BOXES[0]
        found = effects.related(INSIDE, (box,))[box], effects.related(KEPT, (box,))[box]
        named = [row["name"] for row in effects.rows("box", BOXES, "name").values()]
        number = before.last("user") + 1 + len(told)
        told.append(Insert("user", number, {"name": f"{type(each).__name__} {found} {named}", "email": ""}))
    return tuple(told)


def foreseen(many: Sequence[Changes]) -> Iterator[tuple[Reading, Sequence[Key]]]:
    """Part of what is read, for the whole group."""
    yield INSIDE, BOXES
    yield Reading("box", columns=("name",)), ()
    yield KEPT, BOXES[:1]


def opened(database: str) -> Store:
    """A store of toys with some rows."""
    store: Store
    if "://" in database:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS toys CASCADE")
            connection.execute("CREATE SCHEMA toys")
        apart = f"{database}&options=-csearch_path%3Dtoys"
        postgres_schema.upgrade(apart, KINDS)
        store = PostgresStore(apart, KINDS, counted, foreseen)
    else:
        store = SqliteStore(Path(database), KINDS, counted, foreseen)
    users = [Insert("user", gid, {"name": str(gid), "email": ""}) for gid in USERS]
    assert store._write([Changes((*users, *(box(gid) for gid in BOXES[:2])), 0, 0)]) == [None]
    return store


def box(gid: int, name: str = "", outer: int | None = None) -> Insert:
    """A new box."""
    values = {"name": name, "notes": "", "sealed": False, "created_at": None, "owner": None, "outer": outer}
    return Insert("box", gid, values)


def thing(gid: int, inside: int, name: str) -> Insert:
    """A new thing."""
    return Insert("thing", gid, {"name": name, "box": inside, "rank": ""})


def content(store: Store) -> dict[str, list[Any]]:
    """All rows, but for the positions of links; links in the order of those."""
    orders = {"user": "gid", "box": "gid", "thing": "gid", "box_keepers": "position"}
    tables = {name: store._writing.execute(f'SELECT * FROM "{name}" ORDER BY {by}') for name, by in orders.items()}
    return {name: [row[:2] if name == "box_keepers" else row for row in each] for name, each in tables.items()}


def sets(*many: tuple[Change, ...]) -> list[Changes]:
    """A change set of each."""
    return [Changes(each, 1, 0) for each in many]


NAMES = st.sampled_from(["a", "b"])
BOX, THING, USER = st.sampled_from(BOXES), st.sampled_from(THINGS), st.sampled_from(USERS)
CHANGE = st.one_of(
    st.builds(box, BOX, NAMES, st.none() | BOX),
    st.builds(thing, THING, BOX, NAMES),
    st.builds(lambda gid, name: Set("box", gid, {"name": name}), BOX, NAMES),
    st.builds(lambda gid, name, old: Set("box", gid, {"notes": name}, {"name": old}), BOX, NAMES, NAMES),
    st.builds(lambda gid, inside: Set("thing", gid, {"box": inside}), THING, BOX),
    st.builds(lambda gid: Remove("box", gid), BOX),
    st.builds(lambda gid: Remove("thing", gid), THING),
    st.builds(lambda owner, target: Link("box_keepers", owner, target), BOX, USER),
    st.builds(lambda owner, target: Unlink("box_keepers", owner, target), BOX, USER),
    st.builds(lambda gid: Still(Reading("thing", "box", count=True), gid), BOX),
)
SETS = st.lists(st.lists(CHANGE, min_size=1, max_size=4).map(tuple), min_size=2, max_size=6)


def assert_same_together_as_apart(together: Store, apart: Store, many: list[Changes]) -> None:
    """Writes them in both ways."""
    problems = together._write(many)
    one_by_one = [problem for each in many for problem in apart._write([each])]
    assert [type(each) for each in problems] == [type(each) for each in one_by_one]
    assert content(together) == content(apart)


@settings(max_examples=60, deadline=None)
@given(many=SETS)
def test_any_group_leaves_what_its_sets_leave_one_by_one(many: list[tuple[Change, ...]]) -> None:
    with TemporaryDirectory() as folder:
        together, apart = (opened(f"{folder}/{name}.db") for name in ("together", "apart"))
        assert_same_together_as_apart(together, apart, sets(*many))
        for store in (together, apart):
            for connection in (*store._opened, store._writing):  # type: ignore[union-attr]  # both are files
                connection.close()


@pytest.fixture
async def store(database: str) -> Any:
    """A store of toys on either sort of database."""
    made = opened(database)
    yield made
    await made.close()


async def test_sets_that_see_each_others_rows_are_written_in_their_order(store: Store) -> None:
    first, second, third = BOXES
    many = sets(
        (thing(21, first, "a"), Link("box_keepers", first, 1)),
        (thing(22, first, "b"), Link("box_keepers", first, 2), Link("box_keepers", first, 1)),
        (Set("box", first, {"name": "new"}, {"name": ""}),),
        (Set("box", first, {"name": "newer"}, {"name": "new"}), Unlink("box_keepers", first, 1)),
        (box(third, "c", second), thing(23, third, "x")),
        (Set("thing", 23, {"box": first}), Remove("box", third)),
        (Still(Reading("thing", "box", count=True), first, ((3,),)), Link("box_keepers", second, 3)),
    )
    assert store._write(many) == [None] * 7
    found = content(store)
    assert [row[0:3] for row in found["thing"]] == [(21, "a", first), (22, "b", first), (23, "x", first)]
    assert found["box_keepers"] == [(first, 2), (second, 3)]
    told = [row[1] for row in found["user"][3:]]
    # Each was told what those before it had left, and no more.
    assert told[:4] == [
        "Insert ([], []) ['', '']",
        "Link ([], []) ['', '']",
        "Insert ([('a', '')], [(1,)]) ['', '']",
        "Link ([('a', '')], [(1,)]) ['', '']",
    ]
    assert told[-1] == "Link ([], []) ['newer', '']"


async def test_one_bad_set_among_nine_good_ones_fails_alone(store: Store) -> None:
    first = BOXES[0]
    good = [(thing(100 + number, first, str(number)), Link("box_keepers", first, 1)) for number in range(9)]
    for bad in (
        (thing(200, first, "bad"), thing(201, first, "3")),  # a name that is taken by then
        (thing(200, first, "bad"), thing(201, 404, "x")),  # a box that isn't there
        (thing(200, first, "bad"), Set("box", first, {"notes": "bad"}, {"name": "other"})),
        (thing(200, first, "bad"), Still(Reading("box"), first, ())),
    ):
        many = sets(*good[:5], bad, *good[5:])
        problems = store._write(many)
        assert [each for each in problems if each is not None] == [problems[5]]
        assert isinstance(problems[5], Conflict)
        found = content(store)
        assert [row[1] for row in found["thing"]] == [str(number) for number in range(9)]
        assert len(found["user"]) == len(USERS) + 9 + 1  # for each thing and for the first link
        assert store._write(sets(tuple(Remove("thing", row[0]) for row in found["thing"]))) == [None]
        assert store._write(sets((Unlink("box_keepers", first, 1),))) == [None]
        store._writing.execute(f'DELETE FROM "user" WHERE gid > {USERS[-1]}')


async def test_a_fault_that_is_none_of_the_changes_is_told_to_their_set_alone(store: Store) -> None:
    broken = Insert("thing", 21, {"name": object(), "box": BOXES[0], "rank": ""})
    problems = store._write(sets((thing(22, BOXES[0], "a"),), (broken,), (thing(23, BOXES[0], "b"),)))
    assert [problem is None for problem in problems] == [True, False, True]
    assert not isinstance(problems[1], Conflict)
    assert [row[0] for row in content(store)["thing"]] == [22, 23]


async def test_ten_sets_take_one_transaction_and_a_few_statements(tmp_path: Path) -> None:
    heard: list[str] = []
    store = opened(str(tmp_path / "toys.db"))
    assert isinstance(store._writing, sqlite3.Connection)
    store._writing.set_trace_callback(heard.append)
    assert store._write(sets(*((thing(100 + n, BOXES[n % 2], str(n)),) for n in range(10)))) == [None] * 10
    store._writing.set_trace_callback(None)
    assert [text.split()[0] for text in heard if not text.startswith(("SELECT", "INSERT"))] == ["BEGIN", "COMMIT"]
    await store.close()
