"""What a task is: its fields, and who may see it."""

from __future__ import annotations

from batchwright.model.conditions import ME, Exists, Visible, any_of, equals
from batchwright.model.fields import (
    Relation,
    choice,
    computed,
    count,
    date,
    flag,
    mine,
    moment,
    ref,
    refs,
    same_as,
    text,
)
from batchwright.model.kinds import Kind

PLACES = Relation("membership", "task", "gid", "gid")
LIKES = refs("likes", "task_like", Relation("task_like", "task", "gid", "gid"))
LIKED = mine("liked", Relation("task_like", "task", "user"), read_only=False)
NUM_LIKES = count("num_likes", Relation("task_like", "task", "gid"))

TASK = Kind(
    "task",
    "tasks",
    (
        text("name", compact=True),
        choice("resource_subtype", "default_task", "milestone", "approval", compact=True),
        ref("created_by", "user", read_only=True, opt_in=True),
        flag("completed"),
        moment("completed_at", read_only=True),
        ref("completed_by", "user", read_only=True),
        moment("created_at", read_only=True),
        moment("modified_at", read_only=True),
        refs("dependencies", "task", read_only=True, opt_in=True),
        refs("dependents", "task", Relation("task_dependencies", "target", "owner", "position"), opt_in=True),
        date("due_on"),
        moment("due_at"),
        text("notes"),
        LIKED,
        LIKES,
        NUM_LIKES,
        same_as(LIKES, "hearts"),
        same_as(NUM_LIKES, "num_hearts"),
        count("num_subtasks", Relation("task", "parent", "gid"), opt_in=True),
        ref("assignee", "user"),
        refs("followers", "user", create_only=True),
        ref("parent", "task", create_only=True),
        refs("memberships", "membership", PLACES),
        refs("projects", "project", Relation("membership", "task", "project", "gid"), read_only=True),
        refs("tags", "tag", create_only=True),
        ref("workspace", "workspace", create_only=True, required=True),
        computed("permalink_url", lambda base, gid: f"{base}/0/0/{gid}", needs=("base", "gid")),
    ),
    visible=any_of(
        equals("assignee", ME),
        Exists("task_followers", "owner", equals("target", ME)),
        Exists("membership", "task", Visible("project", "project")),
        Visible("task", "parent"),
    ),
)
