"""Where tasks stand in projects: addProject, removeProject, and what a new task asks for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.making import a_project, a_section, a_task, gids_of, names_of
from tests.world import World


class Board:
    """A project with three sections and the tasks a, b (first section), c, d (second), none in the third."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.gids: dict[str, str] = {}

    async def made(self) -> Board:
        self.project = await a_project(self.world.ann, self.world)
        task = await self.task("a")
        self.sections = [task["memberships"][0]["section"]["gid"]]
        self.sections += [await a_section(self.world, self.project, name) for name in ("Doing", "Done")]
        await self.task("b")
        for name in "cd":
            await self.task(name, {"project": self.project, "section": self.sections[1]})
        return self

    async def task(self, name: str, place: dict[str, str] | None = None) -> dict[str, Any]:
        task = await a_task(self.world.ann, self.world, name=name, memberships=[place or {"project": self.project}])
        self.gids[name] = task["gid"]
        return task

    async def move(self, name: str, **where: Any) -> tuple[int, Any]:
        answer = await self.world.ann.post(f"/tasks/{self.gids[name]}/addProject", {"project": self.project, **where})
        return answer.status, answer.message if answer.status != 200 else answer.data

    async def order(self) -> list[str]:
        """What stands in each section, read in two ways."""
        whole = names_of((await self.world.ann.get(f"/projects/{self.project}/tasks")).data)
        parts = [names_of((await self.world.ann.get(f"/sections/{each}/tasks")).data) for each in self.sections]
        assert [name for part in parts for name in part] == whole
        return ["".join(part) for part in parts]


@pytest.fixture
async def board(world: World) -> Board:
    return await Board(world).made()


async def test_new_tasks_stand_at_the_end_of_their_section(board: Board) -> None:
    assert await board.order() == ["ab", "cd", ""]


@pytest.mark.parametrize(
    ("name", "where", "order"),
    [
        ("a", {}, ["ab", "cd", ""]),
        ("a", {"insert_after": "b"}, ["ba", "cd", ""]),
        ("b", {"insert_before": "a"}, ["ba", "cd", ""]),
        ("a", {"insert_after": "c"}, ["b", "cad", ""]),
        ("a", {"insert_before": "c"}, ["b", "acd", ""]),
        ("a", {"insert_before": "d"}, ["b", "cad", ""]),
        ("a", {"insert_after": "d"}, ["b", "cda", ""]),
        ("d", {"insert_after": None}, ["dab", "c", ""]),
        ("a", {"insert_before": None}, ["b", "cd", "a"]),
        ("a", {"section": 1}, ["b", "cda", ""]),
        ("a", {"section": 1, "insert_after": None}, ["b", "acd", ""]),
        ("a", {"section": 1, "insert_before": None}, ["b", "cda", ""]),
        ("a", {"section": 1, "insert_before": "d"}, ["b", "cad", ""]),
        ("a", {"section": 1, "insert_after": "c"}, ["b", "cad", ""]),
        ("a", {"section": 2}, ["b", "cd", "a"]),
        ("a", {"section": 0}, ["ba", "cd", ""]),
        ("a", {"section": None, "insert_after": "b"}, ["ba", "cd", ""]),
        ("a", {"insert_after": "a"}, ["ab", "cd", ""]),
    ],
)
async def test_a_task_moves_to_where_it_is_put(
    board: Board, name: str, where: dict[str, Any], order: list[str]
) -> None:
    """addProjectForTask: null asks for an end, an absent anchor doesn't."""
    sent = {
        key: board.sections[value] if isinstance(value, int) else board.gids.get(value, value)
        for key, value in where.items()
    }
    assert await board.move(name, **sent) == (200, {})
    assert await board.order() == order


async def test_without_a_place_a_task_is_put_at_the_end_of_the_project(board: Board) -> None:
    task = await a_task(board.world.ann, board.world, name="x")
    board.gids["x"] = task["gid"]
    assert await board.move("x") == (200, {})
    assert await board.order() == ["ab", "cd", "x"]


