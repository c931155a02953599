"""What the walk over the catalogue may never show: things of ann's that say `hush`, and who is kept from which."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.api.making import a_project, a_section, a_tag, a_task
from tests.world import Client, World

from batchwright.resources.sections.kind import SECTION
from batchwright.resources.team_memberships import TEAM_MEMBERSHIP
from batchwright.resources.teams import TEAM
from batchwright.resources.users.favorites import FAVORITE

WORD = "hush"
PEOPLE = ("bob", "gus", "eve")
# What eve's workspace doesn't share with ann's: bob alone belongs to both.
FOREIGN = (WORD, "Acme", "Ann Archer", "ann@", "Gus", "gus@")


@dataclass(frozen=True)
class Secrets:
    """A world with secrets in it.

    hidden: by person and kind, gids of rows the person may not see. shown: one the person may see. kept: by person,
    the gids of all rows that no reply of theirs may name. tokens: sync tokens by person and resource, given out
    before anything happened.
    """

    world: World
    path: Path
    hidden: Mapping[str, Mapping[str, str]]
    shown: Mapping[str, Mapping[str, str]]
    kept: Mapping[str, frozenset[str]]
    tokens: Mapping[tuple[str, str], str]

    def client(self, person: str) -> Client:
        """The person's way in."""
        found: Client = getattr(self.world, person)
        return found

    def words(self, person: str) -> tuple[str, ...]:
        """What no reply to the person may say."""
        return FOREIGN if person == "eve" else (WORD,)


async def keep(world: World, path: Path) -> Secrets:
    """Puts the secrets into a fresh world: private things, and an open task that is tied to them in every way."""
    ann = world.ann
    hidden = {"team": await world.make(TEAM, name="hush team", organization=world.workspace)}
    place = await world.make(TEAM_MEMBERSHIP, team=hidden["team"], user=ann.gid, is_admin=True)
    crew = await world.make(TEAM, name="Acme crew", organization=world.workspace, visibility="public")
    await ok(world.eve.post(f"/workspaces/{world.elsewhere}/addUser", {"user": "bob@acme.example"}))
    open_one = await a_project(ann, world, name="Acme plan", team=hidden["team"], privacy_setting="public_to_workspace")
    await ok(ann.post(f"/projects/{open_one}/addMembers", {"members": [world.gus.gid]}))
    task = (await a_task(ann, world, name="Acme task", followers=[world.bob.gid, world.gus.gid]))["gid"]
    before = {
        (person, each): (await getattr(world, person).get("/events", resource=each)).body["sync"]
        for person in ("bob", "gus")
        for each in (task, open_one)
    }
    hidden |= await _private(world, hidden["team"]) | {"team_membership": place}
    await _tie(world, task, open_one, hidden)
    hidden["section"] = hidden["own"]
    shown = {
        "workspace": world.workspace,
        "user": world.ann.gid,
        "project": open_one,
        "section": (await ann.get(f"/projects/{open_one}/sections")).data[0]["gid"],
        "task": task,
        "tag": await a_tag(world, "Acme label"),
        "team": crew,
        "story": (await ok(ann.post(f"/tasks/{task}/stories", {"text": "Acme words"})))["gid"],
        "user_task_list": (await ann.get("/users/me/user_task_list", workspace=world.workspace)).data["gid"],
        "team_membership": await world.make(TEAM_MEMBERSHIP, team=crew, user=ann.gid, is_admin=True),
        "workspace_membership": (await ann.get("/users/me/workspace_memberships")).data[0]["gid"],
    }
    return Secrets(world, path, *(await _views(world, path, hidden, shown)), before)


async def ok(answering: Any) -> dict[str, Any]:
    """The data of an answer that must be a success."""
    answer = await answering
    assert answer.status < 300, answer.body
    data: dict[str, Any] = answer.data
    return data


async def _private(world: World, team: str) -> dict[str, str]:
    """A project of ann's alone with a task, a subtask, a comment and the job of a copy; her own sections."""
    ann = world.ann
    project = await a_project(ann, world, name="hush plan", notes="hush", privacy_setting="private", team=team)
    section = await a_section(world, project, "hush section")
    place = {"project": project, "section": section}
    task = (await a_task(ann, world, name="hush task", notes="hush", assignee="me", memberships=[place]))["gid"]
    await ok(ann.put(f"/tasks/{task}", {"external": {"gid": "hush-1", "data": "hush"}}))
    mine = (await ann.get("/users/me/user_task_list", workspace=world.workspace)).data["gid"]
    own = await world.make(SECTION, name="hush own", user_task_list=mine, rank="a1")
    await world.make(FAVORITE, user=ann.gid, workspace=world.workspace, target=int(project), rank="a1")
    return {
        "project": project,
        "task": task,
        "own": own,
        "subtask": (await ok(ann.post(f"/tasks/{task}/subtasks", {"name": "hush part"})))["gid"],
        "story": (await ok(ann.post(f"/tasks/{task}/stories", {"text": "hush words"})))["gid"],
        "job": (await ok(ann.post(f"/tasks/{task}/duplicate", {"name": "hush copy", "include": "projects"})))["gid"],
    }


