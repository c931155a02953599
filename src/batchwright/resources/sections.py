"""Sections: the groups of tasks in a project, or in somebody's own task list."""

from __future__ import annotations

from batchwright.model.conditions import ME, Exists, Visible, any_of, equals
from batchwright.model.fields import moment, rank, ref, text
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

SECTION = Kind(
    "section",
    "sections",
    (
        text("name", compact=True),
        moment("created_at", read_only=True),
        ref("project", "project", read_only=True, conditional=True),
        ref("user_task_list", "user_task_list", hidden=True),
        rank(),
    ),
    visible=any_of(
        Visible("project", "project"),
        # How people group their own tasks is shown to nobody else, as a task's assignee_section isn't.
        Exists("user_task_list", "gid", equals("owner", ME), column="user_task_list"),
    ),
    indexes=(("project", "rank"),),
)

KINDS = (SECTION,)
OPERATIONS = (getting(SECTION, "getSection", tag="Sections"),)
