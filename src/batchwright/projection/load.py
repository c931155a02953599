"""Loads what a plan names, a level at a time, and shapes the records from the bottom up.

All reads of a level are begun before the first is awaited, so they reach the store in one moment; parts of a level
that show rows in the same way (a task's assignee, its followers) share one read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from typing import Any

from batchwright.model.conditions import Reading
from batchwright.model.fields import Type
from batchwright.model.problems import Problem, bad_request
from batchwright.model.views import Rows, View
from batchwright.projection.mentions import resolved
from batchwright.projection.plan import Part, Plan
from batchwright.projection.shape import shape

Records = dict[int, dict[str, Any]]
MOST = 50_000  # records in a reply, each counted as often as it is shown
LONG = 1_000  # characters of a repeated record that count as one more record


@dataclass(slots=True, eq=False)
class _Node:
    """Rows to be shown by one plan: how often each, what was loaded of them, the nodes below by part, the records."""

    plan: Plan
    filtered: bool
    gids: dict[int, int] = field(default_factory=dict)
    rows: Rows = field(default_factory=dict)
    related: dict[str, Rows] = field(default_factory=dict)
    below: dict[str, _Node] = field(default_factory=dict)
    records: Records = field(default_factory=dict)


async def project(view: View, plan: Plan, gids: Iterable[int], base: str, *, filtered: bool = False) -> Records:
    """The record of each row by gid. filtered: only of the rows the caller may see; rows that are gone are missing.

    Raises Problem 400 for what would be too large: rows that lead to one another are shown again at every level, and
    a few of them can fill gigabytes.
    """
    wanted = tuple(gids)

    async def work(every: Iterable[int]) -> Records:
        return await _project(view, plan, every, base, filtered=filtered)

    try:
        return await view.together((plan, base, filtered), wanted, work)
    except Problem:  # too large with what others asked for, perhaps not by itself
        return await work(wanted)


async def _project(view: View, plan: Plan, gids: Iterable[int], base: str, *, filtered: bool) -> Records:
    root = _Node(plan, filtered, dict.fromkeys(gids, 1))
    nodes = level = [root]
    size = 0
    while level:
        size = _bounded(size + sum(sum(node.gids.values()) for node in level))
        await _load(view, level, base)
        size = _bounded(size + sum(_repeated(node) for node in level))
        level = _below(level)
        nodes = nodes + level
    for node in reversed(nodes):
        node.records = _records(node, base, view.caller.user)
    return root.records


def _bounded(size: int) -> int:
    if size > MOST:
        raise bad_request("opt_fields: The result is too large. Name fewer fields, or ask for fewer objects")
    return size


async def _load(view: View, level: list[_Node], base: str) -> None:
    asked = [(node, _rows(view, node), _related(view, node)) for node in level if node.gids]
    for node, rows, related in asked:
        node.rows = {gid: [()] for gid in node.gids} if rows is None else await rows
        node.related = {name: await each for name, each in related}
        node.rows = await resolved(view, node.plan, node.rows, base)


def _rows(view: View, node: _Node) -> Awaitable[Rows] | None:
    kind = node.plan.kind
    guarded = node.filtered and kind.visible is not None and not kind.open
    if node.plan.bare and not guarded:
        return None
    return view.fetch(Reading(kind.name, columns=node.plan.columns, visible=guarded), node.gids)


def _related(view: View, node: _Node) -> list[tuple[str, Awaitable[Rows]]]:
    return [(part.name, view.fetch(part.reading, node.gids)) for part in node.plan.parts if part.reading]


def _below(level: list[_Node]) -> list[_Node]:
    shared: dict[int, _Node] = {}
    for node in level:
        for part in node.plan.parts:
            if part.plan is not None:
                child = shared.setdefault(id(part.plan), _Node(part.plan, filtered=True))
                node.below[part.name] = child
                for target, times in _targets(node, part):
                    child.gids[target] = child.gids.get(target, 0) + times
    return list(shared.values())


def _targets(node: _Node, part: Part) -> Iterable[tuple[int, int]]:
    """The rows that a part leads to, and how often what leads there is shown."""
    if part.field.type is Type.REF:
        found = ((gid, rows[0][part.column]) for gid, rows in node.rows.items() if rows)
    else:
        related = node.related.get(part.name, {})
        found = ((gid, row[0]) for gid, rows in related.items() if node.rows[gid] for row in rows)
    return ((target, node.gids[gid]) for gid, target in found if target is not None)


def _repeated(node: _Node) -> int:
    """What long texts add to the size of a reply where their records are shown more than once."""
    often = ((times, node.rows.get(gid)) for gid, times in node.gids.items() if times > 1)
    return sum(times * (_length(rows[0]) // LONG) for times, rows in often if rows)


def _length(row: tuple[Any, ...]) -> int:
    return sum(len(value) for value in row if isinstance(value, str))


def _records(node: _Node, base: str, me: int) -> Records:
    children = {name: child.records for name, child in node.below.items()}
    # Levels are read one after the other. A row whose required reference leads nowhere went in between.
    required = [(part.column, children[part.name]) for part in node.plan.parts if part.required]
    return {
        gid: shape(node.plan, gid, rows[0], node.related, children, base, me)
        for gid in node.gids
        if (rows := node.rows.get(gid)) and all(rows[0][column] in found for column, found in required)
    }
