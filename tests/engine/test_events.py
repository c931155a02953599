"""What is derived from changes: no story and no event without its change, and no change without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.world import World

from batchwright.engine.deriving import composed, touching
from batchwright.engine.events import Announcer
from batchwright.model import gids, moments
from batchwright.model.changes import Change, Changes, Insert, Link, Remove, Set, Unlink
from batchwright.model.conditions import Reading
from batchwright.model.events import Event, read
from batchwright.model.views import Key, Rows
from batchwright.resources import KINDS
from batchwright.resources.stories.system import telling

ANN, BOB, TASK, PARENT, OLD, NEW, HERE, THERE, PLACE = range(1, 10)
AT = 1_800_000_000_000
BLANK = {each.name: each.default for each in KINDS["task"].columns}
NAMES = {"user": {ANN: "Ann", BOB: "Bob"}, "project": {OLD: "Old", NEW: "New"}, "section": {HERE: "H", THERE: "T"}}


@dataclass
class Memory:
    """Implements store.interface.Before over rows in memory, and counts the readings."""

    tables: Mapping[str, list[dict[str, Any]]]
    newest: int = 0
    readings: list[Reading] = field(default_factory=list)

    def read(self, reading: Reading, *keys: Key) -> Rows:
        self.readings.append(reading)
        rows = self.tables.get(reading.table, [])
        return {
            key: [tuple(row.get(name) for name in reading.columns) for row in rows if row[reading.by] == key]
            for key in keys
        }

    def last(self, kind: str) -> int:
        return self.newest


def before(task: Mapping[str, Any] | None = None, **tables: list[dict[str, Any]]) -> Memory:
    """A task in a project, below another one; whoever and whatever has a name."""
    rows = [{"gid": TASK, **BLANK, "parent": PARENT, **(task or {})}, {"gid": PARENT, **BLANK}]
    named = {kind: [{"gid": gid, "name": name} for gid, name in found.items()] for kind, found in NAMES.items()}
    place = {"gid": PLACE, "task": TASK, "project": OLD, "section": HERE, "rank": "m"}
    return Memory({"task": rows, "membership": [place], **named, **tables})


def derived(rows: Memory, *changes: Change, actor: int = ANN) -> tuple[Change, ...]:
    """All that follows."""
    return composed(KINDS, telling, touching, Announcer())(Changes(changes, actor, AT), rows)


def stories(made: tuple[Change, ...]) -> list[str]:
    return [each.values["resource_subtype"] for each in made if isinstance(each, Insert) and each.kind == "story"]


def rows_of(made: tuple[Change, ...]) -> list[Insert]:
    """The log's rows."""
    return [each for each in made if isinstance(each, Insert) and each.kind == "event"]


def events(made: tuple[Change, ...], stream: int = TASK) -> list[Event]:
    """The events of a stream, those about stories left out."""
    told = [each for row in rows_of(made) if row.values["stream"] == stream for each in read(row.values["told"])]
    return [each for each in told if each.of[0] != "story"]


FIELDS: Mapping[str, tuple[str, st.SearchStrategy[Any]]] = {
    "name": ("name_changed", st.sampled_from(["", "A", "B"])),
    "notes": ("notes_changed", st.sampled_from(["", "n"])),
    "completed": ("marked_", st.booleans()),
    "assignee": ("assigned", st.sampled_from([None, ANN, BOB])),
    "due_on": ("due_date_changed", st.sampled_from([None, "2026-02-21", "2027-01-01"])),
    "start_on": ("start_date_changed", st.sampled_from([None, "2026-02-20"])),
    "resource_subtype": ("resource_subtype_changed", st.sampled_from(["default_task", "milestone"])),
}
VALUES = st.fixed_dictionaries({}, optional={name: values for name, (_, values) in FIELDS.items()})


@given(old=VALUES, new=VALUES)
def test_each_field_that_differs_is_told_and_logged_once_and_no_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    row = BLANK | old
    differs = {name for name, value in new.items() if row[name] != value}
    # The database gives 0 and 1 for false and true.
    made = derived(before(old | {"completed": int(row["completed"])}), Set("task", TASK, new))
    told = sorted(stories(made))
    assert len(told) == len(differs)
    assert all(any(FIELDS[name][0] in each for each in told) for name in differs)
    assert differs == {each.change["field"] for each in events(made) if each.change}
    assert events(made) == events(made, OLD)
    assert [each for each in made if isinstance(each, Set)] == (
        [Set("task", TASK, {"modified_at": AT})] if differs else []
    )


