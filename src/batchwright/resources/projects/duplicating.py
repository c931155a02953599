"""POST /projects/{gid}/duplicate: the copy and its job are written in one commit, so the job has succeeded at once."""

from __future__ import annotations

import asyncio
from typing import Any

from batchwright.model import gids
from batchwright.model.calls import Call
from batchwright.model.changes import Change, Insert
from batchwright.model.conditions import Reading
from batchwright.model.fields import record, text
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import not_found
from batchwright.model.views import Row, View
from batchwright.resources.projects.kind import PRIVATE, PROJECT, TEAM_ONLY
from batchwright.resources.projects.levels import LISTS
from batchwright.steps.copying import Schedule, copy_tasks, included, schedule_fields, task_trees
from batchwright.steps.references import insist
from batchwright.steps.writing import insert, link_all

OF_TASKS = ("assignee", "attachments", "dates", "dependencies", "followers", "notes", "projects", "subtasks", "tags")
INCLUDE = (
    *("allocations", "forms", "members", "notes", "permissions", "task_templates", "task_type_default"),
    *(f"task_{name}" for name in OF_TASKS),
)
OPTIONAL = {"notes": ("notes", "html_notes"), "task_dates": ("due_on", "start_on")}
FRESH = frozenset(("created_at", "modified_at", "completed", "completed_at", "completed_by", "archived", "owner"))


async def _duplicate(call: Call, view: View) -> Outcome:
    old, new = call.at["project"], gids.make()
    include = included(call, INCLUDE)
    of_tasks = frozenset(name.removeprefix("task_") for name in include if name.startswith("task_"))
    project, inside, (sections, places) = await asyncio.gather(
        view.row("project", old, *(each.name for each in PROJECT.columns)),
        view.fetch(Reading("membership", "project", ("task",), "rank"), (old,)),
        _sections(call, view, old, new),
    )
    trees = await task_trees(view, (row[0] for row in inside[old]), subtasks="subtasks" in of_tasks)
    rows = (project, *trees.values())
    schedule = Schedule.of(call.data.get("schedule_dates"), rows, dated="dates" in of_tasks)
    tasks, _ = await copy_tasks(view, call, trees, of_tasks, sections=places, schedule=schedule)
    people = await _people(view, old, new, everybody="members" in include)
    values = _values(project, include, schedule) | await _home(view, project)
    values |= {"name": call.data["name"], "owner": view.caller.user}
    changes = (insert(PROJECT, call, new, **values), *people, *sections, *tasks)
    job = insert(view.kinds["job"], call, resource_subtype="duplicate_project", new_project=new)
    return Outcome((*changes, job), Show("job", (job.gid,)))


async def _home(view: View, project: Row) -> dict[str, Any]:
    """The team comes along where the caller may put projects into it; else they must be free to do without one."""
    team = project["team"]
    if team is not None and await view.may("team", "fill", (team,)):
        return {}
    await insist(view, "workspace", project["workspace"], "fill")
    return {"team": None} | ({"privacy_setting": PRIVATE} if project["privacy_setting"] == TEAM_ONLY else {})


def _values(project: Row, include: frozenset[str], schedule: Schedule) -> dict[str, Any]:
    left = {name for part, names in OPTIONAL.items() if part not in include for name in names}
    values = {name: value for name, value in project.items() if name not in left | FRESH}
    schedule.moved(values)
    return values


async def _sections(call: Call, view: View, old: int, new: int) -> tuple[list[Insert], dict[int, tuple[int, int]]]:
    """Copies of the sections, in their order, and the new (project, section) by the old section."""
    rows = await view.fetch(Reading("section", "project", ("gid", "name", "rank"), "rank"), (old,))
    if not rows[old]:  # every project has one: it has gone since it was looked up
        raise not_found("project", str(old))
    made = {
        gid: insert(view.kinds["section"], call, name=name, project=new, rank=rank) for gid, name, rank in rows[old]
    }
    return list(made.values()), {gid: (new, copy.gid) for gid, copy in made.items()}


async def _people(view: View, old: int, new: int, *, everybody: bool) -> tuple[Change, ...]:
    """Whoever duplicates a project owns the copy; its members come along, on their levels, when they are included."""
    me = view.caller.user
    members = await view.targets(PROJECT, "members", old) if everybody else []
    followers = await view.targets(PROJECT, "followers", old) if everybody else []
    levels = {name: await view.targets(PROJECT, name, old) if everybody else [] for name in LISTS.values()}
    return (
        *link_all(PROJECT, "members", new, (me, *members)),
        *link_all(PROJECT, "followers", new, (me, *followers)),
        *(change for name, users in levels.items() for change in link_all(PROJECT, name, new, set(users) - {me})),
        *link_all(PROJECT, "admins", new, (me,)),
    )


DUPLICATE = Operation(
    id="duplicateProject",
    method="POST",
    path="/projects/{project_gid}/duplicate",
    run=_duplicate,
    kind="job",
    tag="Projects",
    about="Copies a project with its sections and tasks; answers with a job that names the copy and is done already.",
    status=201,
    scope="projects:write",
    weight="job",
    body=(
        text("name", required=True, about="The name of the copy."),
        text("include", about="What to copy besides, separated by commas."),
        record("schedule_dates", *schedule_fields, about="Moves all dates, so that the copy ends or begins on a day."),
    ),
)
