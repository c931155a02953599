"""Creating, changing and deleting a task: every rule about its fields, each in a module of its own."""

from __future__ import annotations

from typing import Any

from batchwright.model import gids, ranks
from batchwright.model.calls import Call
from batchwright.model.changes import Change, Remove, Set
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.resources.tasks import assigning, dates, external, progress, subtasks
from batchwright.resources.tasks.bodies import CREATE, UPDATE, check
from batchwright.resources.tasks.kind import TASK
from batchwright.resources.tasks.places import Place, check_sections, places, put
from batchwright.shapes import creating, deleting
from batchwright.steps.likes import like, own_like
from batchwright.steps.lockstep import lockstep
from batchwright.steps.people import check_places
from batchwright.steps.texts import pair
from batchwright.steps.writing import link_all, stored

NOWHERE = "You should specify one of workspace, parent, projects"
_NEW: dict[str, Any] = {each.name: each.default for each in TASK.columns}
_DECIDED_BY = {
    "assignment": (assigning.ASSIGNMENT, ("assignee",)),
    "dates": (dates.DATES, (*dates.DATES, "resource_subtype")),
    "progress": (progress.PROGRESS, (*progress.PROGRESS, "start_on")),
}


async def create(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    """Completes a new task; answers where it goes, and what else comes with it."""
    if "task" in call.at:
        values["parent"] = call.at["task"]
    check(call)
    targets = places(values)
    await lockstep((check_sections(view, values), _settle_workspace(view, values, targets)))
    workspace = values["workspace"]
    await lockstep(
        (
            assigning.settle(view, values, _NEW, workspace),
            external.settle(view, gid, values, workspace),
            _belonging(view, values, workspace),
        )
    )
    dates.settle(values, _NEW)
    progress.settle(call, values, _NEW)
    progress.check_milestone(values, _NEW)
    values["followers"] = _followers(view, values)
    besides = (*await put(call, view, gid, targets), *own_like(call, view, "task", gid))
    if values.get("parent") is None:
        return besides
    values["subtask_rank"] = ranks.last(gids.make())
    return (*await subtasks.fits(view, values["parent"], 0), *besides)


async def _settle_workspace(view: View, values: dict[str, Any], targets: list[Place]) -> None:
    """The workspace is the one named, or that the parent or the projects belong to; Problem 400 for more than one."""
    named = [("workspace", values["workspace"])] if values.get("workspace") else []
    if values.get("parent"):
        named.append(("parent", await view.value("task", values["parent"], "workspace")))
    rows = await view.rows("project", (each.project for each in targets), "workspace")
    named += [(each.path, rows[each.project]["workspace"]) for each in targets if each.project in rows]
    if not named:
        raise bad_request(NOWHERE)
    workspace = int(named[0][1])
    for path, other in named:
        if other != workspace:
            raise bad_request(f"{path}: Not in the task's workspace: {workspace}")
    # As Asana is reported to do: a new subtask isn't put into projects (asana-behaviour.md, section 13).
    if values.get("parent"):
        targets.clear()
    values["workspace"] = workspace


async def _belonging(view: View, values: dict[str, Any], workspace: int) -> None:
    await check_places(view, workspace, values.get("followers") or (), "followers")
    await check_tags(view, values.get("tags") or (), workspace)


async def check_tags(view: View, tags: list[int] | tuple[int, ...], workspace: int, path: str = "tags: [{}]") -> None:
    """Raises Problem 400 for a tag of another workspace."""
    rows = await view.rows("tag", tags, "workspace")
    for number, tag in enumerate(tags):
        if tag in rows and rows[tag]["workspace"] != workspace:
            raise bad_request(f"{path.format(number)}: Not in the task's workspace: {workspace}")


def _followers(view: View, values: dict[str, Any]) -> list[int]:
    """The creator, the assignee, and whoever is named."""
    named = (view.caller.user, values.get("assignee"), *(values.get("followers") or ()))
    return list(dict.fromkeys(each for each in named if each is not None))


async def update(call: Call, view: View) -> Outcome:
    """PUT /tasks/{task_gid}: what isn't named stays, and what was decided by the row is written while it holds."""
    gid = call.at["task"]
    values = dict(call.data)
    check(call)
    decisions = {name for name, (fields, _) in _DECIDED_BY.items() if values.keys() & set(fields)}
    row = await view.row("task", gid, "workspace", *dict.fromkeys(_read(decisions)))
    await pair(view, call, TASK, values)
    await external.settle(view, gid, values, row["workspace"])
    if "assignment" in decisions:
        await assigning.settle(view, values, row, row["workspace"])
    if "dates" in decisions:
        dates.settle(values, row)
    if "progress" in decisions:
        progress.settle(call, values, row)
    if decisions & {"dates", "progress"}:
        progress.check_milestone(values, row)
    besides = await like(call, view, "task", gid)
    if values.get("assignee") not in (None, row.get("assignee")):
        besides += link_all(TASK, "followers", gid, (values["assignee"],))
    columns = {name: value for name, value in stored(TASK, values).items() if name not in row or row[name] != value}
    expect = {name: value for name, value in row.items() if name != "workspace"}
    changes = (Set("task", gid, columns, expect), *besides) if columns else besides
    return Outcome(changes, Show("task", (gid,)))


def _read(decisions: set[str]) -> list[str]:
    return [name for each in sorted(decisions) for name in _DECIDED_BY[each][1]]


async def _delete(call: Call, view: View) -> tuple[Change, ...]:
    """Subtasks go with their parent, each told of by itself, the deepest first."""
    levels = await subtasks.below(view, call.at["task"])
    return tuple(Remove("task", gid) for level in reversed(levels) for gid in level)


WRITING = (
    creating(
        TASK,
        "createTask",
        body=CREATE,
        prepare=create,
        tag="Tasks",
        scope="tasks:write",
        about="Creates a task in a workspace, in projects or under a parent. Its creator and its assignee follow it.",
    ),
    creating(
        TASK,
        "createTaskForWorkspace",
        "/workspaces/{workspace_gid}/tasks",
        body=CREATE,
        prepare=create,
        tag="Tasks",
        scope="tasks:write",
        about="Creates a task in the workspace of the path.",
        alias=True,
    ),
    creating(
        TASK,
        "createSubtaskForTask",
        "/tasks/{task_gid}/subtasks",
        deed="edit",
        body=CREATE,
        prepare=create,
        tag="Tasks",
        scope="tasks:write",
        about="Creates a task under the task of the path, after its other subtasks.",
    ),
    Operation(
        id="updateTask",
        method="PUT",
        path="/tasks/{task_gid}",
        run=update,
        deed="edit",
        kind="task",
        body=UPDATE,
        tag="Tasks",
        scope="tasks:write",
        about="Changes the fields that are given and leaves the others as they are.",
    ),
    deleting(
        TASK,
        "deleteTask",
        check=_delete,
        tag="Tasks",
        scope="tasks:delete",
        about="Deletes a task together with its subtasks.",
    ),
)
