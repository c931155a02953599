"""Tags on a task, and the people who follow it."""

from __future__ import annotations

from dataclasses import replace

from batchwright.model.calls import Call
from batchwright.model.changes import Change, Link, Unlink
from batchwright.model.fields import ref
from batchwright.model.operations import Operation, Outcome
from batchwright.model.views import View
from batchwright.resources.tasks.kind import TASK
from batchwright.resources.tasks.writing import check_tags
from batchwright.shapes import linking
from batchwright.steps.people import check_places

TABLE = "task_tags"


async def _add_tag(call: Call, view: View) -> Outcome:
    gid, tag = call.at["task"], call.data["tag"]
    await check_tags(view, (tag,), await view.value("task", gid, "workspace"), "tag")
    return Outcome((Link(TABLE, gid, tag),))


async def _remove_tag(call: Call, view: View) -> Outcome:
    return Outcome((Unlink(TABLE, call.at["task"], call.data["tag"]),))


async def _known(call: Call, view: View) -> tuple[Change, ...]:
    """Who isn't in the task's workspace can't follow it."""
    home = await view.value("task", call.at["task"], "workspace")
    await check_places(view, home, call.data["followers"], "followers")
    return ()


_FOLLOW, _LEAVE = linking(
    TASK,
    "followers",
    "addFollowersForTask",
    "removeFollowerForTask",
    check=_known,
    deed="comment",  # whoever comments can mention people, who follow it then
    freely="followers",
    tag="Tasks",
    scope="tasks:write",
    about="Changes who follows the task; those who do already, or don't, are no fault.",
)

LINKED = (
    Operation(
        id="addTagForTask",
        method="POST",
        path="/tasks/{task_gid}/addTag",
        run=_add_tag,
        deed="edit",
        body=(ref("tag", "tag", required=True, about="The tag to put on."),),
        tag="Tasks",
        scope="tasks:write",
        about="Puts a tag on the task.",
    ),
    Operation(
        id="removeTagForTask",
        method="POST",
        path="/tasks/{task_gid}/removeTag",
        run=_remove_tag,
        deed="edit",
        body=(ref("tag", "tag", required=True, about="The tag to take off."),),
        tag="Tasks",
        scope="tasks:write",
        about="Takes a tag off the task.",
    ),
    _FOLLOW,
    replace(_LEAVE, deed="edit"),
)
