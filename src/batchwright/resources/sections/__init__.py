"""Sections: the groups of tasks in a project, or in somebody's own task list."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from batchwright.model import ranks
from batchwright.model.calls import Call
from batchwright.model.changes import Change, Set, Still
from batchwright.model.conditions import Order, Reading
from batchwright.model.fields import ref, text
from batchwright.model.operations import Operation, Outcome
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.resources.sections.adding import ADD_TASK
from batchwright.resources.sections.kind import SECTION
from batchwright.shapes import creating, deleting, getting, listing, updating
from batchwright.steps.placing import anchor, beside
from batchwright.steps.texts import check_name

TAG = "Sections"
NAME = text("name", required=True, about="The heading; not empty.")
ANCHORS = (
    ref("insert_before", "section", nullable=False, about="The section it comes right before."),
    ref("insert_after", "section", nullable=False, about="The section it comes right after."),
)
_TASKS = {
    "project": Reading("membership", "section", count=True),
    "user_task_list": Reading("task", "assignee_section", count=True),
}


async def _between(view: View, project: int, data: Mapping[str, Any], before: str, after: str) -> str | None:
    """The rank beside the anchor, None without one. Raises Problem 400 for an anchor of another project."""
    near = anchor(data, before, after)
    if near is None or near.gid is None:
        return None
    if await view.value("section", near.gid, "project") != project:
        raise bad_request(f"{near.name}: Not a section of this project: {near.gid}")
    return await beside(view, "section", "project", near.gid, before=near.before)


async def _placed(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    check_name(values)
    place = await _between(view, call.at["project"], values, "insert_before", "insert_after")
    values["rank"] = place or ranks.last(gid)
    return ()


async def _renamed(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    check_name(values)
    return ()


async def _emptied(call: Call, view: View) -> tuple[Change, ...]:
    """Refuses what holds tasks or stands alone; both must still be so when the section goes."""
    gid = call.at["section"]
    row = await view.row("section", gid, "project", "user_task_list")
    within = "project" if row["project"] is not None else "user_task_list"
    inside, beside_it = _TASKS[within], Reading("section", within, count=True)
    tasks, sections = await asyncio.gather(view.fetch(inside, (gid,)), view.fetch(beside_it, (row[within],)))
    if tasks[gid]:
        raise bad_request("Only an empty section can be deleted")
    if sections[row[within]] == [(1,)]:
        raise bad_request("The last section cannot be deleted")
    return Still(inside, gid), Still(beside_it, row[within], tuple(sections[row[within]]))


async def _move(call: Call, view: View) -> Outcome:
    project, section = call.at["project"], call.data["section"]
    if await view.value("section", section, "project") != project:
        raise bad_request(f"section: Not a section of this project: {section}")
    place = await _between(view, project, call.data, "before_section", "after_section")
    if place is None:
        raise bad_request("You should specify one of before_section, after_section")
    moved = section not in (call.data.get("before_section"), call.data.get("after_section"))
    return Outcome((Set("section", section, {"rank": place}),) if moved else ())


KINDS = (SECTION,)
OPERATIONS = (
    listing(
        SECTION,
        "getSectionsForProject",
        "/projects/{project_gid}/sections",
        where="project",
        order=(Order("rank"), Order("gid")),
        visible=False,
        tag=TAG,
        about="The sections of a project, in their order.",
    ),
    creating(
        SECTION,
        "createSectionForProject",
        "/projects/{project_gid}/sections",
        body=(NAME, *ANCHORS),
        prepare=_placed,
        deed="edit",
        tag=TAG,
        about="Makes a section in a project, at the end or beside another one.",
    ),
    Operation(
        id="insertSectionForProject",
        method="POST",
        path="/projects/{project_gid}/sections/insert",
        run=_move,
        deed="edit",
        tag=TAG,
        about="Moves a section of a project right before or after another one.",
        body=(
            ref("section", "section", required=True, about="The section that moves."),
            ref("before_section", "section", about="The section it comes right before."),
            ref("after_section", "section", about="The section it comes right after."),
        ),
    ),
    getting(SECTION, "getSection", tag=TAG, about="One section."),
    updating(SECTION, "updateSection", body=(NAME,), prepare=_renamed, tag=TAG, about="Renames a section."),
    deleting(SECTION, "deleteSection", check=_emptied, tag=TAG, about="Deletes an empty section that isn't the last."),
    ADD_TASK,
)
