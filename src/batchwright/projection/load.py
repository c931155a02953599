"""Loads what a plan names, a level at a time, and shapes the records from the bottom up.

All reads of a level are begun before the first is awaited, so they reach the store in one moment; parts of a level
that show rows in the same way (a task's assignee, its followers) share one read. Records of steady rows are kept
encoded from call to call, for as long as the database's edition holds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from batchwright.model.fields import Type
from batchwright.model.problems import Problem, bad_request
from batchwright.model.views import Rows, View
from batchwright.projection.mentions import resolved
from batchwright.projection.plan import Part, Plan
from batchwright.projection.shape import Record, shaped
from batchwright.store.editions import EDITION, ROW

Records = dict[int, dict[str, Any]]
MOST = 50_000  # records in a reply, each counted as often as it is shown
LONG = 1_000  # characters of a repeated record that count as one more record


@dataclass(slots=True, eq=False)
class _Node:
    """Rows to be shown by one plan: how often each, what was loaded of them, the nodes below by part, the records.

    kept: records of earlier calls, None for rows that weren't shown; without it, none are kept. loose: led to by a
    loose reference, so that a row may be gone.
    """

    plan: Plan
    filtered: bool
    gids: dict[int, int] = field(default_factory=dict)
    rows: Rows = field(default_factory=dict)
    related: dict[str, Rows] = field(default_factory=dict)
    below: dict[str, _Node] = field(default_factory=dict)
    kept: dict[int, msgspec.Raw | None] | None = None
    loose: bool = False
    records: dict[int, Any] = field(default_factory=dict)

    @property
    def unread(self) -> list[int]:
        """The rows of which nothing is known yet."""
        known = self.rows if self.kept is None else self.kept
        return [gid for gid in self.gids if gid not in known]


@dataclass(slots=True)
class _Loading:
    """One projection under way: for whom, its nodes from the top down, and those that are to be loaded next."""

    view: View
    base: str
    nodes: list[_Node]
    level: list[_Node]
    edition: int = 0


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
    loading = _Loading(view, base, [root], [root])
    edition = view.fetch(EDITION, (ROW,)) if plan.leads_to_kept else None
    size = 0
    new = loading.nodes
    while loading.level:
        size = _bounded(size + sum(sum(node.gids.values()) for node in new))
        await _load(loading)
        if edition is not None:
            loading.edition, edition = (await edition)[ROW][0][0], None
        size = _bounded(size + sum(_repeated(node) for node in new))
        new = _descend(loading)
        loading.nodes = loading.nodes + new
    for node in reversed(loading.nodes):
        node.records = _records(node, base, view)
    return root.records


def _bounded(size: int) -> int:
    if size > MOST:
        raise bad_request("opt_fields: The result is too large. Name fewer fields, or ask for fewer objects")
    return size


async def _load(loading: _Loading) -> None:
    view = loading.view
    asked = [(node, _rows(view, node), _related(view, node)) for node in loading.level if node.gids]
    for node, rows, related in asked:
        if rows is not None:
            node.rows.update(await rows)
        node.related = {name: await each for name, each in related}
        node.rows = await resolved(view, node.plan, node.rows, loading.base)


def _rows(view: View, node: _Node) -> Awaitable[Rows] | None:
    """Begins to read what isn't known of the node's rows."""
    unread = node.unread
    guarded = node.filtered and node.plan.guarded
    if node.plan.bare and not guarded and not node.loose:
        node.rows.update((gid, [()]) for gid in unread)
        return None
    reading = node.plan.guarded_reading if guarded else node.plan.reading
    return view.fetch(reading, unread) if unread else None


def _related(view: View, node: _Node) -> list[tuple[str, Awaitable[Rows]]]:
    return [(part.name, view.fetch(part.reading, node.gids)) for part in node.plan.parts if part.reading]


def _descend(loading: _Loading) -> list[_Node]:
    """Replaces the level by the one below it; the new nodes, which are more where some need no further reading."""
    parents, ready, level = loading.level, list[_Node](), list[_Node]()
    shared: dict[Hashable, _Node] = {}
    while parents:
        below: list[_Node] = []
        for parent, part, plan in _leading(parents):
            key = (id(parent), part.reading) if part.inline else id(plan)
            child = shared.get(key)
            if child is None:
                child = shared[key] = _node(loading, plan)
                (below if part.inline and plan.whole else level).append(child)
            parent.below[part.name] = child
            child.loose |= part.field.loose
            _fill(parent, part, child)
        ready += below
        parents = below
    loading.level = level
    return ready + level


def _leading(nodes: list[_Node]) -> Iterable[tuple[_Node, Part, Plan]]:
    return ((node, part, part.plan) for node in nodes for part in node.plan.parts if part.plan)


def _node(loading: _Loading, plan: Plan) -> _Node:
    if not plan.kept:
        return _Node(plan, filtered=True)
    key = (plan, loading.base if plan.based else "", loading.view.caller.user if plan.guarded else 0)
    return _Node(plan, filtered=True, kept=loading.view.kept.of(loading.edition, key))


def _fill(parent: _Node, part: Part, child: _Node) -> None:
    """Adds the rows that a part leads to, as often as what leads there is shown."""
    gids = child.gids
    if part.field.type is Type.REF:
        for gid, rows in parent.rows.items():
            if rows and (target := rows[0][part.column]) is not None:
                gids[target] = gids.get(target, 0) + parent.gids[gid]
        return
    related = parent.related.get(part.among or part.name, {})
    place = part.column if part.among else 0
    for gid, found in related.items():
        times = parent.gids[gid] if parent.rows.get(gid) else 0
        for row in found if times else ():
            gids[row[place]] = gids.get(row[place], 0) + times
            if part.inline:
                child.rows[row[0]] = [row[1:]]


def _repeated(node: _Node) -> int:
    """What long texts add to the size of a reply where their records are shown more than once."""
    kept, size = node.kept or {}, 0
    for gid, times in node.gids.items():
        if times == 1:
            continue
        if record := kept.get(gid):
            size += times * (len(record) // LONG)
        elif found := node.rows.get(gid):
            size += times * (sum(len(value) for value in found[0] if isinstance(value, str)) // LONG)
    return size


def _records(node: _Node, base: str, view: View) -> dict[int, Any]:
    if node.kept is None:
        return _shaped(node, node.gids, base, view.caller.user)
    unread = node.unread
    if unread:
        found = _shaped(node, unread, base, view.caller.user)
        encoded = {gid: msgspec.Raw(msgspec.json.encode(record)) for gid, record in found.items()}
        node.kept.update((gid, encoded.get(gid)) for gid in unread)
        view.kept.added(len(unread), sum(map(len, encoded.values())))
    return {gid: record for gid in node.gids if (record := node.kept[gid]) is not None}


def _shaped(node: _Node, gids: Collection[int], base: str, me: int) -> dict[int, Record]:
    children = {name: child.records for name, child in node.below.items()}
    return shaped(node.plan, gids, node.rows, node.related, children, base, me)
