"""Where a task stands: the projects it is in, the section of each, its place there (addProjectForTask)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batchwright.model.calls import Call
from batchwright.model.changes import Change, Remove
from batchwright.model.conditions import Reading
from batchwright.model.fields import ref
from batchwright.model.operations import Operation, Outcome
from batchwright.model.problems import bad_request, not_found
from batchwright.model.views import View
from batchwright.steps.lockstep import lockstep
from batchwright.steps.placing import MOST_PROJECTS, PLACES, TOO_MANY_PROJECTS, Anchor, anchor, beside, end, place_in
from batchwright.steps.writing import insert


@dataclass(frozen=True, slots=True)
class Place:
    """A project that a request names, at a path of its body, with a section or without."""

    project: int
    section: int | None
    path: str


def places(values: Mapping[str, Any]) -> list[Place]:
    """The places that a new task's `memberships` and `projects` name, each project once; raises Problem 400."""
    found = {place.project: place for place in _memberships(values)}
    for number, project in enumerate(values.get("projects") or ()):
        found.setdefault(project, Place(project, None, f"projects: [{number}]"))
    if len(found) > MOST_PROJECTS:
        raise bad_request(f"projects: {TOO_MANY_PROJECTS}")
    return list(found.values())


def _memberships(values: Mapping[str, Any]) -> list[Place]:
    return [
        Place(each["project"], each.get("section"), f"memberships: [{number}]: project")
        for number, each in enumerate(values.get("memberships") or ())
    ]


async def check_sections(view: View, values: Mapping[str, Any]) -> None:
    """Raises Problem 400 where a membership's section is another project's."""
    named = enumerate(_memberships(values))
    await lockstep(_check_section(view, each, f"memberships: [{number}]: section") for number, each in named)


async def put(call: Call, view: View, task: int, targets: list[Place]) -> tuple[Change, ...]:
    """A new task's memberships, each at the end of its section, by default the project's first."""
    sections = await lockstep(_section(view, each) for each in targets)
    placed = zip(targets, sections, strict=True)
    kind = view.kinds["membership"]
    return tuple(
        insert(kind, call, task=task, project=each.project, section=section, rank=end(top=False))
        for each, section in placed
    )


async def _section(view: View, place: Place) -> int:
    return place.section or (await _sections(view, place.project))[0]


async def _sections(view: View, project: int) -> list[int]:
    found = await view.fetch(Reading("section", "project", ("gid",), "rank"), (project,))
    if not found[project]:  # every project has one: it has gone since it was looked up
        raise not_found("project", str(project))
    return [gid for (gid,) in found[project]]


async def _check_section(view: View, place: Place, path: str) -> None:
    if place.section is not None and await view.value("section", place.section, "project") != place.project:
        raise bad_request(f"{path}: Not a section of the project: {place.section}")


async def _membership(view: View, task: int, project: int) -> tuple[int, int] | None:
    """The gid and the section of a task's membership in a project."""
    found = await view.fetch(PLACES, (task,))
    return next(((gid, section) for gid, at, section in found[task] if at == project), None)


async def add_project(call: Call, view: View) -> Outcome:
    """Puts the task into the project, or to another place in it."""
    task, project = call.at["task"], call.data["project"]
    await _check_workspace(view, task, project)
    spot = await _spot(call, view, task, project)
    return Outcome(await place_in(call, view, task, project, *spot, "project") if spot else ())


async def _check_workspace(view: View, task: int, project: int) -> None:
    home = await view.value("task", task, "workspace")
    if await view.value("project", project, "workspace") != home:
        raise bad_request(f"project: Not in the task's workspace: {home}")


async def _spot(call: Call, view: View, task: int, project: int) -> tuple[int, str] | None:
    """The section and the key of the place that is asked for, which is also an end of the section or of the whole list.

    None where the task stands there already.
    """
    near, section = anchor(call.data, ends=True), call.data.get("section")
    await _check_section(view, Place(project, section, "project"), "section")
    if near is not None and near.gid is not None:
        return await _beside(view, task, project, section, near, near.gid)
    if section is None and near is None and await _membership(view, task, project):
        return None
    top = near is not None and not near.before
    if section is None:
        section = (await _sections(view, project))[0 if top else -1]
    return section, end(top=top)


async def _beside(
    view: View, task: int, project: int, wanted: int | None, near: Anchor, other: int
) -> tuple[int, str] | None:
    found = await _membership(view, other, project)
    if found is None:
        raise bad_request(f"{near.name}: Not a task in the project: {other}")
    gid, section = found
    if wanted not in (None, section):
        raise bad_request(f"{near.name}: Not a task in the section: {other}")
    return None if other == task else (section, await beside(view, "membership", "section", gid, before=near.before))


async def remove_project(call: Call, view: View) -> Outcome:
    """Takes the task out of the project; it lives on, and one that isn't in the project stays as it is."""
    found = await _membership(view, call.at["task"], call.data["project"])
    return Outcome((Remove("membership", found[0]),) if found else ())


PLACING = (
    Operation(
        id="addProjectForTask",
        method="POST",
        path="/tasks/{task_gid}/addProject",
        run=add_project,
        deed="edit",
        body=(
            ref("project", "project", required=True, asks="fill", about="The project to put the task into."),
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
        deed="edit",
        body=(ref("project", "project", required=True, asks="fill", about="The project to take the task out of."),),
        tag="Tasks",
        scope="tasks:write",
        about="Takes the task out of a project.",
    ),
)
