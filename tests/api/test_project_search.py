"""Project search: every documented filter and sort."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world import World

from batchwright.model import moments
from batchwright.resources.projects.kind import PROJECT
from batchwright.resources.teams import TEAM

JAN, FEB, MAR = (moments.parse(f"2026-0{month}-10T12:00:00Z") for month in (1, 2, 3))


@pytest.fixture
async def found(world: World) -> dict[str, str]:
    """Three projects: of January, February (complete, bob's, of a team) and March (without dates)."""
    design = await world.make(TEAM, name="Design", organization=world.workspace, visibility="public")
    home = {"workspace": world.workspace}
    jan = await world.make(
        PROJECT,
        name="Website launch",
        owner=world.ann.gid,
        created_at=JAN,
        modified_at=MAR,
        due_on="2026-06-10",
        start_on="2026-06-01",
        **home,
    )
    feb = await world.make(
        PROJECT,
        name="Launch of the rocket",
        owner=world.bob.gid,
        team=design,
        created_at=FEB,
        modified_at=JAN,
        due_on="2026-05-10",
        completed=True,
        completed_at=FEB,
        **home,
    )
    mar = await world.make(PROJECT, name="Garden", owner=world.ann.gid, created_at=MAR, modified_at=FEB, **home)
    await world.ann.post(f"/projects/{feb}/addMembers", {"members": [world.bob.gid, world.gus.gid]})
    # Linking may count as a change; the order below is about the times as they were made.
    return {"jan": jan, "feb": feb, "mar": mar, "team": design}


async def search(world: World, names: dict[str, str], **params: Any) -> list[str]:
    """What ann finds, by the names above."""
    answer = await world.ann.get(f"/workspaces/{world.workspace}/projects/search", **params)
    assert answer.status == 200, answer.body
    known = {gid: name for name, gid in names.items()}
    return [known[each["gid"]] for each in answer.data]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, {"jan", "feb", "mar"}),
        ({"text": "LAUNCH"}, {"jan", "feb"}),
        ({"text": "launch rocket"}, {"feb"}),
        ({"text": "%"}, set()),
        ({"completed": "true"}, {"feb"}),
        ({"completed": False}, {"jan", "mar"}),
        ({"teams.any": "team"}, {"feb"}),
        ({"owner.any": "me"}, {"jan", "mar"}),
        ({"owner.any": "me,bob@acme.example"}, {"jan", "feb", "mar"}),
        ({"members.any": "bob@acme.example"}, {"feb"}),
        ({"members.not": "bob@acme.example"}, {"jan", "mar"}),
        ({"portfolios.any": "123"}, set()),
        ({"created_on": "2026-02-10"}, {"feb"}),
        ({"created_on.before": "2026-02-10"}, {"jan"}),
        ({"created_on.after": "2026-02-10"}, {"mar"}),
        ({"created_at.before": "2026-02-10T12:00:00.000Z"}, {"jan"}),
        ({"created_at.after": "2026-02-10T11:59:59Z"}, {"feb", "mar"}),
        ({"completed_on": "2026-02-10"}, {"feb"}),
        ({"completed_on": "null"}, {"jan", "mar"}),
        ({"completed_on.before": "2026-02-10"}, set()),
        ({"completed_on.after": "2026-02-09"}, {"feb"}),
        ({"completed_at.before": "2026-02-11"}, {"feb"}),
        ({"completed_at.after": "2026-02-11"}, set()),
        ({"due_on": "2026-05-10"}, {"feb"}),
        ({"due_on": "null"}, {"mar"}),
        ({"due_on.before": "2026-06-10"}, {"feb"}),
        ({"due_on.after": "2026-05-10"}, {"jan"}),
        ({"due_at.before": "2026-05-10T00:00:00.000Z"}, set()),
        ({"due_at.before": "2026-05-10T00:00:00.001Z"}, {"feb"}),
        ({"due_at.after": "2026-06-09T23:59:59Z"}, {"jan"}),
        ({"due_at.after": "2026-06-10T00:00:00Z"}, set()),
        ({"start_on": "2026-06-01"}, {"jan"}),
        ({"start_on": "null"}, {"feb", "mar"}),
        ({"start_on.before": "2026-06-02"}, {"jan"}),
        ({"start_on.after": "2026-06-01"}, set()),
        ({"text": "launch", "completed": "false", "due_on.after": "2026-01-01"}, {"jan"}),
    ],
)
async def test_filters(world: World, found: dict[str, str], params: dict[str, Any], expected: set[str]) -> None:
    """Each alone, and together."""
    given = {name: found.get(str(value), value) for name, value in params.items()}
    assert set(await search(world, found, **given)) == expected


