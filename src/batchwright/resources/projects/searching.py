"""GET /workspaces/{gid}/projects/search: every filter and sort that searchProjectsForWorkspace documents."""

from __future__ import annotations

from collections.abc import Mapping

from batchwright.model import moments
from batchwright.model.conditions import AnyOf, Compare, Condition, Contains, Order, Visible, all_of, equals
from batchwright.model.fields import moment, text
from batchwright.model.filters import Filter, calendar, days, in_column, instants, lists, related, whether
from batchwright.resources.projects.kind import PROJECT
from batchwright.shapes import searching

SORTS: Mapping[str, tuple[Order, ...]] = {
    "modified_at": (Order("modified_at"),),
    "due_date": (Order("due_on", nullable=True),),
    "created_at": (Order("created_at"),),
    "completed_at": (Order("completed_at", nullable=True),),
}


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

SEARCH = searching(
    PROJECT,
    "searchProjectsForWorkspace",
    "/workspaces/{workspace_gid}/projects/search",
    filters=FILTERS,
    sorts=SORTS,
    tag="Projects",
    scope="projects:read",
    about="Finds projects by words, people and dates; at most a hundred, and no pages.",
)
