"""Typeahead."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world import Answer, Client, World

from batchwright.model import moments
from batchwright.model.changes import Changes, Link
from batchwright.resources import KINDS

TASK, PROJECT, TAG, TEAM = KINDS["task"], KINDS["project"], KINDS["tag"], KINDS["team"]


async def suggest(who: Client, world: World, **query: Any) -> Answer:
    return await who.get(f"/workspaces/{world.workspace}/typeahead", **query)


def names(answer: Answer) -> list[str]:
    return [row["name"] for row in answer.data]


async def tasks(world: World, *called: str) -> list[str]:
    """Tasks of ann's, each changed later than the one before."""
    return [
        await world.make(TASK, name=name, workspace=world.workspace, assignee=world.ann.gid, modified_at=number)
        for number, name in enumerate(called)
    ]


async def test_a_word_that_begins_so_comes_before_one_that_contains_it(world: World) -> None:
    await tasks(world, "Bug report", "a big BUG", "debugging", "nothing", "debug")
    assert names(await suggest(world.ann, world, resource_type="task", query="bug")) == [
        "a big BUG",
        "Bug report",
        "debug",
        "debugging",
    ]
    assert names(await suggest(world.ann, world, resource_type="task", query="rep bu")) == ["Bug report"]
    assert names(await suggest(world.ann, world, resource_type="task", query="bug nothing")) == []


async def test_nothing_typed_gives_what_is_recent(world: World) -> None:
    made = await tasks(world, "first", "second", "third")
    assert names(await suggest(world.ann, world, resource_type="task")) == ["third", "second", "first"]
    assert names(await suggest(world.ann, world, resource_type="task", query="")) == ["third", "second", "first"]
    link = Link("task_followers", int(made[0]), int(world.ann.gid))
    await world.store.commit(Changes((link,), int(world.ann.gid), moments.now()))
    assert names(await suggest(world.ann, world, resource_type="task"))[0] == "first"


@pytest.mark.parametrize("typed", ["100%", "%", "_", "\\", "it's", '"q"', "*", "STRASSE", "straße", "ä"])
async def test_what_is_typed_is_taken_as_it_is(world: World, typed: str) -> None:
    called = ["100% done", "snake_case", "C:\\dir", "it's", 'a "q"', "a*b", "Straße", "Ärger", "plain"]
    await tasks(world, *called)
    expected = {name for name in called if typed.casefold() in name.casefold()}
    assert set(names(await suggest(world.ann, world, resource_type="task", query=typed))) == expected
    assert expected


async def test_each_kind_gives_its_compact_record(world: World) -> None:
    home = world.workspace
    made = {
        "project": await world.make(PROJECT, name="Alpha", workspace=home, owner=world.ann.gid),
        "tag": await world.make(TAG, name="Alpha", workspace=home),
        "task": (await tasks(world, "Alpha"))[0],
        "team": await world.make(TEAM, name="Alpha", organization=home, visibility="public"),
    }
    for kind, gid in made.items():
        row = {"gid": gid, "resource_type": kind, "name": "Alpha"}
        more = {"resource_subtype": "default_task"} if kind == "task" else {}
        for query in ({}, {"query": "al"}):
            assert (await suggest(world.ann, world, resource_type=kind, **query)).body == {"data": [row | more]}
    answer = await suggest(world.ann, world, resource_type="task", opt_fields="assignee.name")
    assert answer.data == [{"gid": made["task"], "assignee": {"gid": world.ann.gid, "name": "Ann Archer"}}]


async def test_people_by_name_or_e_mail(world: World) -> None:
    for kind in ("user", "actor"):
        assert names(await suggest(world.bob, world, resource_type=kind)) == ["Ann Archer", "Bob Baker", "Gus Green"]
    assert names(await suggest(world.ann, world, resource_type="user", query="guests.ex")) == ["Gus Green"]
    assert names(await suggest(world.ann, world, resource_type="user", query="b")) == ["Bob Baker"]
    assert names(await suggest(world.ann, world, resource_type="user", query="eve")) == []
    answer = await suggest(world.ann, world, resource_type="user", query="r")
    assert names(answer) == ["Ann Archer", "Bob Baker", "Gus Green"]


