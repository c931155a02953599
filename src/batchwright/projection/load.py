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
from batchwright.model.views import Rows, View
from batchwright.projection.mentions import resolved
from batchwright.projection.plan import Part, Plan
from batchwright.projection.shape import shape

Records = dict[int, dict[str, Any]]


@dataclass(slots=True, eq=False)
class _Node:
    """Rows to be shown by one plan: their gids, what was loaded of them, the nodes below by part, the records."""

    plan: Plan
    filtered: bool
    gids: dict[int, None] = field(default_factory=dict)
    rows: Rows = field(default_factory=dict)
    related: dict[str, Rows] = field(default_factory=dict)
    below: dict[str, _Node] = field(default_factory=dict)
    records: Records = field(default_factory=dict)


async def project(view: View, plan: Plan, gids: Iterable[int], base: str, *, filtered: bool = False) -> Records:
    """The record of each row by gid. filtered: only of the rows the caller may see; rows that are gone are missing."""
    key = (plan, base, filtered)
    return await view.together(key, gids, lambda every: _project(view, plan, every, base, filtered=filtered))


async def _project(view: View, plan: Plan, gids: Iterable[int], base: str, *, filtered: bool) -> Records:
    root = _Node(plan, filtered, dict.fromkeys(gids))
    nodes = level = [root]
    while level:
        await _load(view, level, base)
        level = _below(level)
        nodes = nodes + level
    for node in reversed(nodes):
        node.records = _records(node, base, view.caller.user)
    return root.records


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
                child.gids.update(dict.fromkeys(_targets(node, part)))
    return list(shared.values())


def _targets(node: _Node, part: Part) -> Iterable[int]:
    if part.field.type is Type.REF:
        gids = (found[0][part.column] for found in node.rows.values() if found)
    else:
        gids = (row[0] for gid, found in node.related.get(part.name, {}).items() if node.rows[gid] for row in found)
    return (gid for gid in gids if gid is not None)


def _records(node: _Node, base: str, me: int) -> Records:
    children = {name: child.records for name, child in node.below.items()}
    return {
        gid: shape(node.plan, gid, node.rows[gid][0], node.related, children, base, me)
        for gid in node.gids
        if node.rows.get(gid)
    }
