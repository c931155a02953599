"""Jobs: work that was asked for and what came of it."""

from __future__ import annotations

from batchwright.model.conditions import ME, equals
from batchwright.model.fields import choice, computed, moment, ref, text
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

# What later operations make; every job of today has made none of it.
_LATER = ("new_portfolio", "new_project_template", "new_graph_export", "new_resource_export")

JOB = Kind(
    "job",
    "jobs",
    (
        text("resource_subtype", read_only=True, compact=True, about="Which operation asked for it."),
        choice(
            "status",
            "not_started",
            "in_progress",
            "succeeded",
            "failed",
            default="succeeded",
            read_only=True,
            compact=True,
            about="How far it is.",
        ),
        ref("new_project", "project", read_only=True, compact=True, loose=True, about="The project it made."),
        ref("new_task", "task", read_only=True, compact=True, loose=True, about="The task it made."),
        *(computed(name, lambda: None, compact=True, about="Nothing so far.") for name in _LATER),
        ref("created_by", "user", required=True, hidden=True),
        moment("created_at", hidden=True),
    ),
    visible=equals("created_by", ME),
    about="Work that was asked for and what came of it.",
)

KINDS = (JOB,)
OPERATIONS = (
    getting(JOB, "getJob", tag="Jobs", scope="jobs:read", about="How a job of the caller's stands, and what it made."),
)
