"""The proof that every side answers the same: the first replies of each, compared record by record."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from bench import wire
from bench.rounds import Faulty, Side, run

OWN = ("gid", "created_at", "modified_at", "permalink_url")  # what two creations can't have in common
TABLES = ("task", "membership", "task_followers", "task_tags", "task_like", "story", "event")
TOLD = "SELECT coalesce(sum(json_array_length(told)), 0) FROM event"  # our log has several events in a row
SHOWN = {"memberships": 2, "projects": 2, "followers": 3, "tags": 2, "likes": 1}


def check(replies: Mapping[str, list[str]], what: str) -> int:
    """How many records every side answered alike, each as full as it should be; raises Faulty where one differs.

    replies: by side. A read is known by its gid; creations are compared in the order they were asked for.
    """
    sides = {name: _records(bodies, what) for name, bodies in replies.items()}
    first, expected = next(iter(sides.items()))
    for gid, record in expected.items():
        for field, number in SHOWN.items():
            if len(record.get(field) or ()) != number:
                raise Faulty(f"{first}: {gid} shows {record.get(field)!r} as its {field}")
    for name, found in sides.items():
        for gid in found.keys() & expected.keys():
            if found[gid] != expected[gid]:
                raise Faulty(f"{name} answers otherwise than {first}: {_difference(found[gid], expected[gid])}")
    shared = set(expected).intersection(*sides.values())
    if not shared:
        raise Faulty(f"nothing to compare: {', '.join(sides)} weren't asked for the same")
    return len(shared)


def _records(bodies: list[str], what: str) -> dict[str, Any]:
    found = [record for body in bodies for record in wire.records(body.encode())]
    if what == "reads":
        return {record["gid"]: record for record in found}
    return {str(number): _without_own(record) for number, record in enumerate(found)}


def _without_own(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in OWN}


def _difference(mine: dict[str, Any], theirs: dict[str, Any]) -> str:
    names = sorted(mine.keys() | theirs.keys())
    parts = [
        f"{name}: {mine.get(name)!r}, not {theirs.get(name)!r}" for name in names if mine.get(name) != theirs.get(name)
    ]
    return "; ".join(parts)[:1000]


def written(sides: Sequence[Side]) -> None:
    """Lets each side create once and compares the rows it wrote, table by table. Raises Faulty."""
    found = {side.name: _written(side) for side in sides}
    first, expected = next(iter(found.items()))
    for name, rows in found.items():
        if rows != expected:
            raise Faulty(f"{name} wrote {rows}, {first} {expected}")


def _written(side: Side) -> dict[str, float]:
    with closing(sqlite3.connect(side.server.database)) as connection:
        before = _counts(connection)
        created = run(side, 1.0).acknowledged
        after = _counts(connection)
    rows = {table: (after[table] - before[table]) / created for table in TABLES}
    if rows["task"] != 1:
        raise Faulty(f"{side.name}: {created} tasks acknowledged, {after['task'] - before['task']} written")
    return rows


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows of each table, of the log how many events it tells."""
    ours = any(row[1] == "told" for row in connection.execute("PRAGMA table_info(event)"))
    counting = {table: f"SELECT count(*) FROM {table}" for table in TABLES} | ({"event": TOLD} if ours else {})
    return {table: connection.execute(text).fetchone()[0] for table, text in counting.items()}
