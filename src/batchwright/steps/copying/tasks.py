"""Copies tasks: what a copy shares with its original is named by the `include` of the duplicating operations."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from batchwright.model import gids, ranks
from batchwright.model.calls import Call
from batchwright.model.changes import Change, Insert
from batchwright.model.conditions import Reading
from batchwright.model.kinds import Kind
from batchwright.model.problems import bad_request
from batchwright.model.views import Row, View
from batchwright.steps.copying.schedules import Schedule
from batchwright.steps.writing import insert, link_all

MOST = 10_000  # tasks in one copy: all of them are written in one commit
TURN = 500  # tasks that are copied at a stretch
DATES = ("due_on", "due_at", "start_on", "start_at")
OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "notes": ("notes", "html_notes"),
    "assignee": ("assignee", "assignee_section", "assignee_status", "assigned_by"),
    "dates": DATES,
}
FRESH = frozenset(
    (
        "created_at",
        "created_by",
        "modified_at",
        "completed",
        "completed_at",
        "completed_by",
        "approval_status",
        "parent",
    )
)
LINKS = ("followers", "tags")


def included(call: Call, known: Sequence[str]) -> frozenset[str]:
    """What the body's `include` names, separated by commas. Raises Problem 400 for what isn't known."""
    names = frozenset(name.strip() for name in call.data.get("include", "").split(",") if name.strip())
    for unknown in sorted(names - set(known)):
        raise bad_request(f"include: Value is not one of {', '.join(known)}: {unknown}")
    return names


async def task_trees(view: View, roots: Iterable[int], *, subtasks: bool) -> dict[int, Row]:
    """The rows of these tasks, and (subtasks) of all below them. Raises Problem 400 when there are too many."""
    level = tuple(roots)
    found = dict.fromkeys(level)
    while level and subtasks and len(found) <= MOST:
        below = await view.fetch(Reading("task", "parent", ("gid",), "gid"), level)
        level = tuple(gid for rows in below.values() for (gid,) in rows if gid not in found)
        found.update(dict.fromkeys(level))
    if len(found) > MOST:
        raise bad_request(f"At most {MOST} tasks can be duplicated at once")
    rows = await view.rows("task", found, *(each.name for each in view.kinds["task"].columns))
    return {gid: rows[gid] for gid in found if gid in rows}


async def copy_tasks(
    view: View,
    call: Call,
    trees: Mapping[int, Row],
    include: frozenset[str],
    *,
    overrides: Mapping[int, Mapping[str, Any]] | None = None,
    sections: Mapping[int, tuple[int, int]] | None = None,
    schedule: Schedule | None = None,
) -> tuple[tuple[Change, ...], dict[int, int]]:
    """The changes that make the copies, and each copy's gid by its original's.

    trees: what `task_trees` gave. include: assignee, dates, dependencies, followers, notes, parent, projects, tags;
    others are ignored. overrides: values of copies by their originals. sections: the (project, section) of the copies
    of what stands in a section; "projects" puts copies beside their originals. schedule: moves the dates.
    """
    kind = view.kinds["task"]
    copies = {gid: gids.make() for gid in trees}
    moved, given = schedule or Schedule(), overrides or {}
    tasks = []
    for number, old in enumerate(_parents_first(trees, copies)):
        if number % TURN == 0:
            await asyncio.sleep(0)  # a long copy lets other calls go on in between
        values = _values(trees[old], include, copies, moved) | dict(given.get(old, {}))
        tasks.append(insert(kind, call, copies[old], **values))
    besides: list[Awaitable[Sequence[Change]]] = [_links(view, kind, each, copies) for each in LINKS if each in include]
    besides.append(_memberships(view, call, copies, sections or {}, elsewhere="projects" in include))
    if "dependencies" in include:
        besides.append(_dependencies(view, kind, copies))
    return (*tasks, *chain.from_iterable(await asyncio.gather(*besides))), copies


def _parents_first(rows: Mapping[int, Row], copies: Mapping[int, int]) -> dict[int, None]:
    ordered: dict[int, None] = {}
    for gid in copies:
        line: list[int] = []
        while gid in copies and gid not in ordered and gid not in line:
            line.append(gid)
            gid = rows[gid]["parent"]
        ordered.update(dict.fromkeys(reversed(line)))
    return ordered


def _values(row: Row, include: frozenset[str], copies: Mapping[int, int], schedule: Schedule) -> dict[str, Any]:
    left = {name for group, names in OPTIONAL.items() if group not in include for name in names}
    left |= {name for name in row if name in FRESH or name.startswith("external")}
    values = {name: value for name, value in row.items() if name not in left}
    parent = row["parent"]
    values["parent"] = copies.get(parent, parent if "parent" in include else None)
    if row.get("approval_status"):
        values["approval_status"] = "pending"
    schedule.moved(values)
    return values


async def _memberships(
    view: View,
    call: Call,
    copies: Mapping[int, int],
    sections: Mapping[int, tuple[int, int]],
    *,
    elsewhere: bool,
) -> list[Insert]:
    kind = view.kinds["membership"]
    rows = await view.fetch(Reading("membership", "task", ("project", "section", "rank"), "gid"), copies)
    wanted = {row[0] for found in rows.values() for row in found} if elsewhere else ()
    open_ones = await view.may("project", "fill", wanted)
    made = []
    for old, found in rows.items():
        for project, section, rank in found:
            if section in sections:
                project, section = sections[section]
            elif project in open_ones:
                rank = ranks.between(rank, rank)
            else:
                continue
            made.append(insert(kind, call, task=copies[old], project=project, section=section, rank=rank))
    return made


async def _links(view: View, kind: Kind, field: str, copies: Mapping[int, int]) -> list[Change]:
    rows = await view.fetch(kind.reading(field), copies)
    return [
        change for old, found in rows.items() for change in link_all(kind, field, copies[old], (r[0] for r in found))
    ]


async def _dependencies(view: View, kind: Kind, copies: Mapping[int, int]) -> list[Change]:
    """A copy depends on the copies of what its original depends on, and on the rest of it as it is."""
    rows = await view.fetch(kind.reading("dependencies"), copies)
    others = {target for found in rows.values() for (target,) in found} - copies.keys()
    seen = {gid: gid for gid in await view.visible("task", others)} | dict(copies)
    return [
        change
        for old, found in rows.items()
        for change in link_all(kind, "dependencies", copies[old], (seen[r[0]] for r in found if r[0] in seen))
    ]