async def _tie(world: World, task: str, open_one: str, hidden: Mapping[str, str]) -> None:
    """Ties an open task to everything secret, to what stays and to what is deleted afterwards."""
    ann, path = world.ann, f"/tasks/{task}"
    gone = await a_project(ann, world, name="hush past", privacy_setting="private")
    past = (await a_task(ann, world, name="hush done", projects=[gone]))["gid"]
    for project, other in ((gone, past), (hidden["project"], hidden["task"])):
        await ok(ann.post(f"{path}/addProject", {"project": project}))
        section = await a_section(world, project, "hush next")
        await ok(ann.post(f"/sections/{section}/addTask", {"task": task}))
        await ok(ann.post(f"{path}/addDependencies", {"dependencies": [other]}))
        await ok(ann.post(f"{path}/addDependents", {"dependents": [hidden["subtask"]]}))
        await ok(ann.post(f"{path}/removeDependents", {"dependents": [hidden["subtask"]]}))
        await ok(ann.post(f"{path}/addDependents", {"dependents": [await _another(world, project)]}))
        await ok(ann.post(f"{path}/setParent", {"parent": other}))
    await ok(ann.post(f"{path}/addProject", {"project": open_one}))
    links = "".join(f'<a data-asana-gid="{hidden[kind]}"/>' for kind in ("project", "task", "team"))
    mine = {"assignee": ann.gid, "assignee_section": hidden["own"], "liked": True}
    await ok(ann.put(path, {"html_notes": f"<body>Acme {links}</body>", **mine}))
    await ok(ann.post(f"{path}/stories", {"html_text": f"<body>Acme {links}</body>"}))
    await ok(ann.post(f"/tasks/{hidden['task']}/duplicate", {"name": "hush twin", "include": "followers"}))
    for each in (f"/projects/{gone}", f"/tasks/{past}"):
        await ok(ann.delete(each))


async def _another(world: World, project: str) -> str:
    return str((await a_task(world.ann, world, name="hush after", projects=[project]))["gid"])


async def _views(
    world: World, path: Path, hidden: Mapping[str, str], shown: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, frozenset[str]]]:
    """What is hidden from each, what is shown to each, and which gids no reply of theirs may hold."""
    theirs = {
        "workspace": world.elsewhere,
        "user": world.bob.gid,
        "task": (await ok(world.eve.post("/tasks", {"name": "Hers", "workspace": world.elsewhere})))["gid"],
        "project": (await ok(world.eve.post("/projects", {"name": "Hers", "workspace": world.elsewhere})))["gid"],
        "tag": await a_tag(world, "Hers", world.elsewhere),
        "user_task_list": (await world.eve.get("/users/me/user_task_list", workspace=world.elsewhere)).data["gid"],
        "workspace_membership": (await world.eve.get("/users/me/workspace_memberships")).data[0]["gid"],
    }
    theirs["section"] = (await world.eve.get(f"/projects/{theirs['project']}/sections")).data[0]["gid"]
    theirs["story"] = (await ok(world.eve.post(f"/tasks/{theirs['task']}/stories", {"text": "Hers"})))["gid"]
    alone: dict[str, str] = {"workspace": world.elsewhere, "user": world.eve.gid, "tag": theirs["tag"]}
    secret = frozenset(hidden.values()) | _hushed(path)
    keep = {world.bob.gid, world.eve.gid, *theirs.values()}
    foreign = _gids(path) - _of_elsewhere(path, world.elsewhere) - keep
    return (
        {"bob": hidden, "gus": {**alone, **hidden}, "eve": {**shown, "user": world.ann.gid, **hidden}},
        {"bob": shown, "gus": {**shown, "team": ""}, "eve": theirs},
        {"bob": secret, "gus": secret, "eve": foreign | secret},
    )


def _hushed(path: Path) -> frozenset[str]:
    """The gids of all rows whose name is secret."""
    found: set[str] = set()
    for table in ("project", "task", "section", "team"):
        found |= _read(path, f"SELECT gid FROM {table} WHERE name LIKE '{WORD}%'")
    return frozenset(found)


def _gids(path: Path) -> frozenset[str]:
    """Every gid of the database."""
    tables = _read(path, "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    with_gids = [name for name in tables if _read(path, f"SELECT 1 FROM pragma_table_info('{name}') WHERE name='gid'")]
    return frozenset(gid for name in with_gids for gid in _read(path, f'SELECT gid FROM "{name}"'))


def _of_elsewhere(path: Path, workspace: str) -> frozenset[str]:
    """The gids of what belongs to eve's workspace."""
    found = set(_read(path, f"SELECT gid FROM workspace_membership WHERE workspace = {workspace}"))
    lists = _read(path, f"SELECT gid FROM user_task_list WHERE workspace = {workspace}")
    found |= lists | _read(path, f"SELECT gid FROM section WHERE user_task_list IN ({','.join(lists)})")
    found |= _read(path, "SELECT gid FROM token")
    return frozenset(found)


def _read(path: Path, query: str) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {str(row[0]) for row in connection.execute(query)}
    finally:
        connection.close()


def told(text: str, words: Iterable[str]) -> list[str]:
    """Those of the words that the text says."""
    return [word for word in words if word in text]
