"""Typeahead: a few rows of one kind whose names go with what somebody is typing, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from batchwright.model.calls import Call
from batchwright.model.conditions import ME, Condition, Contains, Exists, Join, Order, Query, equals
from batchwright.model.fields import choice, text, whole
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import bad_request, missing
from batchwright.model.views import View
from batchwright.shapes import first

USUAL, MOST = 20, 100  # rows of an answer
KINDS = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a type's rows come from.

    within: which rows, or rows of what `joins` names, belong to a workspace. order: which of equally good matches come
    first. columns: where to look.
    """

    kind: str
    within: Callable[[int], Condition]
    order: tuple[Order, ...]
    columns: tuple[str, ...] = ("name",)
    joins: tuple[Join, ...] = ()


_FOLLOWED = Order(Exists("task_followers", "owner", equals("target", ME)), descending=True)
_CHANGED = Order("modified_at", descending=True)
_NEWEST = Order("gid", descending=True)

_PEOPLE = Source(
    "user",
    lambda workspace: equals("workspace_membership.workspace", workspace),
    (Order("name", folded=True),),
    ("name", "email"),
    (Join("workspace_membership", "user", "gid"),),
)
# Types that aren't here have no rows: nothing of their kind can be made.
SOURCES: Mapping[str, Source] = {
    "actor": _PEOPLE,
    "project": Source("project", lambda workspace: equals("workspace", workspace), (_CHANGED,)),
    "tag": Source("tag", lambda workspace: equals("workspace", workspace), ()),
    "task": Source("task", lambda workspace: equals("workspace", workspace), (_FOLLOWED, _CHANGED)),
    "team": Source("team", lambda workspace: equals("organization", workspace), ()),
    "user": _PEOPLE,
}
TYPES = tuple(sorted({*SOURCES, "agent", "custom_field", "goal", "portfolio", "project_template"}))
OLD_TYPES = ("custom_field", "portfolio", "project", "tag", "task", "user")


def _count(params: Mapping[str, Any]) -> int:
    count: int = params.get("count", USUAL)
    if not 1 <= count <= MOST:
        raise bad_request(f"count: Must be between 1 and {MOST}")
    return count


def _query(source: Source, workspace: int, typed: str, count: int) -> Query:
    """Names with a word that begins as typed come before those that only contain it."""
    if not typed:
        return Query(source.kind, (source.within(workspace),), source.joins, (*source.order, _NEWEST), limit=count)
    where = (source.within(workspace), Contains(source.columns, typed))
    best = Order(Contains(source.columns, typed, leading=True), descending=True)
    return Query(source.kind, where, source.joins, (best, *source.order, _NEWEST), limit=count)


async def suggest(call: Call, view: View) -> Outcome:
    """Compact records of one kind; raises Problem 400 when no type is named."""
    name = call.params.get("resource_type", call.params.get("type"))
    if name is None:
        raise missing("resource_type")
    count = _count(call.params)
    source = SOURCES.get(name)
    if source is None:
        return Outcome(show=Show("user", (), many=True))
    return await first(view, _query(source, call.at["workspace"], call.params.get("query", ""), count))


OPERATIONS = (
    Operation(
        id="typeaheadForWorkspace",
        method="GET",
        path="/workspaces/{workspace_gid}/typeahead",
        run=suggest,
        many=True,
        params=(
            choice("resource_type", *TYPES, nullable=True, about="What to look for."),
            choice("type", *OLD_TYPES, nullable=True, about="The older name of resource_type."),
            text("query", longest=1_000, about="What was typed; without it, the likeliest rows."),
            whole("count", about=f"How many rows at most: 1 to {MOST}, {USUAL} when not given."),
        ),
        tag="Typeahead",
        scope="workspaces.typeahead:read",
        about="Suggests rows of a workspace by what was typed of their names, for a field that completes itself.",
    ),
)