@pytest.mark.parametrize("kind", ["agent", "custom_field", "goal", "portfolio", "project_template"])
async def test_kinds_of_which_there_are_none(world: World, kind: str) -> None:
    assert (await suggest(world.ann, world, resource_type=kind, query="a")).body == {"data": []}


async def test_the_older_name_of_the_type(world: World) -> None:
    assert len((await suggest(world.ann, world, type="user")).data) == 3
    assert (await suggest(world.ann, world, type="tag", resource_type="user")).data[0]["resource_type"] == "user"


async def test_count(world: World) -> None:
    await tasks(world, *(f"task {number}" for number in range(25)))
    assert len((await suggest(world.ann, world, resource_type="task")).data) == 20
    assert names(await suggest(world.ann, world, resource_type="task", count=2)) == ["task 24", "task 23"]
    # The official SDK adds a limit to every list; it says nothing here.
    answer = await suggest(world.ann, world, resource_type="task", count=100, limit=1)
    assert (len(answer.data), answer.body["next_page"]) == (25, None)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "resource_type: Missing input"),
        ({"resource_type": ""}, "resource_type: Missing input"),
        ({"resource_type": "user", "count": "0"}, "count: Must be between 1 and 100"),
        ({"resource_type": "user", "count": "101"}, "count: Must be between 1 and 100"),
        ({"resource_type": "user", "count": "few"}, "count: Value is not a whole number: few"),
        (
            {"resource_type": "user", "query": "x" * 1001},
            "query: Value is too long: at most 1000 characters are allowed",
        ),
    ],
)
async def test_what_can_not_be_asked(world: World, query: dict[str, str], message: str) -> None:
    answer = await suggest(world.ann, world, **query)
    assert (answer.status, answer.message) == (400, message)


async def test_a_type_that_is_not_one(world: World) -> None:
    answer = await suggest(world.ann, world, resource_type="user,task")
    assert answer.status == 400
    assert answer.message.startswith("resource_type: Value is not one of actor, agent, custom_field, goal, ")


async def test_only_what_the_caller_may_see(world: World) -> None:
    home = world.workspace
    (hers,) = await tasks(world, "Hers")
    await world.make(PROJECT, name="Private", workspace=home, owner=world.ann.gid, privacy_setting="private")
    await world.make(PROJECT, name="Public", workspace=home, owner=world.ann.gid)
    await world.make(TEAM, name="Secret", organization=home, visibility="secret")
    await world.make(TASK, name="Far", workspace=world.elsewhere, parent=hers)
    for who, kind, seen in (
        (world.ann, "task", ["Hers"]),
        (world.bob, "task", []),
        (world.ann, "project", ["Public", "Private"]),
        (world.bob, "project", ["Public"]),
        (world.gus, "project", []),
        (world.bob, "team", []),
    ):
        assert names(await suggest(who, world, resource_type=kind)) == seen, kind
    answer = await suggest(world.eve, world, resource_type="user")
    assert (answer.status, answer.message) == (403, "You do not have access to this workspace.")
    assert (await suggest(world.nobody, world, resource_type="user")).status == 401


async def test_as_an_action_of_a_batch(world: World) -> None:
    path = f"/workspaces/{world.workspace}/typeahead"
    answer = await world.ann.batch(
        {"method": "get", "relative_path": path, "data": {"resource_type": "user", "query": "bob", "count": 1}},
        {"method": "get", "relative_path": path, "data": {"query": "bob"}},
    )
    assert answer.data[0]["body"]["data"] == [{"gid": world.bob.gid, "resource_type": "user", "name": "Bob Baker"}]
    assert answer.data[1]["status_code"] == 400
