"""Tasks: the things to do."""

from __future__ import annotations

from batchwright.resources.tasks.dependencies import DEPENDENCIES
from batchwright.resources.tasks.duplicating import DUPLICATING
from batchwright.resources.tasks.kind import MEMBERSHIP, TASK, TASK_LIKE
from batchwright.resources.tasks.linked import LINKED
from batchwright.resources.tasks.lists import LISTING
from batchwright.resources.tasks.places import PLACING
from batchwright.resources.tasks.searching import SEARCH
from batchwright.resources.tasks.subtasks import SUBTASKS
from batchwright.resources.tasks.writing import WRITING
from batchwright.shapes import getting

KINDS = (TASK, MEMBERSHIP, TASK_LIKE)
OPERATIONS = (
    getting(TASK, "getTask", tag="Tasks", scope="tasks:read", about="The full record of a task."),
    *LISTING,
    *WRITING,
    *SUBTASKS,
    *DEPENDENCIES,
    *PLACING,
    *LINKED,
    *DUPLICATING,
    SEARCH,
)
