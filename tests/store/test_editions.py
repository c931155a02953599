"""What is kept from call to call never outlives a change, whoever makes it: another process, a cascade, a hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg
import pytest
from tests.world import World

from batchwright import app
from batchwright.model import moments
from batchwright.model.changes import Changes, Set
from batchwright.resources import KINDS
from batchwright.settings import Settings
from batchwright.store.editions import watched
from batchwright.store.interface import Store
from batchwright.store.kept import EACH, MOST, Kept
from batchwright.store.postgres import PostgresStore
from batchwright.store.sqlite import SqliteStore


def test_what_is_watched() -> None:
    tables = watched(KINDS)
    assert {"user", "project", "section", "tag", "team", "workspace"} <= set(tables)
    assert {"project_members", "workspace_membership", "team_membership", "user_task_list"} <= set(tables)
    assert not {"task", "story", "event", "membership", "task_followers"} & set(tables)


def test_results_hold_for_their_edition_only() -> None:
    kept = Kept()
    kept.of(5, "plan")[1] = "old"
    assert kept.of(5, "plan") == {1: "old"}
    assert kept.of(6, "plan") == {}
    late = kept.of(5, "plan")
    late[1] = "read before the sixth edition"
    assert kept.of(6, "plan") == {}


def test_no_more_is_kept_than_fits() -> None:
    kept = Kept()
    kept.of(1, "plan")[1] = "long"
    kept.added(1, MOST - 2 * EACH)
    assert kept.of(1, "plan") == {1: "long"}
    kept.added(1, 1)
    assert kept.of(1, "plan") == {}


def by_hand(store: Store, text: str) -> None:
    """Runs a statement as an operator would, past the server."""
    if isinstance(store, SqliteStore):
        with closing(sqlite3.connect(store._path)) as file:
            file.create_function("fold", 1, str.casefold, deterministic=True)
            file.execute("PRAGMA foreign_keys=ON")
            file.execute(text)
            file.commit()
        return
    assert isinstance(store, PostgresStore)
    with psycopg.connect(store._url) as connection:
        connection.execute(text.encode())


@pytest.fixture
async def task(world: World) -> str:
    """A task of Bob's in a private project of Ann's that he is a member of."""
    project = await world.ann.post(
        "/projects", {"name": "Plan", "workspace": world.workspace, "privacy_setting": "private"}
    )
    await world.ann.post(f"/projects/{project.data['gid']}/addMembers", {"members": world.bob.gid})
    made = await world.ann.post("/tasks", {"name": "t", "assignee": world.bob.gid, "projects": [project.data["gid"]]})
    return str(made.data["gid"])


async def test_what_is_changed_by_hand_is_seen_at_once(world: World, task: str) -> None:
    assert (await world.ann.get(f"/tasks/{task}")).data["assignee"]["name"] == "Bob Baker"
    by_hand(world.store, f"UPDATE \"user\" SET name = 'Bob Smith' WHERE gid = {world.bob.gid}")
    assert (await world.ann.get(f"/tasks/{task}")).data["assignee"]["name"] == "Bob Smith"


async def test_what_goes_with_another_row_is_seen_to_be_gone(world: World, task: str) -> None:
    assert len((await world.ann.get(f"/tasks/{task}")).data["followers"]) == 2
    by_hand(world.store, f'DELETE FROM "user" WHERE gid = {world.bob.gid}')
    shown = (await world.ann.get(f"/tasks/{task}")).data
    assert (shown["assignee"], [each["name"] for each in shown["followers"]]) == (None, ["Ann Archer"])


async def test_who_is_no_longer_a_member_sees_the_project_no_more(world: World, task: str) -> None:
    before = (await world.bob.get(f"/tasks/{task}")).data
    assert [each["name"] for each in before["projects"]] == ["Plan"]
    left = await world.ann.post(f"/projects/{before['projects'][0]['gid']}/removeMembers", {"members": world.bob.gid})
    assert left.status == 200
    after = (await world.bob.get(f"/tasks/{task}")).data
    assert (after["projects"], after["memberships"]) == ([], [])
    assert [each["name"] for each in (await world.ann.get(f"/tasks/{task}")).data["projects"]] == ["Plan"]


async def test_two_processes_see_each_others_changes(world: World, task: str) -> None:
    url = world.store._path if isinstance(world.store, SqliteStore) else world.store._url  # type: ignore[attr-defined]
    other = app.open_store(Settings(db=url, limits="off"))
    try:
        assert (await world.ann.get(f"/tasks/{task}")).data["assignee"]["name"] == "Bob Baker"
        renamed = Set("user", int(world.bob.gid), {"name": "Robert"})
        await other.commit(Changes((renamed,), 0, moments.now()))
        assert (await world.ann.get(f"/tasks/{task}")).data["assignee"]["name"] == "Robert"
    finally:
        await other.close()
