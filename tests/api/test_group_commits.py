"""What the actions of a batch write is written together: in one transaction, by a few statements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.api.making import a_project, a_tag
from tests.world import World, open_world

from batchwright.settings import Settings

# For ten new tasks, each in two projects, with followers, tags and a like: BEGIN, COMMIT, five readings (what the
# stories name, who belongs to the workspace, the last event), and of each table's rows two to four inserts: 30 today.
MOST = 32


async def new_tasks(world: World) -> list[dict[str, Any]]:
    """Ten actions that create a task with all that may come with one."""
    projects = [await a_project(world.ann, world) for _ in range(2)]
    tags = [await a_tag(world, name) for name in ("a", "b")]
    data = {"projects": projects, "tags": tags, "followers": [world.bob.gid], "assignee": world.gus.gid, "liked": True}
    actions = ({"name": f"T{number}"} | data for number in range(10))
    return [{"method": "post", "relative_path": "/tasks", "data": each} for each in actions]


def listen(world: World) -> list[str]:
    """The statements of the writer from now on."""
    heard: list[str] = []
    writing: Any = world.store
    writing._writing.set_trace_callback(heard.append)
    return heard


async def test_ten_creates_are_one_transaction_of_few_statements(tmp_path: Path) -> None:
    async with open_world(tmp_path, Settings(db=str(tmp_path / "world.db"), limits="off")) as world:
        actions = await new_tasks(world)
        heard = listen(world)
        assert {each["status_code"] for each in (await world.ann.batch(*actions)).data} == {201}
        assert [text for text in heard if text.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT"))] == [
            "BEGIN IMMEDIATE",
            "COMMIT",
        ]
        assert len(dict.fromkeys(heard)) <= MOST, "a trigger tells of its statement again"


async def test_ten_updates_read_what_they_compare_with_at_once(tmp_path: Path) -> None:
    async with open_world(tmp_path, Settings(db=str(tmp_path / "world.db"), limits="off")) as world:
        made = (await world.ann.batch(*await new_tasks(world))).data
        paths = [f"/tasks/{each['body']['data']['gid']}" for each in made]
        heard = listen(world)
        answers = await world.ann.batch(
            *({"method": "put", "relative_path": path, "data": {"name": "New", "completed": True}} for path in paths)
        )
        assert {each["status_code"] for each in answers.data} == {200}
        readings = [text for text in heard if text.startswith("SELECT")]
        assert len(readings) <= 4, "rows, places, names, the last event"
        assert heard[-1] == "COMMIT"


async def test_what_undoes_the_precondition_of_another_action_is_decided_again(world: World) -> None:
    gid = (await world.ann.post("/tasks", {"name": "0", "workspace": world.workspace})).data["gid"]
    await world.ann.batch(
        *(
            {"method": "put", "relative_path": f"/tasks/{gid}", "data": {"due_on": f"2026-01-{day:02}"}}
            for day in range(1, 6)
        ),
        *({"method": "post", "relative_path": "/tasks", "data": {"name": str(n), "parent": gid}} for n in range(5)),
    )
    told = (await world.ann.get(f"/tasks/{gid}/stories", opt_fields="old_dates.due_on,new_dates.due_on")).data
    dates = [each for each in told if "new_dates" in each]
    assert len(dates) == 5
    # Each story begins where the one before it ended, in whatever order they were written.
    ends = [each["new_dates"]["due_on"] for each in dates]
    assert [each["old_dates"]["due_on"] for each in dates] == [None, *ends[:-1]]
    assert len((await world.ann.get(f"/tasks/{gid}/subtasks")).data) == 5
