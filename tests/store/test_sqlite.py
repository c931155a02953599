"""The embedded store: merged reads, committed groups, preconditions, visibility."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.toys import BOX, KINDS, THING, USER, nothing, only, open_toys, put, seen_by, write

from batchwright.model.changes import Change, Changes, Conflict, Insert, Link, Notice, Remove, Set, Still, Trim, Unlink
from batchwright.model.conditions import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Contains,
    Exists,
    Join,
    Not,
    OneOf,
    Order,
    Query,
    Reading,
    equals,
)
from batchwright.store.interface import Before
from batchwright.store.migrations import OtherLayout
from batchwright.store.schema import check
from batchwright.store.sqlite import SqliteStore

NAMES = Reading("thing", columns=("name",))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """A fresh store."""
    opened = open_toys(tmp_path)
    yield opened
    await opened.close()


def statements(store: SqliteStore) -> list[str]:
    """The statements the store's reader runs from now on."""
    seen: list[str] = []
    store._reader.set_trace_callback(seen.append)
    return seen


async def test_reads_of_one_moment_are_one_statement_answered_to_each_asker(store: SqliteStore) -> None:
    box = await put(store, BOX)
    things = [await put(store, THING, name=str(number), box=box) for number in range(10)]
    seen = statements(store)
    answers = await asyncio.gather(*(store.fetch(NAMES, caller, (gid,)) for caller, gid in enumerate(things)))
    assert [answer[gid] for answer, gid in zip(answers, things, strict=True)] == [[(str(n),)] for n in range(10)]
    assert len(seen) == 1


async def test_callers_share_no_read_that_depends_on_who_asks(store: SqliteStore) -> None:
    ann, bob = await put(store, USER, name="ann"), await put(store, USER, name="bob", email="b")
    box = await put(store, BOX, owner=ann)
    mine, his = await asyncio.gather(
        seen_by(store, ann).visible("box", (box,)), seen_by(store, bob).visible("box", (box,))
    )
    assert (mine, his) == ({box}, set())


async def test_a_read_that_fails_fails_its_askers_and_no_others(store: SqliteStore) -> None:
    bad = store.fetch(Reading("thing", columns=("nonsense",)), 0, (1,))
    good = store.fetch(NAMES, 0, (1,))
    answers = await asyncio.gather(bad, good, return_exceptions=True)
    assert isinstance(answers[0], Exception)
    assert answers[1] == {1: []}


async def test_more_keys_than_fit_on_the_loop_are_read_all_the_same(store: SqliteStore) -> None:
    gid = await put(store, BOX, name="x")
    found = await store.fetch(Reading("box", columns=("name",)), 0, (*range(5_000), gid))
    assert found[gid] == [("x",)]


async def test_changes_are_written_all_or_none(store: SqliteStore) -> None:
    box = await put(store, BOX, name="old")
    with pytest.raises(Conflict):
        await write(store, Set("box", box, {"name": "new"}), Insert("thing", 5, {"name": "x", "box": 99, "rank": ""}))
    assert (await store.fetch(Reading("box", columns=("name",)), 0, (box,)))[box] == [("old",)]


async def test_one_change_set_of_a_group_fails_alone(store: SqliteStore) -> None:
    box = await put(store, BOX)
    sets = [
        write(store, Insert("thing", number, {"name": "same" if number % 2 else str(number), "box": box, "rank": ""}))
        for number in range(10, 20)
    ]
    results = await asyncio.gather(*sets, return_exceptions=True)
    assert [isinstance(result, Conflict) for result in results] == [
        number % 2 == 1 and number != 11 for number in range(10, 20)
    ]


async def test_a_precondition_that_no_longer_holds_is_a_conflict(store: SqliteStore) -> None:
    box = await put(store, BOX, name="a")
    await write(store, Set("box", box, {"name": "b"}, expect={"name": "a", "owner": None}))
    with pytest.raises(Conflict):
        await write(store, Set("box", box, {"name": "c"}, expect={"name": "a"}))
    with pytest.raises(Conflict):
        await write(store, Set("box", 404, {"name": "c"}))


async def test_what_is_not_there_can_be_insisted_on(store: SqliteStore) -> None:
    box = await put(store, BOX)
    inside = Reading("thing", "box", count=True)
    await write(store, Still(inside, box), Set("box", box, {"name": "empty"}))
    await put(store, THING, box=box)
    with pytest.raises(Conflict):
        await write(store, Still(inside, box), Remove("box", box))
    await write(store, Still(inside, box, ((1,),)), Remove("box", box))
    assert await seen_by(store).rows("box", (box,)) == {}


