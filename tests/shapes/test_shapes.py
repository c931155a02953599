"""Each shape on a toy kind, through the pipeline: what it answers, what it refuses, what it leaves as it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.toys import BOX, THING, USER, open_toys, put, write

from batchwright.engine.limits.memory import Unlimited
from batchwright.engine.pipeline import Pipeline
from batchwright.engine.queries import options_of
from batchwright.engine.routes import Routes
from batchwright.model.calls import Call, Caller, Reply
from batchwright.model.changes import Change, Remove, Set
from batchwright.model.conditions import Order
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.shapes import creating, deleting, getting, linking, listing, updating
from batchwright.store.sqlite import SqliteStore


async def full_boxes_stay(call: Call, view: View) -> tuple[Change, ...]:
    """Boxes that hold things are not deleted."""
    if await view.targets(BOX, "things", call.at["box"]):
        raise bad_request("box: It is not empty")
    return ()


async def shout(call: Call, view: View) -> Outcome:
    """Decides by what it reads: says the box's name louder each time."""
    gid = call.at["box"]
    name = (await view.row("box", gid, "name"))["name"]
    return Outcome((Set("box", gid, {"name": f"{name}!"}, expect={"name": name}),), Show("box", (gid,)))


OPERATIONS = (
    getting(BOX, "getBox"),
    creating(BOX, "createBox"),
    updating(BOX, "updateBox"),
    deleting(BOX, "deleteBox", check=full_boxes_stay),
    *linking(BOX, "keepers", "addKeepers", "removeKeepers"),
    creating(THING, "createThing", "/boxes/{box_gid}/things"),
    listing(THING, "getThings", "/boxes/{box_gid}/things", where="box", order=(Order("rank"), Order("gid"))),
    Operation(id="shout", method="POST", path="/boxes/{box_gid}/shout", run=shout, kind="box"),
)


@dataclass(frozen=True)
class Toys:
    """Ann's way to the toys."""

    store: SqliteStore
    pipeline: Pipeline
    ann: int
    bob: int

    async def call(self, method: str, path: str, data: Any = None, *, user: int = 0, **query: str) -> Reply:
        """Ann's call, or another user's."""
        rest, options = options_of(query, {})
        caller = Caller(user or self.ann, "token")
        call = Call(caller=caller, method=method, relative_path=path, query=rest, data=data, options=options)
        reply = await self.pipeline.answer(call)
        return msgspec.structs.replace(reply, body=msgspec.json.decode(msgspec.json.encode(reply.body)))


@pytest.fixture
async def toys(tmp_path: Path) -> AsyncIterator[Toys]:
    """A fresh store behind a pipeline."""
    store = open_toys(tmp_path)
    ann, bob = await put(store, USER, name="Ann", email="ann@a"), await put(store, USER, name="Bob", email="bob@b")
    yield Toys(store, Pipeline(Routes(OPERATIONS), store, Unlimited(), 10), ann, bob)
    await store.close()


async def test_creating_fills_defaults_links_rows_and_tells_where_it_is(toys: Toys) -> None:
    data = {"name": "b", "owner": "me", "keepers": ["bob@b", "me", "me"], "unknown": 1}
    reply = await toys.call("POST", "/boxes", data)
    made = reply.body["data"]
    assert (reply.status, reply.headers) == (201, {"location": f"/api/1.0/boxes/{made['gid']}"})
    assert (made["name"], made["sealed"], made["outer"]) == ("b", False, None)
    assert [keeper["name"] for keeper in made["keepers"]] == ["Bob", "Ann"]
    got = await toys.call("GET", f"/boxes/{made['gid']}")
    assert got.body["data"] == made


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "data: Value is not a JSON object: []"),
        ({"name": 5}, "name: Value is not a string: 5"),
        ({"name": "x" * 65_536}, "name: Value is too long: at most 65535 characters are allowed"),
        ({"name": "a\0b"}, "name: Value contains characters that are not allowed"),
        ({"name": "\ud800"}, "name: Value contains characters that are not allowed"),
        ({"sealed": "perhaps"}, "sealed: Value is not a boolean: perhaps"),
        ({"created_at": "2026-01-01"}, "created_at: Cannot write this property"),
        ({"owner": 5}, "owner: Not a valid GID type: number"),
        ({"owner": {}}, "owner: Not a valid GID type: object"),
        ({"owner": "nobody"}, "owner: Not a recognized ID: nobody"),
        ({"owner": "nobody@b"}, "owner: Not a recognized ID: nobody@b"),
        ({"owner": "12345"}, "owner: Unknown object: 12345"),
        ({"keepers": ["me", "12345"]}, "keepers: [1]: Unknown object: 12345"),
        ({"keepers": 5}, "keepers: Value is not an array: 5"),
    ],
)
async def test_bad_bodies_name_the_field_and_change_nothing(toys: Toys, data: Any, message: str) -> None:
    reply = await toys.call("POST", "/boxes", data)
    assert (reply.status, reply.body["errors"][0]["message"]) == (400, message)


