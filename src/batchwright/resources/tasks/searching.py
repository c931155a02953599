"""GET /workspaces/{gid}/tasks/search: every filter and sort that searchTasksForWorkspace documents.

All given filters must hold, but `projects.any` and `sections.any` are two ways to name a place, so a task in either is
found (the contract's note on searchTasksForWorkspace).
"""

from __future__ import annotations

from collections.abc import Mapping

from batchwright.model import gids
from batchwright.model.calls import Call
from batchwright.model.conditions import (
    ME,
    Condition,
    Contains,
    Count,
    Exists,
    Order,
    Visible,
    all_of,
    any_of,
    equals,
)
from batchwright.model.fields import choice, text
from batchwright.model.filters import Filter, calendar, days, in_column, instants, lists, related, whether
from batchwright.model.problems import bad_request
from batchwright.resources.tasks.kind import TASK
from batchwright.shapes import searching

NOTHING = any_of()
SUBTYPES = ("default_task", "milestone", "approval", "custom")

# What the caller can't see doesn't count, so that a filter tells no more than the task's record does.
_SEEN = Visible("project", "project")
_PROJECTS = related("membership", "task", "project", _SEEN)
_TAGS = related("task_tags", "owner", "target")
_FOLLOWERS = related("task_followers", "owner", "target")
_LIKES = related("task_like", "task", "user")
_COMMENTS = related("story", "target", "created_by", equals("type", "comment"))
_UNFINISHED = Exists("task", "gid", equals("completed", False), column="target")
_WAITS = Exists("task_dependencies", "owner", all_of(Visible("task", "target"), _UNFINISHED))
_WAITED_FOR = Exists("task_dependencies", "target", Visible("task", "owner"))


def _sections(rows: tuple[int, ...]) -> Condition:
    # Where somebody keeps a task in their own list is shown to nobody else.
    own = all_of(equals("assignee", ME), in_column("assignee_section")(rows))
    return any_of(related("membership", "task", "section", _SEEN)(rows), own)


def _teams(rows: tuple[int, ...]) -> Condition:
    shared = all_of(in_column("team")(rows), Visible("team", "team"))
    of_team = Exists("project", "gid", shared, column="project")
    return Exists("membership", "task", all_of(_SEEN, of_team))


FILTERS: tuple[Filter, ...] = (
    Filter(
        text("text", longest=1_000, about="Words that are all in the name or the notes."),
        lambda words: Contains(("name", "notes"), words),
    ),
    Filter(
        choice("resource_subtype", *SUBTYPES, nullable=True, about="What sort of task."),
        lambda subtype: equals("resource_subtype", subtype),
    ),
    *lists("assignee", "user", in_column("assignee"), "any", "not"),
    Filter(text("portfolios.any", about="In one of these portfolios; there are none yet."), lambda _: NOTHING),
    *lists("projects", "project", _PROJECTS, "any", "not", "all", together=True),
    *lists("sections", "section", _sections, "any", "not", "all", together=True),
    *lists("tags", "tag", _TAGS, "any", "not", "all"),
    *lists("teams", "team", _teams, "any"),
    *lists("followers", "user", _FOLLOWERS, "any", "not"),
    *lists("created_by", "user", in_column("created_by"), "any", "not"),
    *lists("assigned_by", "user", in_column("assigned_by"), "any", "not"),
    *lists("liked_by", "user", _LIKES, "not"),
    *lists("commented_on_by", "user", _COMMENTS, "not"),
    *calendar("due_on"),
    *instants("due_at"),
    *calendar("start_on"),
    *days("created_on", "created_at"),
    *instants("created_at"),
    *days("completed_on", "completed_at"),
    *instants("completed_at"),
    *days("modified_on", "modified_at"),
    *instants("modified_at"),
    whether("is_blocking", all_of(equals("completed", False), _WAITED_FOR), "Unfinished, and others wait for it."),
    whether("is_blocked", _WAITS, "It waits for another that is unfinished."),
    whether("has_attachment", NOTHING, "It has attachments; none can be made yet."),
    whether("completed", equals("completed", True), "It is done."),
    whether("is_subtask", Visible("task", "parent"), "It is a part of another task."),
)

SORTS: Mapping[str, tuple[Order, ...]] = {
    "modified_at": (Order("modified_at"),),
    "due_date": (Order("due_on", nullable=True), Order("due_at", nullable=True)),
    "created_at": (Order("created_at"),),
    "completed_at": (Order("completed_at", nullable=True),),
    "likes": (Order(Count("task_like", "task")),),
}


def _refuse_custom(call: Call) -> None:
    """No custom field or type exists yet, so a filter that names one names nothing. Raises Problem 400."""
    for name in call.query:
        family, _, rest = name.partition(".")
        if rest and family in ("custom_fields", "custom_types"):
            ident = rest.partition(".")[0]
            words = "Not a recognized ID" if gids.parse(ident) is None else "Unknown object"
            raise bad_request(f"{name}: {words}: {ident}")


SEARCH = searching(
    TASK,
    "searchTasksForWorkspace",
    "/workspaces/{workspace_gid}/tasks/search",
    filters=FILTERS,
    sorts=SORTS,
    check=_refuse_custom,
    tag="Tasks",
    scope="tasks:read",
    about="Finds the tasks of a workspace that every given filter holds for; changes are found at once.",
)
