"""Data to measure with: tasks with all that belongs to them, the same rows with the same gids in every database.

A database is filled once and kept; whoever measures writes to a copy of it.
"""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import sqlalchemy as sa

from batchwright.engine.auth import digest
from batchwright.model import gids, ranks
from batchwright.model.changes import Insert, Link
from batchwright.resources import KINDS
from batchwright.store.databases import upgrade
from batchwright.store.sqlite import connect
from batchwright.store.tables import OWN, tables
from bench.manifest import TOKEN, TOKENS, Manifest, token

BEGIN = 1_735_689_600_000  # 2025-01-01
PEOPLE, TAGS, SECTIONS = 50, 40, 5
PER_PROJECT = 500  # new projects come with new tasks: every task is in two, so a project has a thousand
SAMPLE = 5_000  # tasks that are asked for, drawn from all
AT_ONCE = 500  # tasks in one transaction
NOTES = (
    "What was agreed on, who wants it until when, and where to find the rest: see the project's brief, part {}. " * 2
)


@cache
def version() -> str:
    """A name for the layout of the tables and for what is put into them."""
    made = hashlib.sha256(Path(__file__).read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.db"
        upgrade(str(empty), KINDS)
        with closing(sqlite3.connect(empty)) as connection:
            for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"):
                made.update(row[0].encode())
    return made.hexdigest()[:10]


def fill(file: Path, count: int) -> Manifest:
    """Makes a database with so many tasks; what is in it."""
    for ending in ("", "-wal", "-shm"):  # a run that was broken off leaves a part
        file.with_name(file.name + ending).unlink(missing_ok=True)
    upgrade(str(file), KINDS)
    making, begun = _Making(count), time.monotonic()
    with closing(connect(str(file))) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")  # all are right, and looked up they take as long as all the rest
        connection.execute("PRAGMA synchronous=OFF")
        for number, changes in enumerate(making.everything()):
            connection.execute("BEGIN")
            for (table, columns), rows in _by_table(changes).items():
                names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
                connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
            connection.execute("COMMIT")
            if number % 40 == 39:
                print(f"    {number * AT_ONCE:,} tasks, {time.monotonic() - begun:.0f} s", flush=True)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return making.made


def _by_table(changes: Iterable[Insert | Link]) -> dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]]:
    found: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = {}
    for each in changes:
        if isinstance(each, Insert):
            found.setdefault((each.kind, ("gid", *each.values)), []).append((each.gid, *each.values.values()))
        else:
            rows = found.setdefault((each.table, ("owner", "target", "position")), [])
            rows.append((each.owner, each.target, gids.make()))
    return found


def copy(file: Path, url: str) -> None:
    """Puts a filled file's rows into an empty database of PostgreSQL."""
    with closing(sqlite3.connect(file)) as source, psycopg.connect(url) as target:
        target.execute("SET session_replication_role = replica")  # no foreign key is looked up
        for table in tables(KINDS).sorted_tables:
            if table.name in OWN:
                continue
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            flags = [place for place, column in enumerate(table.columns) if isinstance(column.type, sa.Boolean)]
            with target.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN'.encode()) as copying:
                for row in source.execute(f'SELECT {names} FROM "{table.name}"'):
                    copying.write_row(_with_flags(row, flags) if flags else row)


def _with_flags(row: tuple[Any, ...], flags: list[int]) -> list[Any]:
    """SQLite has numbers for true and false."""
    made = list(row)
    for place in flags:
        made[place] = None if made[place] is None else bool(made[place])
    return made


