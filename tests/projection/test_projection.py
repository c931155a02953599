"""opt_fields from text to record, on toys (contract/asana-behaviour.md, section 5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.toys import BOX, KINDS, THING, USER, open_toys, put, seen_by, write

from batchwright.model.changes import Link
from batchwright.model.problems import Problem
from batchwright.projection import parse, plan, project
from batchwright.projection.plan import Record
from batchwright.store.sqlite import SqliteStore


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", {}),
        ("name", {"name": {}}),
        (" name , notes ", {"name": {}, "notes": {}}),
        ("owner.name,owner.email", {"owner": {"name": {}, "email": {}}}),
        ("owner,owner.name", {"owner": {"name": {}}}),
        ("this.name", {"name": {}}),
        ("this", {"this": {}}),
        ("(a|b).c", {"a": {"c": {}}, "b": {"c": {}}}),
        ("this.( a | b ).(c|d)", {"a": {"c": {}, "d": {}}, "b": {"c": {}, "d": {}}}),
        ("(a|b", {"(a|b": {}}),
        ("a|b", {"a|b": {}}),
        (",,.,", {}),
        ("a..b", {"a": {"b": {}}}),
    ],
)
def test_texts_as_trees(text: str, tree: dict[str, Any]) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    "text",
    ["a" * 20_000, ".".join("a" * 11), ".".join(["(a|b|c|d|e|f|g|h)"] * 8), ",".join(f"a{n}" for n in range(2_001))],
)
def test_texts_past_the_bounds_are_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        parse(text)
    assert (refused.value.status, refused.value.messages[0][:11]) == (400, "opt_fields:")


@given(st.text("ab.,|() this", max_size=60))
def test_any_text_is_a_tree_or_refused(text: str) -> None:
    tree = parse(text)
    assert all(name == name.strip() and name for name in tree)


def sent(records: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """The records as a client reads them."""
    return {gid: msgspec.json.decode(msgspec.json.encode(record)) for gid, record in records.items()}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """A fresh store."""
    opened = open_toys(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def box(store: SqliteStore) -> int:
    """Ann's box, inside a stranger's, with two things and a keeper."""
    ann, bob = await put(store, USER, name="Ann"), await put(store, USER, name="Bob", email="bob@b")
    strange = await put(store, BOX, name="strange")
    gid = await put(store, BOX, name="box", notes="n", owner=ann, outer=strange, sealed=True, created_at=1_000)
    await put(store, THING, name="second", box=gid, rank="b")
    await put(store, THING, name="first", box=gid, rank="a")
    await write(store, Link("box_keepers", gid, bob))
    return gid


async def shown(store: SqliteStore, box: int, fields: str | None, record: Record = "full") -> dict[str, Any]:
    """Ann's record of the box."""
    owner = (await seen_by(store).row("box", box, "owner"))["owner"]
    chosen = plan(KINDS, "box", fields, record)
    found = sent(await project(seen_by(store, owner), chosen, (box,), "http://here"))
    return found[box]


async def test_the_full_record_holds_all_but_opt_in_fields_with_compact_rows(store: SqliteStore, box: int) -> None:
    record = await shown(store, box, None)
    assert set(record) == {"gid", "resource_type", *(each.name for each in BOX.fields)} - {"notes"}
    assert record["gid"] == str(box)
    assert record["created_at"] == "1970-01-01T00:00:01.000Z"
    assert (record["sealed"], record["num_things"], record["kept"]) == (True, 2, False)
    assert record["url"] == f"http://here/{box}"
    assert [thing["name"] for thing in record["things"]] == ["first", "second"]
    assert {**record["owner"], "gid": ""} == {"gid": "", "resource_type": "user", "name": "Ann"}


async def test_the_compact_record(store: SqliteStore, box: int) -> None:
    assert await shown(store, box, None, "compact") == {"gid": str(box), "resource_type": "box", "name": "box"}


async def test_exactly_what_was_named_and_the_gid(store: SqliteStore, box: int) -> None:
    assert await shown(store, box, "notes, nonsense") == {"gid": str(box), "notes": "n"}
    assert await shown(store, box, "") == {"gid": str(box)}
    assert set(await shown(store, box, "gid,resource_type")) == {"gid", "resource_type"}


async def test_a_row_named_bare_shows_what_it_is_and_named_deeper_only_that(store: SqliteStore, box: int) -> None:
    record = await shown(store, box, "owner,keepers.email,things.gid")
    assert {**record["owner"], "gid": ""} == {"gid": "", "resource_type": "user"}
    assert [set(keeper) for keeper in record["keepers"]] == [{"gid", "email"}]
    assert [set(thing) for thing in record["things"]] == [{"gid"}] * 2


async def test_rows_the_caller_may_not_see_are_not_there(store: SqliteStore, box: int) -> None:
    record = await shown(store, box, "outer.name")
    assert record["outer"] is None


async def test_a_full_record_costs_a_statement_a_relation_and_kind(store: SqliteStore, box: int) -> None:
    seen: list[str] = []
    store._reader.set_trace_callback(lambda text: seen.append(text) if text.startswith("SELECT") else None)
    view = seen_by(store, 1)
    found = sent(await project(view, plan(KINDS, "box", None, "full"), (box,), ""))
    assert set(found) == {box}
    # The edition, the row, its keepers (who tell `kept` too), its things and their number at once; then users and the
    # outer box.
    assert len(seen) == 5 + 2
    seen.clear()
    assert sent(await project(view, plan(KINDS, "box", None, "full"), (box,), "")) == found
    assert len(seen) == 5 + 1  # the users are known by now