@given(
    before_=st.sets(st.sampled_from([ANN, BOB])), steps=st.lists(st.tuples(st.booleans(), st.sampled_from([ANN, BOB])))
)
def test_links_are_logged_when_they_are_news(before_: set[int], steps: list[tuple[bool, int]]) -> None:
    rows = before(task_followers=[{"owner": TASK, "target": each} for each in before_])
    changes = [(Link if adds else Unlink)("task_followers", TASK, user) for adds, user in steps]
    now, news = set(before_), 0
    for adds, user in steps:
        news += (user in now) is not adds
        (now.add if adds else now.discard)(user)
    made = derived(rows, *changes)
    assert len(events(made)) == news
    assert len([each for each in made if each == Set("task", TASK, {"modified_at": AT})]) == (1 if news else 0)


def test_a_new_task_has_its_stories_and_is_announced_to_the_project_alone() -> None:
    task, place = gids.make(), gids.make()
    values = {"task": task, "project": OLD, "section": HERE, "rank": "m"}
    made = derived(
        before(),
        Insert("task", task, BLANK | {"assignee": BOB, "name": "New"}),
        Link("task_followers", task, BOB),
        Insert("membership", place, values),
    )
    assert stories(made) == ["added_to_project", "assigned"]
    assert {each.values["stream"] for each in rows_of(made)} == {OLD}
    assert not [each for each in made if isinstance(each, Set)]


def test_a_task_that_leaves_a_project_and_enters_it_again_moves() -> None:
    values = {"task": TASK, "project": OLD, "section": THERE, "rank": "m"}
    moved = derived(before(), Remove("membership", PLACE), Insert("membership", gids.make(), values))
    assert stories(moved) == ["section_changed"]
    stayed = derived(before(), Set("membership", PLACE, {"rank": "z"}))
    assert stayed == ()


def test_nothing_is_told_on_a_task_that_goes_nor_refers_to_what_goes() -> None:
    made = derived(before(), Remove("membership", PLACE), Remove("task", TASK))
    assert stories(made) == []
    assert [each.action for each in events(made, OLD)] == ["deleted"]
    assert made[-1] != Set("task", TASK, {"modified_at": AT})
    made = derived(before(), Remove("membership", PLACE), Remove("project", OLD))
    (story,) = [each.values for each in made if isinstance(each, Insert) and each.kind == "story"]
    assert (story["resource_subtype"], story["project"]) == ("removed_from_project", None)
    assert story["text"] == "Ann removed this task from Old"


def test_what_the_server_does_by_itself_has_no_author() -> None:
    made = derived(before(), Set("task", TASK, {"completed": True}), actor=0)
    told = [each.values for each in made if isinstance(each, Insert) and each.kind == "story"]
    assert [(each["created_by"], each["text"]) for each in told] == [(None, "Asana marked this task complete")]
    assert {each.values["user"] for each in rows_of(made)} == {None}


def test_an_update_costs_few_readings() -> None:
    rows = before({"parent": None})
    derived(rows, Set("task", TASK, {"completed": True, "name": "New", "assignee": BOB}))
    assert [each.table for each in rows.readings] == ["task", "user", "membership"]


def test_events_are_numbered_after_the_last_whatever_the_clock_says() -> None:
    rows = before()
    rows.newest = gids.floor(moments.now() + 60_000)  # as of a process whose clock is a minute ahead
    made = derived(rows, Set("task", TASK, {"name": "New"}))
    # The numbers of a row's events end with its gid, and none is of two rows.
    numbers = [each.gid - place for each in rows_of(made) for place in reversed(range(len(read(each.values["told"]))))]
    assert len(numbers) == 3 * 2  # the change and its story, to the task, its parent and its project
    assert numbers == sorted(set(numbers))
    assert numbers[0] > rows.newest


def test_what_one_change_set_tells_a_stream_is_one_row_unless_it_is_very_much() -> None:
    rows = before()
    fewer = derived(rows, Set("task", TASK, {"name": "New", "completed": True, "notes": "n"}))
    assert [each.values["stream"] for each in rows_of(fewer)] == [TASK, PARENT, OLD]
    likes = [Insert("task_like", gids.make(), {"task": TASK, "user": BOB}) for _ in range(205)]
    sizes = [len(read(each.values["told"])) for each in rows_of(derived(rows, *likes)) if each.values["stream"] == OLD]
    assert sizes == [100, 100, 5]


async def test_changes_of_one_moment_are_logged_in_the_order_of_their_commits(world: World) -> None:
    project = (await world.ann.post("/projects", {"name": "0", "workspace": world.workspace})).data["gid"]
    sync = (await world.ann.get("/events", resource=project)).body["sync"]
    path = f"/projects/{project}"
    await world.ann.batch(*({"method": "put", "relative_path": path, "data": {"name": str(n)}} for n in range(1, 11)))
    await world.ann.put(path, {"name": "last"})
    found = (await world.ann.get("/events", resource=project, sync=sync)).data
    assert len(found) == 11
    assert [each["created_at"] for each in found] == sorted(each["created_at"] for each in found)
