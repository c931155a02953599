"""What a task is: its fields, who may see it, and the rows that say where it stands and who likes it."""

from __future__ import annotations

from typing import Any

from batchwright.model.conditions import ME, Exists, Visible, any_of, equals
from batchwright.model.fields import (
    Relation,
    choice,
    computed,
    count,
    date,
    flag,
    html,
    moment,
    rank,
    ref,
    refs,
    text,
)
from batchwright.model.kinds import Kind
from batchwright.resources.tasks.access import DEEDS
from batchwright.steps.likes import like_fields, like_kind

APPROVALS = ("pending", "approved", "rejected", "changes_requested")
SCHEDULES = ("upcoming", "today", "later", "new", "inbox")


def _separator(subtype: str, name: str) -> bool:
    return subtype == "default_task" and name.endswith(":")


def _external(gid: str | None, data: str | None) -> dict[str, Any] | None:
    return {name: value for name, value in (("gid", gid), ("data", data)) if value is not None} or None


TASK = Kind(
    "task",
    "tasks",
    (
        text("name", compact=True, about="What is to be done, in a few words."),
        choice(
            "resource_subtype",
            "default_task",
            "milestone",
            "approval",
            compact=True,
            about="What sort of task it is: a milestone has no start, an approval has an approval_status.",
        ),
        ref("created_by", "user", read_only=True, compact=True, opt_in=True, about="Who created the task."),
        computed("actual_time_minutes", lambda: None, about="The time spent on the task, null where none is tracked."),
        choice("approval_status", *APPROVALS, nullable=True, conditional=True, about="How an approval was decided."),
        ref("assignee", "user", about="Who is to do it."),
        ref(
            "assignee_section",
            "section",
            conditional=True,
            about="Where in their own task list the assignee keeps it; shown to the assignee only.",
        ),
        choice("assignee_status", *SCHEDULES, about="When the assignee means to do it (deprecated)."),
        ref("assigned_by", "user", read_only=True, opt_in=True, about="Who chose the assignee."),
        flag("completed", about="Whether it is done."),
        moment("completed_at", read_only=True, about="When it was done."),
        ref("completed_by", "user", read_only=True, loose=True, about="Who marked it done."),
        moment("created_at", read_only=True, about="When it was created."),
        moment("modified_at", read_only=True, about="When it, or something that belongs to it, last changed."),
        computed("custom_fields", list, about="The values of the task's custom fields."),
        computed("custom_type", lambda: None, about="The task's custom type."),
        computed("custom_type_status_option", lambda: None, about="The task's status among those of its custom type."),
        refs("dependencies", "task", read_only=True, opt_in=True, about="The tasks that must be done before it."),
        refs(
            "dependents",
            "task",
            Relation("task_dependencies", "target", "owner", "position"),
            opt_in=True,
            about="The tasks that wait for it.",
        ),
        date("due_on", about="The day it is due."),
        moment("due_at", about="The moment it is due, where a time of day was given."),
        date("start_on", about="The day work on it begins."),
        moment("start_at", about="The moment work on it begins, where a time of day was given."),
        computed(
            "external",
            _external,
            needs=("external_gid", "external_data"),
            conditional=True,
            about="An app's own id for the task, and its own data.",
        ),
        text("notes", about="What is to be said about it, as plain text."),
        html("html_notes", "notes", "task", opt_in=True, about="What is to be said about it, as rich text."),
        computed(
            "is_rendered_as_separator",
            _separator,
            needs=("resource_subtype", "name"),
            opt_in=True,
            about="Whether it heads a group of tasks instead of being one.",
        ),
        *like_fields("task"),
        count("num_subtasks", Relation("task", "parent", "gid"), opt_in=True, about="How many subtasks it has."),
        refs("followers", "user", create_only=True, about="Who is told of what happens to it."),
        ref("parent", "task", create_only=True, asks="edit", about="The task that it is a part of."),
        refs(
            "memberships",
            "membership",
            Relation("membership", "task", "gid", "gid"),
            about="The projects it is in, and in which section of each.",
        ),
        refs(
            "projects",
            "project",
            Relation("membership", "task", "project", "gid"),
            read_only=True,
            about="The projects it is in.",
        ),
        refs("tags", "tag", create_only=True, about="The tags it carries."),
        ref("workspace", "workspace", create_only=True, required=True, about="The workspace it belongs to, for good."),
        computed(
            "permalink_url",
            lambda base, workspace, gid: f"{base}/1/{workspace}/task/{gid}",
            needs=("base", "workspace", "gid"),
            about="The task's address in the web console.",
        ),
        rank("subtask_rank"),
        rank("assignee_rank"),
        text("external_gid", nullable=True, hidden=True),
        text("external_data", nullable=True, hidden=True),
        text("external_key", nullable=True, hidden=True),
    ),
    visible=any_of(
        equals("assignee", ME),
        Exists("task_followers", "owner", equals("target", ME)),
        Exists("membership", "task", Visible("project", "project")),
        Visible("task", "parent"),
    ),
    deeds=DEEDS,
    unique=(("external_key",),),
    searched=("name", "notes"),
    indexes=(
        ("workspace", "modified_at"),
        ("workspace", "created_at"),
        ("assignee", "workspace"),
        ("parent", "subtask_rank"),
        ("assignee_section", "assignee_rank"),
    ),
    about="A thing to do.",
)
MEMBERSHIP = Kind(
    "membership",
    "memberships",
    (
        ref("task", "task", required=True, hidden=True),
        ref("project", "project", required=True, about="A project the task is in."),
        ref("section", "section", required=True, about="The section of the project that the task is in."),
        rank(),
    ),
    visible=Visible("project", "project"),
    nested=True,
    unique=(("task", "project"),),
    indexes=(("section", "rank"),),
)
TASK_LIKE = like_kind("task")
