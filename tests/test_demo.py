"""The demo: what the company is made of, that its history is real, and that it is loaded once."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from batchwright import app, demo
from batchwright.accounts import Accounts
from batchwright.demo import keeping
from batchwright.demo.loading import Loading
from batchwright.engine.passwords import Passwords
from batchwright.settings import Settings
from tests.world import Client

FIELDS = (
    "name,assignee.name,due_on,completed,completed_by,resource_subtype,approval_status,tags.name,followers,"
    "memberships.(project|section).name,num_subtasks,dependencies,created_at,created_by.name"
)


@dataclass(frozen=True)
class Company:
    """The demo as its administrator sees it."""

    settings: Settings
    mira: Client
    workspace: str
    projects: list[dict[str, Any]]

    async def tasks(self) -> list[dict[str, Any]]:
        """Every project's tasks."""
        paths = [f"/projects/{each['gid']}/tasks" for each in self.projects]
        answers = await asyncio.gather(*(self.mira.get(path, opt_fields=FIELDS) for path in paths))
        return [task for answer in answers for task in answer.data]

    async def task(self, name: str) -> dict[str, Any]:
        """The task of that name."""
        return next(each for each in await self.tasks() if each["name"] == name)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A database with the demo in it, to be copied, and a token."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    return path, asyncio.run(app.load_demo(Settings(db=str(path))))


@pytest.fixture
async def company(loaded: tuple[Path, str], tmp_path: Path) -> AsyncIterator[Company]:
    path, token = loaded
    settings = Settings(db=str(shutil.copy(path, tmp_path)), limits="off")
    asgi = app.build(settings)
    async with (
        asgi.router.lifespan_context(asgi),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(asgi), base_url="http://server.test") as http,
    ):
        mira = Client(http, token, "me")
        (workspace,) = (await mira.get("/workspaces")).data
        projects = (await mira.get("/projects", workspace=workspace["gid"])).data
        yield Company(settings, mira, workspace["gid"], projects)


async def test_the_company_is_as_large_as_promised(company: Company) -> None:
    mira, path = company.mira, f"/workspaces/{company.workspace}"
    tasks = await company.tasks()
    assert len((await mira.get(f"{path}/users")).data) == 4
    assert len((await mira.get(f"{path}/teams")).data) == 2
    assert len((await mira.get(f"{path}/tags")).data) == 7
    assert len(company.projects) == 6
    assert len({task["gid"] for task in tasks}) == len({task["name"] for task in tasks}) == 200
    assert sum(task["num_subtasks"] for task in tasks) == 41
    assert {task["resource_subtype"] for task in tasks} == {"default_task", "milestone", "approval"}
    assert {task["approval_status"] for task in tasks if task["resource_subtype"] == "approval"} == {
        "pending",
        "approved",
    }


async def test_tasks_are_as_people_leave_them(company: Company) -> None:
    today = dt.datetime.now(dt.UTC).date()
    tasks = await company.tasks()
    done = [task for task in tasks if task["completed"]]
    todo = [task for task in tasks if not task["completed"]]
    assert 40 < len(done) < 80
    assert all(task["completed_by"] and dt.date.fromisoformat(task["due_on"]) <= today for task in done)
    assert any(dt.date.fromisoformat(task["due_on"]) < today for task in todo if task["due_on"])
    assert any(dt.date.fromisoformat(task["due_on"]) > today for task in todo if task["due_on"])
    for some in ("assignee", "tags", "due_on"):
        assert {bool(task[some]) for task in todo} == {True, False}, some
    assert {len(task["followers"]) for task in todo} == {1, 2, 3}
    assert any(task["dependencies"] for task in tasks)
    assert len(Counter(task["created_by"]["name"] for task in tasks)) > 2
    assert all(len(task["memberships"]) == 1 for task in tasks)


async def test_sections_stand_in_their_order(company: Company) -> None:
    kestrel = next(each for each in company.projects if each["name"] == "Kestrel gravel frame")
    sections = (await company.mira.get(f"/projects/{kestrel['gid']}/sections")).data
    assert [section["name"] for section in sections] == ["Ideas", "Next", "In the jig", "Done"]


async def test_the_history_is_told_by_stories(company: Company) -> None:
    done = await company.task("Freeze the seat tube angle")
    stories = (await company.mira.get(f"/tasks/{done['gid']}/stories")).data
    kinds = [story["resource_subtype"] for story in stories]
    assert kinds[-1] == "marked_complete"
    assert "added_to_project" in kinds
    moments = [story["created_at"] for story in stories]
    assert moments == sorted(moments)
    assert moments[0] < (dt.datetime.now(dt.UTC) - dt.timedelta(days=10)).isoformat()


async def test_people_talk(company: Company) -> None:
    task = await company.task("Braze prototype 2")
    stories = (await company.mira.get(f"/tasks/{task['gid']}/stories")).data
    said = [story["created_by"]["name"] for story in stories if story["type"] == "comment"]
    assert said == ["Jonas Lindqvist", "Mira Okafor", "Jonas Lindqvist"]