@pytest.mark.parametrize(
    ("sort", "ascending"),
    [
        ("created_at", ["jan", "feb", "mar"]),
        ("due_date", ["feb", "jan", "mar"]),
    ],
)
async def test_sorts(world: World, found: dict[str, str], sort: str, ascending: list[str]) -> None:
    """The largest first unless sort_ascending; what has none is last either way."""
    assert await search(world, found, sort_by=sort, sort_ascending="true") == ascending
    none = [name for name in ascending if sort == "due_date" and name == "mar"]
    rest = [name for name in ascending if name not in none]
    assert await search(world, found, sort_by=sort) == rest[::-1] + none


async def test_the_latest_change_is_first_by_default(world: World, found: dict[str, str]) -> None:
    """sort_by=modified_at, also among what is equally relevant; a word that begins so comes before one within."""
    await world.ann.put(f"/projects/{found['mar']}", {"name": "Relaunch"})
    await world.ann.put(f"/projects/{found['feb']}", {"name": "Launch"})
    await world.ann.put(f"/projects/{found['mar']}", {"notes": "n"})
    assert (await search(world, found, text="launch", sort_by="completed_at"))[0] == "feb"
    assert (await search(world, found, text="launch", sort_by="relevance"))[-1] == "mar"


async def test_a_search_is_no_list_of_pages(world: World, found: dict[str, str]) -> None:
    """limit bounds it, and no page follows."""
    answer = await world.ann.get(f"/workspaces/{world.workspace}/projects/search", limit=1)
    assert len(answer.data) == 1
    assert not answer.body.get("next_page")
    for limit in ("0", "101", "x"):
        answer = await world.ann.get(f"/workspaces/{world.workspace}/projects/search", limit=limit)
        assert (answer.status, answer.message) == (400, "limit: Must be between 1 and 100")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"sort_by": "likes"}, None),
        ({"created_on.after": "soon"}, "created_on.after: Date must be in ISO-8601 (yyyy-mm-dd) format, not: soon"),
        ({"created_at.after": "soon"}, "created_at.after: Date-time must be in ISO-8601 format, not: soon"),
        ({"completed": "maybe"}, "completed: Value is not a boolean: maybe"),
        ({"owner.any": "nobody"}, "owner.any: [0]: Not a recognized ID: nobody"),
        ({"teams.any": "12"}, "teams.any: [0]: Unknown object: 12"),
    ],
)
async def test_bad_filters(world: World, params: dict[str, Any], message: str | None) -> None:
    """400, saying why."""
    answer = await world.ann.get(f"/workspaces/{world.workspace}/projects/search", **params)
    assert answer.status == 400
    assert message is None or answer.message == message


async def test_a_search_finds_what_one_may_see(world: World, found: dict[str, str]) -> None:
    """A guest finds what they are members of, a stranger may not search; the same in a batch."""
    await world.ann.put(f"/projects/{found['jan']}", {"public": False})
    path = f"/workspaces/{world.workspace}/projects/search"
    assert [each["gid"] for each in (await world.gus.get(path)).data] == [found["feb"]]
    assert found["jan"] not in [each["gid"] for each in (await world.bob.get(path)).data]
    assert (await world.eve.get(path)).status == 403
    answer = await world.gus.batch({"relative_path": path, "method": "get", "data": {"text": "launch"}})
    assert [each["gid"] for each in answer.data[0]["body"]["data"]] == [found["feb"]]


async def test_a_team_that_is_hidden_is_none(world: World) -> None:
    """As the project's own record has it; so a search can't tell that there is one."""
    secret = await world.make(TEAM, name="Secret", organization=world.workspace)
    project = await world.make(PROJECT, name="Open", workspace=world.workspace, team=secret)
    path = f"/workspaces/{world.workspace}/projects/search"
    assert (await world.bob.get(f"/projects/{project}")).data["team"] is None
    assert [each["gid"] for each in (await world.bob.get(path, teams__any="null")).data] == [project]
