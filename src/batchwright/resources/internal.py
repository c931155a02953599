"""Kinds that no operation shows by themselves: tokens, likes, where a task stands in a project."""

from __future__ import annotations

from batchwright.model.conditions import Visible
from batchwright.model.fields import moment, rank, ref, text
from batchwright.model.kinds import Kind

TOKEN = Kind(
    "token",
    "tokens",
    (
        ref("user", "user", required=True),
        text("digest"),
        text("name"),
        moment("created_at"),
        moment("expires_at"),
    ),
    unique=(("digest",),),
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

TASK_LIKE = Kind(
    "task_like",
    "likes",
    (
        ref("task", "task", required=True, hidden=True),
        ref("user", "user", required=True, about="Who likes it."),
    ),
    nested=True,
    unique=(("task", "user"),),
)

STORY_LIKE = Kind(
    "story_like",
    "likes",
    (
        ref("story", "story", required=True, hidden=True),
        ref("user", "user", required=True, about="Who likes it."),
    ),
    nested=True,
    unique=(("story", "user"),),
)

KINDS = (TOKEN, MEMBERSHIP, TASK_LIKE, STORY_LIKE)
OPERATIONS = ()
