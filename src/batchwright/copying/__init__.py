"""Copies of whole trees of tasks, for the operations that duplicate a task or a project."""

from batchwright.copying.schedules import Schedule as Schedule
from batchwright.copying.schedules import schedule_fields as schedule_fields
from batchwright.copying.tasks import copy_tasks as copy_tasks
from batchwright.copying.tasks import task_trees as task_trees
