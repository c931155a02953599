"""Stories: what people said about a task, and what happened to it."""

from __future__ import annotations

from batchwright.model.conditions import Visible
from batchwright.model.fields import choice, moment, ref, text
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

STORY = Kind(
    "story",
    "stories",
    (
        moment("created_at", read_only=True, compact=True),
        ref("created_by", "user", read_only=True, compact=True),
        text("resource_subtype", read_only=True, compact=True),
        text("text", compact=True),
        choice("type", "comment", "system", read_only=True, compact=True),
        ref("target", "task", required=True, read_only=True),
    ),
    visible=Visible("task", "target"),
)

KINDS = (STORY,)
OPERATIONS = (getting(STORY, "getStory", tag="Stories", scope="stories:read"),)