async def test_rows_are_counted_by_groups_of_other_tables_columns(store: SqliteStore) -> None:
    owner = await put(store, USER)
    for name, sealed, things in (("a", True, 2), ("b", True, 1), ("c", False, 1), ("d", False, 0)):
        box = await put(store, BOX, name=name, owner=owner, sealed=sealed)
        for number in range(things):
            await put(store, THING, name=str(number), box=box)
    joins = (Join("thing", "box", "gid"),)
    grouped = Reading("box", "owner", ("sealed", "thing.name"), count=True, joins=joins)
    found = await store.fetch(grouped, 0, (owner, 1))
    assert sorted(found[owner]) == [(0, "0", 1), (1, "0", 2), (1, "1", 1)]
    assert found[1] == []


async def test_links_and_removals_may_be_repeated(store: SqliteStore) -> None:
    user, box = await put(store, USER), await put(store, BOX)
    for _ in range(2):
        await write(store, Link("box_keepers", box, user))
    assert await seen_by(store).targets(BOX, "keepers", box) == [user]
    for change in (Unlink("box_keepers", box, user), Remove("box", box)):
        await write(store, change)
        await write(store, change)
    assert await seen_by(store).rows("box", (box,)) == {}


async def test_a_log_loses_its_oldest_rows_a_few_at_a_time(store: SqliteStore) -> None:
    boxes = [await put(store, BOX) for _ in range(5)]
    await write(store, Trim("box", boxes[3], 2))
    assert sorted(await seen_by(store).rows("box", boxes)) == boxes[2:]
    await write(store, Trim("box", boxes[3], 2))
    assert sorted(await seen_by(store).rows("box", boxes)) == boxes[3:]


async def test_what_follows_is_derived_from_the_last_row_of_the_transaction(tmp_path: Path) -> None:
    def count(changes: Changes, before: Before) -> tuple[Change, ...]:
        return (Insert("user", before.last("user") + 1, {"name": "", "email": ""}),)

    store = SqliteStore(tmp_path / "counted.db", KINDS, count)
    await asyncio.gather(*(write(store, Notice("user", 0, "hello")) for _ in range(3)))
    assert sorted(await seen_by(store).rows("user", range(9))) == [1, 2, 3]
    await store.close()


async def test_what_belongs_to_a_row_goes_with_it_and_what_names_it_forgets_it(store: SqliteStore) -> None:
    user = await put(store, USER)
    box = await put(store, BOX, owner=user)
    thing = await put(store, THING, box=box)
    await write(store, Remove("user", user))
    assert (await seen_by(store).row("box", box, "owner")) == {"owner": None}
    await write(store, Remove("box", box))
    assert await seen_by(store).rows("thing", (thing,)) == {}


async def test_visibility_leans_on_other_rows_and_on_rows_of_the_same_kind(store: SqliteStore) -> None:
    ann, bob = await put(store, USER), await put(store, USER, email="b")
    outer = await put(store, BOX, owner=ann)
    boxes = [outer]
    for _ in range(6):
        boxes.append(await put(store, BOX, outer=boxes[-1]))
    thing = await put(store, THING, box=boxes[-1])
    assert await seen_by(store, ann).visible("thing", (thing,)) == {thing}
    assert await seen_by(store, ann).visible("box", boxes) == set(boxes)
    assert await seen_by(store, bob).visible("thing", (thing,)) == set()
    assert await seen_by(store, bob).visible("box", boxes) == set()


async def test_a_ring_of_rows_ends(store: SqliteStore) -> None:
    one = await put(store, BOX)
    two = await put(store, BOX, outer=one)
    await write(store, Set("box", one, {"outer": two}))
    assert await seen_by(store, 1).visible("box", (one, two)) == set()


@pytest.fixture
async def shelf(store: SqliteStore) -> list[int]:
    """Things 0 to 9 in two boxes, and a box without things."""
    ann = await put(store, USER, name="Ann")
    boxes = [await put(store, BOX, name=f"box {number}", owner=ann if number else None) for number in range(3)]
    for number in range(10):
        await put(store, THING, name=f"T{number} 50%_ÄÖ", box=boxes[number % 2], rank=str(9 - number))
    return boxes


async def names(store: SqliteStore, query: Query, *columns: str) -> list[str]:
    """The names of the rows a query finds."""
    rows = await seen_by(store).select(replace(query, visible=False), *(columns or ("name",)))
    return [row[-1] for row in rows]


