"""Batch jobs: batches of many actions that are worked off behind the scenes, and what came of each action.

They aren't Asana's; `engine.bulk` takes them in and works them off (docs/batch.md).
"""

from __future__ import annotations

from batchwright.model.conditions import ME, equals
from batchwright.model.fields import choice, computed, json, moment, ref, text, whole
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation

STATUSES = ("waiting", "running", "succeeded", "cancelled")


def _left(actions: int, done: int) -> int:
    return actions - done


BATCH_JOB = Kind(
    "batch_job",
    "batch_jobs",
    (
        choice("status", *STATUSES, read_only=True, compact=True, about="How far it is."),
        whole("actions", nullable=False, compact=True, about="How many actions it has."),
        whole("done", nullable=False, default=0, compact=True, about="How many of them have been answered."),
        whole("failed", nullable=False, default=0, compact=True, about="How many of these with an error."),
        computed("left", _left, needs=("actions", "done"), about="How many haven't been answered yet."),
        moment("created_at", about="When it was asked for."),
        moment("ended_at", about="When its last action was answered, or when it was cancelled."),
        ref("created_by", "user", required=True, hidden=True),
        whole("holder", hidden=True),  # the token or grant that it acts with
        json("asked", nullable=False, hidden=True),  # what the batch asks for beside its actions
        text("base", hidden=True),
        whole("worker", hidden=True),  # the process that works it off, and until when it may be silent
        moment("claimed_until", hidden=True),
    ),
    visible=equals("created_by", ME),
    indexes=(("status", "gid"),),
    about="A batch that is worked off behind the scenes.",
)
BATCH_ACTION = Kind(
    "batch_action",
    "batch_actions",
    (
        ref("job", "batch_job", required=True, hidden=True),
        whole("index", nullable=False),
        json("action", nullable=False, hidden=True),
        whole("status_code"),
        json("headers"),
        json("body"),
    ),
    visible=equals("gid", 0),  # shown as results of their job, and not by themselves
    unique=(("job", "index"),),
)

KINDS = (BATCH_JOB, BATCH_ACTION)
OPERATIONS: tuple[Operation, ...] = ()
