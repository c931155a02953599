"""Where a task stands: the projects it is in, the section of each, its place there (addProjectForTask)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batchwright.model import gids, ranks
from batchwright.model.calls import Call
from batchwright.model.changes import Change, Remove, Set, Still
from batchwright.model.conditions import Reading
from batchwright.model.fields import ref
from batchwright.model.operations import Operation, Outcome
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.steps.placing import MOST_PROJECTS, TOO_MANY_PROJECTS, beside
from batchwright.steps.writing import insert

BOTH_ENDS = "You may only provide one of insert_before or insert_after!"
_OF_TASK = Reading("membership", "task", ("gid", "project", "section"), "gid")


@dataclass(frozen=True, slots=True)
class Place:
    """A project that a request names, at a path of its body, with a section or without."""

    project: int
    section: int | None
    path: str


async def places(view: View, values: Mapping[str, Any]) -> list[Place]:
    """The places that a new task's `memberships` and `projects` name, each project once; raises Problem 400."""
    found: dict[int, Place] = {}
    for number, each in enumerate(values.get("memberships") or ()):
        path = f"memberships: [{number}]"
        place = Place(each["project"], each.get("section"), f"{path}: project")
        await _check_section(view, place.section, place.project, f"{path}: section")
        found[place.project] = place
    for number, project in enumerate(values.get("projects") or ()):
        found.setdefault(project, Place(project, None, f"projects: [{number}]"))
    if len(found) > MOST_PROJECTS:
        raise bad_request(f"projects: {TOO_MANY_PROJECTS}")
    return list(found.values())


async def put(call: Call, view: View, task: int, targets: list[Place]) -> tuple[Change, ...]:
    """A new task's memberships, each at the end of its section, by default the project's first."""
    kind = view.kinds["membership"]
    made = []
    for each in targets:
        section = each.section or (await _sections(view, each.project))[0]
        rank = ranks.last(gids.make())
        made.append(insert(kind, call, task=task, project=each.project, section=section, rank=rank))
    return tuple(made)


async def _sections(view: View, project: int) -> list[int]:
    found = await view.fetch(Reading("section", "project", ("gid",), "rank"), (project,))
    return [gid for (gid,) in found[project]]


async def _check_section(view: View, section: int | None, project: int, path: str) -> None:
    if section is not None and (await view.row("section", section, "project"))["project"] != project:
        raise bad_request(f"{path}: Not a section of the project: {section}")


async def _membership(view: View, task: int, project: int) -> tuple[int, int] | None:
    """The gid and the section of a task's membership in a project."""
    found = await view.fetch(_OF_TASK, (task,))
    return next(((gid, section) for gid, at, section in found[task] if at == project), None)


async def add_project(call: Call, view: View) -> Outcome:
    """Puts the task into the project, or to another place in it."""
    task, project = call.at["task"], call.data["project"]
    await _check_workspace(view, task, project)
    current = (await view.fetch(_OF_TASK, (task,)))[task]
    mine = next((gid for gid, at, _ in current if at == project), None)
    spot = await _spot(call, view, task, project, mine)
    if spot is None:
        return Outcome()
    section, rank = spot
    if mine is not None:
        return Outcome((Set("membership", mine, {"section": section, "rank": rank}),))
    if len(current) >= MOST_PROJECTS:
        raise bad_request(f"project: {TOO_MANY_PROJECTS}")
    row = insert(view.kinds["membership"], call, task=task, project=project, section=section, rank=rank)
    return Outcome((Still(_OF_TASK, task, tuple(current)), row))


async def _check_workspace(view: View, task: int, project: int) -> None:
    home = (await view.row("task", task, "workspace"))["workspace"]
    if (await view.row("project", project, "workspace"))["workspace"] != home:
        raise bad_request(f"project: Not in the task's workspace: {home}")


async def _spot(call: Call, view: View, task: int, project: int, mine: int | None) -> tuple[int, str] | None:
    """The section and the key of the place that is asked for; None where the task stands there already.

    An anchor that is null is not one that is absent: it asks for an end of the section, or of the whole list.
    """
    given = [name for name in ("insert_before", "insert_after") if name in call.data]
    section = call.data.get("section")
    if len(given) > 1:
        raise bad_request(BOTH_ENDS)
    await _check_section(view, section, project, "section")
    if given and call.data[given[0]] is not None:
        return await _beside(call, view, task, project, given[0])
    if section is None and not given and mine is not None:
        return None
    top = given == ["insert_after"]
    if section is None:
        section = (await _sections(view, project))[0 if top else -1]
    return section, (ranks.first if top else ranks.last)(gids.make())


async def _beside(call: Call, view: View, task: int, project: int, name: str) -> tuple[int, str] | None:
    anchor = call.data[name]
    found = await _membership(view, anchor, project)
    if found is None:
        raise bad_request(f"{name}: Not a task in the project: {anchor}")
    gid, section = found
    if call.data.get("section") not in (None, section):
        raise bad_request(f"{name}: Not a task in the section: {anchor}")
    if anchor == task:
        return None
    return section, await beside(view, "membership", "section", gid, before=name == "insert_before")


async def remove_project(call: Call, view: View) -> Outcome:
    """Takes the task out of the project; it lives on, and one that isn't in the project stays as it is."""
    found = await _membership(view, call.at["task"], call.data["project"])
    return Outcome((Remove("membership", found[0]),) if found else ())


PLACES = (
    Operation(
        id="addProjectForTask",
        method="POST",
        path="/tasks/{task_gid}/addProject",
        run=add_project,
        body=(
            ref("project", "project", required=True, about="The project to put the task into."),
            ref("insert_after", "task", about="A task to stand after; null for the beginning."),
            ref("insert_before", "task", about="A task to stand before; null for the end."),
            ref("section", "section", about="The section to stand in."),
        ),
        tag="Tasks",
        scope="tasks:write",
        about="Puts the task into a project, or moves it within one: to a section, an end, or beside another task.",
    ),
    Operation(
        id="removeProjectForTask",
        method="POST",
        path="/tasks/{task_gid}/removeProject",
        run=remove_project,
        body=(ref("project", "project", required=True, about="The project to take the task out of."),),
        tag="Tasks",
        scope="tasks:write",
        about="Takes the task out of a project.",
    ),
)