class _Making:
    """The rows, a transaction at a time, and what was made of them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.made = Manifest()
        self._draw = Random(20_250_101)
        self._gids = itertools.count(gids.floor(BEGIN) + 1)
        self._sections: dict[int, list[int]] = {}
        self._first: dict[int, int] = {}  # of a person's own sections, the first
        self._wanted = set(self._draw.sample(range(count), min(SAMPLE, count)))

    def everything(self) -> Iterator[list[Insert | Link]]:
        """All changes, those first that others refer to."""
        yield list(self._people())
        yield list(self._tags())
        projects = max(2, self.count // PER_PROJECT)
        yield [each for number in range(projects) for each in self._project(number)]
        self.made.places = [(project, found[2]) for project, found in self._sections.items()]
        for start in range(0, self.count, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, self.count))
            yield [each for number in numbers for each in self._task(number)]

    def _row(self, kind: str, **values: Any) -> Insert:
        known = {"created_at": BEGIN, "modified_at": BEGIN, "created_by": self.made.me or None}
        row = {each.name: known.get(each.name, each.default) for each in KINDS[kind].columns}
        return Insert(kind, next(self._gids), row | values)

    def _ranked(self, kind: str, **values: Any) -> Insert:
        made = self._row(kind, **values)
        return Insert(kind, made.gid, {**made.values, "rank": ranks.last(made.gid)})

    def _people(self) -> Iterator[Insert | Link]:
        home = self._row("workspace", name="Measured", is_organization=True, email_domains='["bench.example"]')
        self.made.workspace = home.gid
        yield home
        for number in range(PEOPLE):
            user = self._row("user", name=f"Person {number}", email=f"person{number}@bench.example")
            self.made.people.append(user.gid)
            yield user
            yield from self._joining(user.gid, home.gid)
        self.made.me = self.made.people[0]
        for made in (TOKEN, *map(token, range(TOKENS))):
            yield self._row("token", user=self.made.me, digest=digest(made), name="bench")

    def _joining(self, user: int, home: int) -> Iterator[Insert | Link]:
        mine = self._row("user_task_list", name="My tasks", owner=user, workspace=home)
        yield mine
        for name in ("Recently assigned", "Today", "Upcoming", "Later"):
            section = self._ranked("section", name=name, user_task_list=mine.gid)
            self._first.setdefault(user, section.gid)
            yield section
        yield self._row("workspace_membership", user=user, workspace=home, user_task_list=mine.gid)

    def _tags(self) -> Iterator[Insert | Link]:
        for number in range(TAGS):
            tag = self._row("tag", name=f"tag {number}", workspace=self.made.workspace)
            self.made.tags.append(tag.gid)
            yield tag

    def _project(self, number: int) -> Iterator[Insert | Link]:
        owner = self._draw.choice(self.made.people)
        project = self._row("project", name=f"Project {number}", owner=owner, workspace=self.made.workspace)
        yield project
        yield Link("project_members", project.gid, owner)
        found = self._sections[project.gid] = []
        for place in range(SECTIONS):
            section = self._ranked("section", name=f"Section {place}", project=project.gid)
            found.append(section.gid)
            yield section

    def _projects(self, number: int) -> tuple[int, int]:
        """Two different ones, in ever new pairs."""
        every = len(self.made.places)
        first = number % every
        return self.made.places[first][0], self.made.places[(first + 1 + number // every % (every - 1)) % every][0]

    def _task(self, number: int) -> Iterator[Insert | Link]:
        draw, people = self._draw, self.made.people
        assignee, author, *followers = draw.sample(people, 5)
        at = BEGIN + number * 1000
        values = {"name": f"Task {number}", "notes": NOTES.format(number, number), "assignee": assignee}
        values |= {"html_notes": f"<body>{values['notes']}</body>", "workspace": self.made.workspace}
        values |= {"created_by": author, "created_at": at, "modified_at": at, "due_on": f"2025-07-{number % 28 + 1:02}"}
        values |= {"assignee_section": self._first[assignee], "assignee_rank": ranks.last(next(self._gids))}
        task = self._row("task", **values)
        if number in self._wanted:
            self.made.tasks.append(task.gid)
        yield task
        for project in self._projects(number):
            section = self._sections[project][number % SECTIONS]
            yield self._ranked("membership", task=task.gid, project=project, section=section)
        yield from (Link("task_followers", task.gid, user) for user in followers)
        yield from (Link("task_tags", task.gid, tag) for tag in draw.sample(self.made.tags, 2))
        yield self._row("task_like", task=task.gid, user=author)
        told: dict[str, Any] = {"target": task.gid, "created_by": author, "created_at": at}
        yield self._row("story", type="system", resource_subtype="assigned", assignee=assignee, text="assigned", **told)
        text = f"Done with part {number}?"
        told |= {"text": text, "html_text": f"<body>{text}</body>"}
        yield self._row("story", type="comment", resource_subtype="comment_added", **told)
