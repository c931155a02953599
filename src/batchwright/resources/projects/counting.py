"""GET /projects/{gid}/task_counts: only the counts that opt_fields names, from one grouped count."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from batchwright.model.calls import Call
from batchwright.model.conditions import Join, Reading
from batchwright.model.fields import whole
from batchwright.model.operations import Operation, Outcome
from batchwright.model.views import View
from batchwright.projection import parse

Group = tuple[bool, str, int]  # completed, resource_subtype, how many

TASKS = Reading(
    "membership",
    "project",
    ("task.completed", "task.resource_subtype"),
    count=True,
    joins=(Join("task", "gid", "task"),),
)


def _milestone(group: Group) -> bool:
    return group[1] == "milestone"


COUNTS: dict[str, Callable[[Group], bool]] = {
    "num_tasks": lambda group: True,
    "num_incomplete_tasks": lambda group: not group[0],
    "num_completed_tasks": lambda group: group[0],
    "num_milestones": _milestone,
    "num_incomplete_milestones": lambda group: _milestone(group) and not group[0],
    "num_completed_milestones": lambda group: _milestone(group) and group[0],
}


async def _count(call: Call, view: View) -> Outcome:
    asked = parse(call.options.fields or "")
    chosen = {name: counts for name, counts in COUNTS.items() if name in asked}
    if not chosen:
        return Outcome()
    project = call.at["project"]
    groups = (await view.fetch(TASKS, (project,)))[project]
    return Outcome(data={name: _sum(groups, counts) for name, counts in chosen.items()})


def _sum(groups: Iterable[Group], counts: Callable[[Group], bool]) -> int:
    return sum(group[2] for group in groups if counts((bool(group[0]), group[1], group[2])))


COUNT = Operation(
    id="getTaskCountsForProject",
    method="GET",
    path="/projects/{project_gid}/task_counts",
    run=_count,
    tag="Projects",
    about="How many tasks and milestones a project has; nothing that opt_fields doesn't name.",
    scope="projects:read",
    shows=tuple(
        whole(name, nullable=False, about=f"How many {name[4:].replace('_', ' ')} there are.") for name in COUNTS
    ),
)