async def test_places_that_do_not_fit_change_nothing(board: Board) -> None:
    other = await a_project(board.world.ann, board.world)
    stranger = await a_task(board.world.ann, board.world, projects=[other])
    theirs = stranger["memberships"][0]["section"]["gid"]
    a, c = board.gids["a"], board.gids["c"]
    refused: list[tuple[dict[str, Any], str]] = [
        ({"insert_before": c, "insert_after": c}, "You may only provide one of insert_before or insert_after!"),
        ({"insert_before": c, "insert_after": None}, "You may only provide one of insert_before or insert_after!"),
        ({"insert_after": stranger["gid"]}, f"insert_after: Not a task in the project: {stranger['gid']}"),
        ({"section": theirs}, f"section: Not a section of the project: {theirs}"),
        ({"section": board.sections[0], "insert_after": c}, f"insert_after: Not a task in the section: {c}"),
        ({"insert_before": "1234567890123456"}, "insert_before: Unknown object: 1234567890123456"),
        ({"section": 5}, "section: Not a valid GID type: number"),
    ]
    for where, message in refused:
        assert await board.move("b", **where) == (400, message)
    answer = await board.world.ann.post(f"/tasks/{a}/addProject", {})
    assert (answer.status, answer.message) == (400, "project: Missing input")
    assert await board.order() == ["ab", "cd", ""]


async def test_many_may_put_tasks_in_one_place_at_once(board: Board) -> None:
    names = [f"n{number}" for number in range(6)]
    for name in names:
        board.gids[name] = (await a_task(board.world.ann, board.world, name=name))["gid"]
    results = await asyncio.gather(*(board.move(name, insert_after=board.gids["c"]) for name in names))
    assert results == [(200, {})] * len(names)
    order = await board.order()
    assert order[0] == "ab"
    assert order[1].startswith("c")
    assert order[1].endswith("d")
    assert len(order[1]) == 2 + 2 * len(names)


async def test_a_task_can_be_in_several_projects(world: World) -> None:
    one, two = await a_project(world.ann, world, name="One"), await a_project(world.ann, world, name="Two")
    task = await a_task(world.ann, world, projects=[one, two])
    assert gids_of(task["projects"]) == [one, two]
    assert [each["project"]["gid"] for each in task["memberships"]] == [one, two]
    path = f"/tasks/{task['gid']}"
    for _ in range(2):
        answer = await world.ann.post(f"{path}/removeProject", {"project": one})
        assert (answer.status, answer.data) == (200, {})
    assert gids_of((await world.ann.get(path)).data["projects"]) == [two]
    assert (await world.ann.get(f"/projects/{one}/tasks")).data == []


async def test_memberships_name_the_sections(world: World) -> None:
    project = await a_project(world.ann, world)
    section = await a_section(world, project, "Doing")
    task = await a_task(world.ann, world, projects=[project], memberships=[{"project": project, "section": section}])
    assert [each["section"]["gid"] for each in task["memberships"]] == [section]
    other = await a_project(world.ann, world)
    answer = await world.ann.post("/tasks", {"memberships": [{"project": other, "section": section}]})
    assert answer.status == 400
    assert answer.message == f"memberships: [0]: section: Not a section of the project: {section}"


async def test_twenty_projects_and_no_more(world: World) -> None:
    projects = [await a_project(world.ann, world) for _ in range(21)]
    answer = await world.ann.post("/tasks", {"projects": projects})
    assert (answer.status, answer.message) == (400, "projects: A task can be in at most 20 projects")
    task = await a_task(world.ann, world, projects=projects[:19])
    answers = await asyncio.gather(
        *(world.ann.post(f"/tasks/{task['gid']}/addProject", {"project": each}) for each in projects[19:])
    )
    assert sorted(each.status for each in answers) == [200, 400]
    assert len((await world.ann.get(f"/tasks/{task['gid']}")).data["projects"]) == 20


async def test_a_private_project_is_closed_to_others(world: World) -> None:
    """Neither as a place for a task nor among the places of a task one sees."""
    project = await a_project(world.ann, world, privacy_setting="private")
    task = await a_task(world.ann, world, projects=[project], assignee=world.bob.gid)
    seen = (await world.bob.get(f"/tasks/{task['gid']}")).data
    assert (seen["projects"], seen["memberships"]) == ([], [])
    own = await a_task(world.bob, world)
    for path in ("addProject", "removeProject"):
        answer = await world.bob.post(f"/tasks/{own['gid']}/{path}", {"project": project})
        assert (answer.status, answer.message) == (403, "You do not have access to this project.")
    section = task["memberships"][0]["section"]["gid"]
    for path in (f"/projects/{project}/tasks", f"/sections/{section}/tasks"):
        assert (await world.bob.get(path)).status == 403


async def test_in_a_batch(board: Board) -> None:
    actions = [
        {
            "relative_path": f"/tasks/{board.gids[name]}/addProject",
            "method": "post",
            "data": {"project": board.project, "section": board.sections[2], "insert_before": None},
        }
        for name in "abcd"
    ]
    results = (await board.world.ann.batch(*actions)).data
    assert [(each["status_code"], each["body"]) for each in results] == [(200, {"data": {}})] * 4
    assert sorted("".join(await board.order())) == ["a", "b", "c", "d"]
    assert (await board.order())[:2] == ["", ""]