async def test_what_is_required_is_asked_for(toys: Toys) -> None:
    operation = creating(THING, "createLooseThing")
    pipeline = Pipeline(Routes((operation,)), toys.store, Unlimited(), 10)
    call = Call(caller=Caller(toys.ann, ""), method="POST", relative_path="/things", data={"name": "x"})
    reply = await pipeline.answer(call)
    assert (reply.status, reply.body["errors"][0]["message"]) == (400, "box: Missing input")


async def test_updating_changes_what_is_named(toys: Toys) -> None:
    box = await put(toys.store, BOX, name="old", notes="kept", owner=toys.ann)
    reply = await toys.call("PUT", f"/boxes/{box}", {"name": "new"}, opt_fields="name,notes")
    assert reply.body["data"] == {"gid": str(box), "name": "new", "notes": "kept"}
    refused = await toys.call("PUT", f"/boxes/{box}", {"outer": str(box)})
    assert refused.body["errors"][0]["message"] == "outer: Cannot write this property"
    cleared = await toys.call("PUT", f"/boxes/{box}", {"owner": None})
    assert cleared.status == 403 or cleared.body["data"]["owner"] is None


async def test_deleting_asks_first(toys: Toys) -> None:
    box = await put(toys.store, BOX, owner=toys.ann)
    thing = await put(toys.store, THING, box=box)
    assert (await toys.call("DELETE", f"/boxes/{box}")).status == 400
    await write(toys.store, Remove("thing", thing))
    reply = await toys.call("DELETE", f"/boxes/{box}")
    assert (reply.status, reply.body) == (200, {"data": {}})
    again = await toys.call("DELETE", f"/boxes/{box}")
    assert (again.status, again.body["errors"][0]["message"]) == (404, f"box: Not a recognized ID: {box}")


async def test_linking_adds_and_removes(toys: Toys) -> None:
    box = await put(toys.store, BOX, owner=toys.ann)
    for _ in range(2):
        added = await toys.call("POST", f"/boxes/{box}/addKeepers", {"keepers": "me, bob@b"})
        assert [keeper["name"] for keeper in added.body["data"]["keepers"]] == ["Ann", "Bob"]
    removed = await toys.call("POST", f"/boxes/{box}/removeKeepers", {"keepers": [str(toys.ann)]})
    assert [keeper["name"] for keeper in removed.body["data"]["keepers"]] == ["Bob"]
    missing = await toys.call("POST", f"/boxes/{box}/addKeepers", {})
    assert missing.body["errors"][0]["message"] == "keepers: Missing input"


async def test_paths_are_seen_or_not(toys: Toys) -> None:
    box = await put(toys.store, BOX, owner=toys.ann)
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/things"), ("POST", "/addKeepers")):
        reply = await toys.call(method, f"/boxes/{box}{path}", {"keepers": "me"}, user=toys.bob)
        assert (reply.status, reply.body["errors"][0]["message"]) == (403, "You do not have access to this box.")
    for ident in ("1", "me", "a b", "%00", "9" * 30):
        assert (await toys.call("GET", f"/boxes/{ident}")).status == 404


async def test_lists_are_paged_by_tokens_of_their_own(toys: Toys) -> None:
    box = await put(toys.store, BOX, owner=toys.ann)
    names = [f"thing {number}" for number in range(5)]
    for number, name in enumerate(names):
        await put(toys.store, THING, box=box, name=name, rank=str(number))
    path, seen = f"/boxes/{box}/things", []
    query: dict[str, Any] = {"limit": "2"}
    while True:
        body = (await toys.call("GET", path, **query)).body
        seen += [thing["name"] for thing in body["data"]]
        if body["next_page"] is None:
            break
        query["offset"] = body["next_page"]["offset"]
    assert seen == names
    assert "next_page" not in (await toys.call("GET", path)).body
    token = query["offset"]
    for offset in ("", "x", token[:-2], token[::-1], "A" + token[1:], token + "A", "é"):
        reply = await toys.call("GET", path, limit="2", offset=offset)
        assert reply.body["errors"][0]["message"] == "offset: Your pagination token is invalid."
    for limit in ("0", "101", "-1", "x", "1.5", "٣"):
        assert (await toys.call("GET", path, limit=limit)).status == 400


async def test_a_whole_list_that_is_too_long_is_refused(toys: Toys) -> None:
    box = await put(toys.store, BOX, owner=toys.ann)
    await asyncio.gather(*(put(toys.store, THING, box=box, name=str(number)) for number in range(1_001)))
    reply = await toys.call("GET", f"/boxes/{box}/things")
    assert reply.status == 400
    assert reply.body["errors"][0]["message"].startswith("The result is too large. You should use pagination")


async def test_a_decision_whose_ground_moved_is_taken_again(toys: Toys) -> None:
    box = await put(toys.store, BOX, name="hey", owner=toys.ann)
    replies = await asyncio.gather(*(toys.call("POST", f"/boxes/{box}/shout") for _ in range(10)))
    assert {reply.status for reply in replies} == {200}
    got = await toys.call("GET", f"/boxes/{box}")
    assert got.body["data"]["name"] == "hey" + "!" * 10
