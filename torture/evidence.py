"""What the database holds, read past the server, against what the clients know: the verdict on every task."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from batchwright.resources import KINDS
from batchwright.store import databases
from torture.ledger import Ledger, Track
from torture.servers import People

Facts = dict[str, Any]
ABSENT: Facts = {"task": None, "memberships": (), "followers": (), "stories": (), "events": ()}
PATIENCE = 30  # seconds until what a killed server had sent to PostgreSQL must have ended
DETAILS = {"name_changed": 1, "notes_changed": 2, "section_changed": 3, "comment_added": 4}  # column of a story
STATEMENTS = {
    "tasks": """SELECT gid, name, notes, completed, completed_at, completed_by, assignee, modified_at, created_at
        FROM task""",
    "memberships": "SELECT task, project, section FROM membership",
    "followers": "SELECT owner, target FROM task_followers",
    "stories": """SELECT target, resource_subtype, new_name, new_text_value, new_section, text, created_at
        FROM story ORDER BY gid""",
    "events": "SELECT stream, told FROM event",
}
OTHERS = """SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND backend_type = 'client backend'
    AND pid <> pg_backend_pid() AND datname = current_database()"""


@dataclass
class Verdict:
    """lost: acknowledged and not there, or there and not whole, in words. applied, dropped: what nobody knew."""

    lost: list[str] = field(default_factory=list)
    applied: int = 0
    dropped: int = 0


def judge(db: str, ledger: Ledger, people: People, project: str) -> Verdict:
    """Compares every task with its track, and settles in the ledger what nobody knew. Nobody may write meanwhile.

    A task must be found exactly as it was acknowledged, or
    exactly as it would be with the action that wasn't: its columns, its place, its followers, its stories, its events.
    """
    verdict = Verdict([f"db check: {each}" for each in databases.check(db, KINDS)])
    found = _found(db)
    by_name = {facts["task"]["name"]: gid for gid, facts in found.items() if facts["task"]}
    for track in ledger.tracks:
        if not track.gid:
            track.gid = by_name.get(track.first_name, "")
        seen = found.pop(track.gid, ABSENT)
        if seen == expected(track, people, project):
            if track.doing is not None:
                verdict.dropped += 1
        elif track.doing is not None and seen == expected(track.done(), people, project):
            verdict.applied += 1
            track.apply()
        else:
            verdict.lost.append(_told(track, expected(track, people, project), seen))
        track.doing = None
    verdict.lost += [f"nobody knows of task {gid}: {facts}" for gid, facts in found.items()]
    return verdict


def expected(track: Track, people: People, project: str) -> Facts:
    """What the database must hold of a task with this history."""
    if not track.exists:
        return ABSENT
    stories = Counter({("assigned", ""): 1, ("added_to_project", ""): 1})
    stories.update(("name_changed", name) for name in track.names)
    stories.update(("notes_changed", name) for name in track.names)
    stories.update(("section_changed", section) for section in track.sections[1:])
    stories.update(("comment_added", text) for text in track.comments)
    stories.update(("marked_incomplete" if each % 2 else "marked_complete", "") for each in range(track.ticks))
    renames, moves = len(track.names), len(track.sections) - 1
    later = {
        ("task", "changed", "name"): renames,
        ("task", "changed", "notes"): renames,
        ("task", "changed", "completed"): track.ticks,
        ("task", "removed", "section"): moves,
        ("task", "added", "section"): moves,
        ("story", "added", "task"): stories.total() - 2,
        ("task", "deleted", ""): int(track.deleted),
    }
    # Nobody can have asked for a task's events before it was there; its project's tell of how it came.
    first = {("task", "added", "project"): 1, ("task", "added", "section"): 1, ("story", "added", "task"): 2}
    events = Counter({(track.gid, *key): number for key, number in later.items()})
    events.update({(project, *key): number for key, number in (*later.items(), *first.items())})
    for key, number in first.items():
        events[(project, *key)] = number + later.get(key, 0)
    told = tuple(sorted((key, number) for key, number in events.items() if number))
    if track.deleted:
        return ABSENT | {"events": told}
    task = {
        "name": track.name,
        "notes": track.name,
        "completed": track.completed,
        "completed_at and completed_by": (track.completed, track.completed),
        "assignee": people.ann,
        "modified with its last story": True,
    }
    return {
        "task": task,
        "memberships": ((project, track.sections[-1]),),
        "followers": tuple(sorted((people.ann, people.bob))),
        "stories": tuple(sorted(stories.items())),
        "events": told,
    }


def _found(db: str) -> dict[str, Facts]:
    """The same of every task that anything in the database speaks of, by gid."""
    with _snapshot(db) as rows:
        read = {name: list(rows(statement)) for name, statement in STATEMENTS.items()}
    stories: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    last: dict[str, int] = {}
    for target, subtype, *details, at in read["stories"]:
        detail = str(details[DETAILS[subtype] - 1]) if subtype in DETAILS else ""
        stories[str(target)][subtype, detail] += 1
        last[str(target)] = at
    found: dict[str, Facts] = {}

    def of(gid: Any) -> Facts:
        return found.setdefault(str(gid), dict(ABSENT))

    for gid, name, notes, completed, at, by, assignee, modified, created in read["tasks"]:
        of(gid)["task"] = {
            "name": name,
            "notes": notes,
            "completed": bool(completed),
            "completed_at and completed_by": (at is not None, by is not None),
            "assignee": str(assignee),
            "modified with its last story": modified == last.get(str(gid), created),
        }
    for task, project, section in read["memberships"]:
        of(task)["memberships"] += ((str(project), str(section)),)
    for owner, target in read["followers"]:
        of(owner)["followers"] = tuple(sorted((*of(owner)["followers"], str(target))))
    for gid, counted in stories.items():
        of(gid)["stories"] = tuple(sorted(counted.items()))
    for gid, events in _events(read["events"]).items():
        of(gid)["events"] = tuple(sorted(events.items()))
    return found


def _events(rows: Iterable[Any]) -> dict[str, Counter[Any]]:
    """By task: who is told, of a task or story, what happened, and to which field or with what parent."""
    told: dict[str, Counter[Any]] = defaultdict(Counter)
    for stream, row in rows:
        for (kind, gid), action, *more in row if isinstance(row, list) else json.loads(row):
            parent, change = (*more, None, None)[:2]
            if kind not in ("task", "story"):
                continue
            task = gid if kind == "task" else parent[1]
            about = change["field"] if change else parent[0] if parent else ""
            told[str(task)][str(stream), kind, action, about] += 1
    return told


def _told(track: Track, wanted: Facts, seen: Facts) -> str:
    differing = {name: (wanted[name], seen[name]) for name in wanted if wanted[name] != seen[name]}
    words = "; ".join(f"{name}: {was} was expected, {now} is there" for name, (was, now) in differing.items())
    unknown = f", {track.doing} wasn't" if track.doing else ""
    return f"task {track.gid or track.first_name} (acknowledged{unknown}): {words}"


@contextmanager
def _snapshot(db: str) -> Iterator[Any]:
    """A function that reads, all from one moment."""
    if databases.is_file(db):
        with closing(sqlite3.connect(db, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            yield connection.execute
        return
    with psycopg.connect(db, autocommit=True) as other:
        _let_end(other)
        other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        yield other.execute


def _let_end(connection: psycopg.Connection[Any]) -> None:
    """Waits for a killed server's last commit, which may still be under way in PostgreSQL."""
    give_up = time.monotonic() + PATIENCE
    while connection.execute(OTHERS).fetchone() != (0,):
        if time.monotonic() > give_up:
            raise TimeoutError("what a killed server had begun doesn't end")
        time.sleep(0.01)
