"""POST /sections/{gid}/addTask: a task moves within the project, or joins it, at the top or beside another task."""

from __future__ import annotations

from batchwright.model.calls import Call
from batchwright.model.changes import Set
from batchwright.model.fields import ref
from batchwright.model.operations import Operation, Outcome
from batchwright.model.problems import Problem, bad_request
from batchwright.model.views import View
from batchwright.steps.placing import PLACES, Anchor, anchor, beside, end, place_in


async def _add_task(call: Call, view: View) -> Outcome:
    row = await view.row("section", call.at["section"], "project", "user_task_list")
    near = anchor(call.data)
    if row["project"] is None:
        return await _to_own(call, view, row["user_task_list"], near)
    return await _to_project(call, view, row["project"], near)


async def _to_project(call: Call, view: View, project: int, near: Anchor | None) -> Outcome:
    section, task = call.at["section"], call.data["task"]
    await _same_workspace(view, task, project)
    rank = end(top=True)
    if near is not None and near.gid is not None:
        found = await view.fetch(PLACES, (near.gid,))
        place = next((gid for gid, _, at in found[near.gid] if at == section), None)
        if place is None:
            raise _not_here(near)
        if near.gid == task:
            return Outcome()
        rank = await beside(view, "membership", "section", place, before=near.before)
    return Outcome(await place_in(call, view, task, project, section, rank, "task"))


async def _to_own(call: Call, view: View, user_task_list: int, near: Anchor | None) -> Outcome:
    """A section of somebody's own task list takes what is assigned to them."""
    section, task = call.at["section"], call.data["task"]
    home = await view.row("user_task_list", user_task_list, "owner", "workspace")
    row = await view.row("task", task, "assignee", "workspace")
    if (row["assignee"], row["workspace"]) != (home["owner"], home["workspace"]):
        raise bad_request(f"task: Not a task in the user task list: {task}")
    rank = end(top=True)
    if near is not None and near.gid is not None:
        if await view.value("task", near.gid, "assignee_section") != section:
            raise _not_here(near)
        if near.gid == task:
            return Outcome()
        rank = await beside(view, "task", "assignee_section", near.gid, before=near.before, rank="assignee_rank")
    placed = Set("task", task, {"assignee_section": section, "assignee_rank": rank}, expect={"assignee": home["owner"]})
    return Outcome((placed,))


async def _same_workspace(view: View, task: int, project: int) -> None:
    home = await view.value("project", project, "workspace")
    if await view.value("task", task, "workspace") != home:
        raise bad_request(f"task: Not in the project's workspace: {home}")


def _not_here(near: Anchor) -> Problem:
    return bad_request(f"{near.name}: Not a task in the section: {near.gid}")


ADD_TASK = Operation(
    id="addTaskForSection",
    method="POST",
    path="/sections/{section_gid}/addTask",
    run=_add_task,
    deed="fill",
    tag="Sections",
    scope="tasks:write",
    about="Puts a task into a section of a project, at the top or beside another task; it leaves the other sections.",
    body=(
        ref("task", "task", required=True, asks="edit", about="The task."),
        ref("insert_before", "task", about="A task of the section that it comes right before."),
        ref("insert_after", "task", about="A task of the section that it comes right after."),
    ),
)
