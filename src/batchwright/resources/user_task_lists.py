"""User task lists: each member's own "My tasks" of a workspace."""

from __future__ import annotations

from batchwright.model.conditions import Visible
from batchwright.model.fields import ref, text
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

USER_TASK_LIST = Kind(
    "user_task_list",
    "user_task_lists",
    (
        text("name", compact=True),
        ref("owner", "user", required=True, compact=True),
        ref("workspace", "workspace", required=True, compact=True),
    ),
    visible=Visible("workspace", "workspace"),
    unique=(("owner", "workspace"),),
)

KINDS = (USER_TASK_LIST,)
OPERATIONS = (getting(USER_TASK_LIST, "getUserTaskList", tag="User task lists", scope="tasks:read"),)