async def test_the_guest_sees_the_project_he_works_in(company: Company) -> None:
    token = await app.create_token(company.settings, "tomas@herrera-photo.example")
    tomas = replace(company.mira, token=token)
    projects = (await tomas.get("/projects", workspace=company.workspace)).data
    assert [project["name"] for project in projects] == ["Spring catalogue"]


async def test_whoever_has_no_business_there_does_not_see_applications(company: Company) -> None:
    token = await app.create_token(company.settings, "priya@brightwater.example")
    priya = replace(company.mira, token=token)
    names = {project["name"] for project in (await priya.get("/projects", workspace=company.workspace)).data}
    assert len(names) == 5
    assert "Hiring a second mechanic" not in names


async def test_every_record_keeps_the_contract(company: Company) -> None:
    # The client holds each reply against the contract.
    tasks = await company.tasks()
    paths = [f"/tasks/{task['gid']}" for task in tasks] + [f"/projects/{each['gid']}" for each in company.projects]
    for start in range(0, len(paths), 10):
        actions = ({"method": "get", "relative_path": path} for path in paths[start : start + 10])
        answer = await company.mira.batch(*actions)
        assert {result["status_code"] for result in answer.data} == {200}


async def test_a_second_start_loads_nothing_but_makes_a_token(company: Company) -> None:
    token = await app.load_demo(company.settings)
    assert token != company.mira.token
    again = replace(company.mira, token=token)
    assert (await again.get("/users/me")).data["name"] == "Mira Okafor"
    assert (await again.get("/projects", workspace=company.workspace)).data == company.projects
    assert (await company.mira.get("/users/me")).status == 200


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "batchwright"


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each time that the company is loaded call by call."""
    noted: list[str] = []
    everything = Loading.everything

    async def noting(self: Loading, company: Mapping[str, Any]) -> None:
        noted.append(company["workspace"])
        await everything(self, company)

    monkeypatch.setattr(Loading, "everything", noting)
    return noted


def spoil(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("no database")


def kept_in(cache: Path) -> list[Path]:
    return list(cache.glob("*"))


async def test_the_password_is_everybodys_and_new_at_each_start(company: Company) -> None:
    passwords, store = Passwords(), app.open_store(company.settings)
    first, second = [await app.welcome(company.settings) for _ in range(2)]
    assert first["email"] == second["email"] == "mira@brightwater.example"
    for email in demo.emails():
        assert await Accounts(store).signs_in(email, second["password"], passwords) is not None
        assert await Accounts(store).signs_in(email, first["password"], passwords) is None
    await store.close()


def projects(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM project").fetchone()[0])


async def test_the_days_demo_is_loaded_once_and_copied_from_then_on(
    cache: Path, loads: list[str], tmp_path: Path
) -> None:
    first, second = (Settings(db=str(tmp_path / name)) for name in ("first.db", "second.db"))
    tokens = {await app.load_demo(first), await app.load_demo(second)}
    assert len(tokens) == 2
    assert len(loads) == 1
    assert projects(tmp_path / "second.db") == 6
    assert await app.check(second) == []
    one, other = app.open_store(first), app.open_store(second)
    assert one.secret != other.secret
    await asyncio.gather(one.close(), other.close())
    (kept,) = kept_in(cache)
    assert projects(kept) == 6
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT count(*) FROM token").fetchone() == (0,)


async def test_other_code_makes_another_demo(
    cache: Path, loads: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await app.load_demo(Settings(db=str(tmp_path / "first.db")))
    monkeypatch.setattr(keeping, "_code", lambda: "other")
    await app.load_demo(Settings(db=str(tmp_path / "second.db")))
    assert len(loads) == 2
    assert [path.name.endswith("-other.db") for path in kept_in(cache)] == [True]


async def test_a_database_with_data_of_its_own_is_not_kept(cache: Path, loads: list[str], tmp_path: Path) -> None:
    settings = Settings(db=str(tmp_path / "own.db"))
    await app.add_user(settings, "ada@example.com", "Ada Lovelace", "Engines")
    await app.load_demo(settings)
    assert len(loads) == 1
    assert kept_in(cache) == []


@pytest.mark.parametrize("obstacle", ["a file in the way", "a kept demo that is none"])
async def test_a_cache_that_cannot_be_used_is_done_without(
    obstacle: str, cache: Path, loads: list[str], tmp_path: Path
) -> None:
    if obstacle == "a file in the way":
        spoil(cache.parent)
    else:
        kept = keeping._kept()
        assert kept is not None
        spoil(kept)
    await app.load_demo(Settings(db=str(tmp_path / "demo.db")))
    assert len(loads) == 1
    assert projects(tmp_path / "demo.db") == 6
