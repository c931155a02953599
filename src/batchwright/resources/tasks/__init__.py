"""Tasks: the things to do."""

from __future__ import annotations

from batchwright.model.conditions import Join, Order
from batchwright.resources.tasks.kind import TASK
from batchwright.shapes import creating, getting, linking, listing, updating

IN_PROJECT = (Join("membership", "task", "gid"), Join("section", "gid", "membership.section"))
BY_PLACE = (Order("section.rank"), Order("section.gid"), Order("membership.rank"), Order("gid"))

KINDS = (TASK,)
OPERATIONS = (
    creating(TASK, "createTask", tag="Tasks", scope="tasks:write"),
    getting(TASK, "getTask", tag="Tasks", scope="tasks:read"),
    updating(TASK, "updateTask", tag="Tasks", scope="tasks:write"),
    *linking(TASK, "followers", "addFollowersForTask", "removeFollowerForTask", tag="Tasks", scope="tasks:write"),
    listing(
        TASK,
        "getTasksForProject",
        "/projects/{project_gid}/tasks",
        where="membership.project",
        joins=IN_PROJECT,
        order=BY_PLACE,
        visible=False,
        tag="Tasks",
        scope="tasks:read",
    ),
)