async def test_conditions(store: SqliteStore, shelf: list[int]) -> None:
    boxes = Query("box", order=(Order("name"), Order("gid")))

    async def found(*where: Condition) -> list[str]:
        return [name[4:] for name in await names(store, replace(boxes, where=where))]

    assert await found() == ["0", "1", "2"]
    assert await found(equals("owner", None)) == ["0"]
    assert await found(Compare("owner", "!=", None)) == ["1", "2"]
    assert await found(Not(equals("owner", 1))) == ["0", "1", "2"]
    assert await found(OneOf("name", ("box 0", "box 2"))) == ["0", "2"]
    assert await found(OneOf("gid", ())) == []
    assert await found(Not(Exists("thing", "box"))) == ["2"]
    assert await found(Exists("thing", "box", Compare("name", ">=", "T9"))) == ["1"]
    assert await found(AnyOf((equals("name", "box 1"), AllOf((equals("name", "box 2"),))))) == ["1", "2"]
    assert await found(AnyOf(())) == []
    assert await found(AllOf(())) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("words", "count"),
    [("", 10), ("t1", 1), ("50%_ äö", 10), ("5%", 0), ("T1 T2", 0), ("_", 10), ("\\", 0), ("'", 0), ("äö t3", 1)],
)
async def test_words_are_found_as_they_are_in_any_case(
    store: SqliteStore, shelf: list[int], words: str, count: int
) -> None:
    assert len(await names(store, Query("thing", (Contains(("name",), words),)))) == count


async def test_pages_by_keyset_are_the_whole_list_in_order(store: SqliteStore, shelf: list[int]) -> None:
    order = (Order("box.name", descending=True), Order("rank"), Order("gid"))
    query = Query("thing", joins=(Join("box", "gid", "thing.box"),), order=order, visible=False)
    whole = await seen_by(store).select(query)
    pages, after = [], ()
    while True:
        page = await seen_by(store).select(replace(query, after=after, limit=3))
        if not page:
            break
        pages += page
        after = page[-1][1:]
    assert pages == whole
    assert len(set(only(pages))) == 10


async def test_a_database_outlives_its_server_and_passes_the_check(tmp_path: Path) -> None:
    first = open_toys(tmp_path)
    box = await put(first, BOX, name="kept")
    secret = first.secret
    await first.close()
    second = open_toys(tmp_path)
    assert (await seen_by(second).row("box", box, "name"))["name"] == "kept"
    assert second.secret == secret
    await second.close()
    assert check(tmp_path / "toys.db", KINDS) == []


async def test_a_database_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    await open_toys(tmp_path).close()
    with sqlite3.connect(tmp_path / "toys.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(OtherLayout):
        SqliteStore(tmp_path / "toys.db", KINDS, nothing)


async def test_the_check_tells_what_is_wrong(tmp_path: Path) -> None:
    await open_toys(tmp_path).close()
    with sqlite3.connect(tmp_path / "toys.db") as connection:
        connection.execute("ALTER TABLE box DROP COLUMN notes")
        connection.execute("INSERT INTO thing VALUES (1, 'lost', 404, '')")
    connection.close()
    assert check(tmp_path / "toys.db", KINDS) == [
        "dangling reference in thing, row 1",
        "column box.notes is missing",
    ]


async def test_a_commit_is_finished_before_the_store_closes(tmp_path: Path) -> None:
    store = open_toys(tmp_path)
    waiting = asyncio.ensure_future(put(store, BOX, name="late"))
    await asyncio.sleep(0)
    await store.close()
    gid = await waiting
    again = open_toys(tmp_path)
    assert await seen_by(again).rows("box", (gid,), "name") == {gid: {"name": "late"}}
    await again.close()


async def test_what_is_asked_at_once_is_read_of_one_moment(store: SqliteStore) -> None:
    box = await put(store, BOX, name="x")
    seen = statements(store)
    found = await asyncio.gather(store.fetch(NAMES, 0, (1,)), store.fetch(Reading("box", columns=("name",)), 0, (box,)))
    assert list(found) == [{1: []}, {box: [("x",)]}]
    assert [text.partition(" ")[0] for text in seen] == ["BEGIN", "SELECT", "SELECT", "END"]


async def test_where_nothing_can_be_read_all_askers_are_told(store: SqliteStore) -> None:
    store._reader.close()
    asked = [store.fetch(reading, 0, (1,)) for reading in (NAMES, Reading("box"))]
    for each in asked:
        with pytest.raises(sqlite3.ProgrammingError):
            await each


async def test_of_several_reads_that_fail_only_the_first_need_be_heard_of(store: SqliteStore) -> None:
    said: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context["message"]))
    asked = [store.fetch(Reading("thing", columns=(name,)), 0, (1,)) for name in ("nonsense", "another")]
    await asyncio.sleep(0.01)
    asked.clear()
    gc.collect()
    assert said == []
