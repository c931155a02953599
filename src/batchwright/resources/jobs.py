"""Jobs: work that was asked for and what came of it."""

from __future__ import annotations

from batchwright.model.conditions import ME, equals
from batchwright.model.fields import choice, moment, ref, text
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

JOB = Kind(
    "job",
    "jobs",
    (
        text("resource_subtype", compact=True),
        choice("status", "succeeded", "not_started", "in_progress", "failed", compact=True),
        ref("new_project", "project", compact=True),
        ref("new_task", "task", compact=True),
        ref("created_by", "user", required=True, hidden=True),
        moment("created_at", hidden=True),
    ),
    visible=equals("created_by", ME),
)

KINDS = (JOB,)
OPERATIONS = (getting(JOB, "getJob", tag="Jobs", scope="jobs:read"),)
