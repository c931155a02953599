"""GET a search: every filter is a line of a table, the result one page that is up to date when it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Unpack

from batchwright.model.calls import Call
from batchwright.model.conditions import Condition, Contains, Order, Query, any_of, equals
from batchwright.model.fields import choice, flag
from batchwright.model.filters import Filter
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation, Outcome
from batchwright.model.views import View
from batchwright.shapes.listing import first
from batchwright.shapes.marks import OperationMarks

USUAL = 20  # rows where no limit is given
SORT_ASCENDING = flag("sort_ascending", about="The least comes first.")

Sorts = Mapping[str, tuple[Order, ...]]
Check = Callable[[Call], None]


def searching(
    kind: Kind,
    id: str,
    path: str,
    *,
    filters: tuple[Filter, ...],
    sorts: Sorts,
    check: Check | None = None,
    **marks: Unpack[OperationMarks],
) -> Operation:
    """GET those rows of the path's workspace that the caller may see and that every given filter holds for.

    filters: of those marked `together` one suffices. sorts: by the values of `sort_by`, which knows `relevance` too.
    check: refuses with a Problem.
    """
    about = f"What to sort by; {kind.plural} that lack it come last."
    sort_by = choice("sort_by", *sorts, "relevance", about=about)
    marks["params"] = (*(each.field for each in filters), sort_by, SORT_ASCENDING)

    async def run(call: Call, view: View) -> Outcome:
        if check:
            check(call)
        where = (equals("workspace", call.at["workspace"]), *_where(filters, call.params))
        order = _order(sorts, call.params)
        return await first(view, Query(kind.name, where, order=order, limit=call.options.rows(USUAL)))

    return Operation(
        id=id, method="GET", path=path, run=run, kind=kind.name, many=True, limited=True, weight="search", **marks
    )


def _where(filters: Iterable[Filter], params: Mapping[str, Any]) -> Iterable[Condition]:
    given = [(each, each.condition(params[each.field.name])) for each in filters if each.field.name in params]
    together = [condition for each, condition in given if each.together]
    return (*(condition for each, condition in given if not each.together), *([any_of(*together)] if together else ()))


def _order(sorts: Sorts, params: Mapping[str, Any]) -> tuple[Order, ...]:
    """relevance: a word of the name begins so, then the name contains it, then the rest, the latest change first."""
    words, by = params.get("text", ""), params.get("sort_by", "modified_at")
    relevance = (Order(Contains(("name",), words, leading=True)), Order(Contains(("name",), words)))
    keys = sorts[by] if by in sorts else (*relevance, Order("modified_at"))
    return tuple(replace(each, descending=not params.get("sort_ascending")) for each in (*keys, Order("gid")))
