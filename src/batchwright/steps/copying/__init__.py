"""Copies of whole trees of tasks, for the operations that duplicate a task or a project."""

from batchwright.steps.copying.schedules import Schedule as Schedule
from batchwright.steps.copying.schedules import schedule_fields as schedule_fields
from batchwright.steps.copying.tasks import copy_tasks as copy_tasks
from batchwright.steps.copying.tasks import included as included
from batchwright.steps.copying.tasks import task_trees as task_trees
