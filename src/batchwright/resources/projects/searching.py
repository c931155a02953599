"""GET /workspaces/{gid}/projects/search: every filter and sort that searchProjectsForWorkspace documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from batchwright.model import moments
from batchwright.model.calls import Call
from batchwright.model.conditions import AnyOf, Compare, Condition, Contains, Order, Query, Visible, all_of, equals
from batchwright.model.fields import choice, flag, moment, text
from batchwright.model.filters import Filter, calendar, days, in_column, instants, lists, related, whether
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.views import View

USUAL = 20  # rows where no limit is given
SORTS: Mapping[str, Order] = {
    "modified_at": Order("modified_at"),
    "due_date": Order("due_on", nullable=True),
    "created_at": Order("created_at"),
    "completed_at": Order("completed_at", nullable=True),
}
SORT_BY = choice("sort_by", *SORTS, "relevance", about="What to sort by; projects that lack it come last.")
SORT_ASCENDING = flag("sort_ascending", about="The least comes first.")


def _team(rows: tuple[int, ...]) -> Condition:
    # A team that the caller can't see is none, as in the project's record.
    return all_of(in_column("team")(rows), Visible("team", "team"))


FILTERS = (
    Filter(text("text", about="Words that the name contains."), lambda words: Contains(("name",), words)),
    whether("completed", equals("completed", True), "Only complete projects, or only the others."),
    *lists("teams", "team", _team, "any"),
    *lists("owner", "user", in_column("owner"), "any"),
    *lists("members", "user", related("project_members", "owner", "target"), "any", "not"),
    # There are no portfolios so far, so no project is in one.
    Filter(text("portfolios.any", about="At least one of these: portfolios."), lambda _: AnyOf(())),
    *days("completed_on", "completed_at"),
    *instants("completed_at"),
    *days("created_on", "created_at"),
    *instants("created_at"),
    *calendar("due_on"),
    # A project is due on a day, which begins at midnight.
    Filter(
        moment("due_at.before", about="Due earlier than this moment."),
        lambda at: Compare("due_on", "<=", moments.day_of(at - 1)),
    ),
    Filter(
        moment("due_at.after", about="Due later than this moment."),
        lambda at: Compare("due_on", ">", moments.day_of(at)),
    ),
    *calendar("start_on"),
)


def _order(params: Mapping[str, Any]) -> tuple[Order, ...]:
    """relevance: a word of the name begins with one of the text, then the rest, the latest change first."""
    by = params.get("sort_by", "modified_at")
    begins = Order(Contains(("name",), params.get("text", ""), leading=True))
    keys = (SORTS[by],) if by in SORTS else (begins, SORTS["modified_at"])
    return tuple(replace(each, descending=not params.get("sort_ascending")) for each in (*keys, Order("gid")))


async def _search(call: Call, view: View) -> Outcome:
    given = call.params
    where = [each.condition(given[each.field.name]) for each in FILTERS if each.field.name in given]
    home = equals("workspace", call.at["workspace"])
    limit = call.options.limit if isinstance(call.options.limit, int) else USUAL
    rows = await view.select(Query("project", (home, *where), order=_order(given), limit=limit))
    return Outcome(show=Show("project", tuple(row[0] for row in rows), many=True))


SEARCH = Operation(
    id="searchProjectsForWorkspace",
    method="GET",
    path="/workspaces/{workspace_gid}/projects/search",
    run=_search,
    kind="project",
    tag="Projects",
    about="Finds projects by words, people and dates; at most a hundred, and no pages.",
    many=True,
    limited=True,
    params=(*(each.field for each in FILTERS), SORT_BY, SORT_ASCENDING),
    scope="projects:read",
    weight="search",
)
