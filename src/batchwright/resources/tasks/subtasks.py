"""Tasks under tasks: at most five levels, in an order of their own, and never in a circle (setParentForTask)."""

from __future__ import annotations

from batchwright.model.calls import Call
from batchwright.model.changes import Change, Set, Still
from batchwright.model.conditions import Order, Reading
from batchwright.model.fields import ref
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.resources.tasks.kind import TASK
from batchwright.shapes import listing
from batchwright.steps.placing import Anchor, anchor, beside, end

MOST_LEVELS = 5
_PARENT = Reading("task", columns=("parent",))
_CHILDREN = Reading("task", "parent", ("gid",))


async def fits(view: View, parent: int, height: int, moved: int = 0) -> tuple[Change, ...]:
    """What must stay as it is for a task, with `height` levels of its own below it, to become a subtask of `parent`.

    Raises Problem 400 where that would be too deep, or put `moved` under itself.
    """
    chain: list[tuple[int, int | None]] = []
    gid: int | None = parent
    while gid is not None:
        if gid == moved:
            raise bad_request("parent: A task cannot be a subtask of itself or of one of its subtasks")
        above = await view.value("task", gid, "parent")
        chain.append((gid, above))
        gid = above
    if len(chain) + height > MOST_LEVELS:
        raise bad_request(f"parent: At most {MOST_LEVELS} levels of subtasks are allowed")
    return tuple(Still(_PARENT, each, ((above,),)) for each, above in chain)


async def below(view: View, gid: int) -> list[list[int]]:
    """The subtasks of a task level by level, from its own downwards."""
    levels: list[list[int]] = []
    found = await view.fetch(_CHILDREN, (gid,))
    while level := [child for rows in found.values() for (child,) in rows]:
        levels.append(level)
        found = await view.fetch(_CHILDREN, level)
    return levels


async def set_parent(call: Call, view: View) -> Outcome:
    """Puts the task under another one, or under none, or in another place among its siblings."""
    gid, parent = call.at["task"], call.data["parent"]
    show = Show("task", (gid,))
    near = anchor(call.data, ends=True)
    row = await view.row("task", gid, "parent", "workspace")
    expect = {"parent": row["parent"]}
    if parent is None:
        return Outcome((Set("task", gid, {"parent": None}, expect),) if row["parent"] else (), show)
    if await view.value("task", parent, "workspace") != row["workspace"]:
        raise bad_request(f"parent: Not in the task's workspace: {row['workspace']}")
    holds = await fits(view, parent, len(await below(view, gid)), gid)
    if parent == row["parent"] and near is None:
        return Outcome(show=show)
    rank = await _rank(call, view, near)
    return Outcome((*holds, Set("task", gid, {"parent": parent, "subtask_rank": rank}, expect)), show)


async def _rank(call: Call, view: View, near: Anchor | None) -> str:
    """The key of the place that is asked for: beside a subtask, or at an end; by default at the end."""
    if near is None or near.gid is None:
        return end(top=near is not None and not near.before)
    row = await view.row("task", near.gid, "parent", "subtask_rank")
    if row["parent"] != call.data["parent"]:
        raise bad_request(f"{near.name}: Not a subtask of the parent: {near.gid}")
    if near.gid == call.at["task"]:
        return str(row["subtask_rank"])
    return await beside(view, "task", "parent", near.gid, before=near.before, rank="subtask_rank")


SUBTASKS = (
    listing(
        TASK,
        "getSubtasksForTask",
        "/tasks/{task_gid}/subtasks",
        where="parent",
        order=(Order("subtask_rank"), Order("gid")),
        visible=False,
        tag="Tasks",
        scope="tasks:read",
        about="The subtasks of a task, in their order.",
    ),
    Operation(
        id="setParentForTask",
        method="POST",
        path="/tasks/{task_gid}/setParent",
        run=set_parent,
        deed="edit",
        kind="task",
        body=(
            ref(
                "parent",
                "task",
                required=True,
                nullable=True,
                asks="edit",
                about="The task to be a part of; null for none.",
            ),
            ref("insert_after", "task", about="A subtask of the parent to stand after; null for the beginning."),
            ref("insert_before", "task", about="A subtask of the parent to stand before; null for the end."),
        ),
        tag="Tasks",
        scope="tasks:write",
        about="Makes the task a subtask of another one, moves it among its siblings, or sets it free.",
    ),
)
