"""User task lists: each member's own "My tasks" of a workspace."""

from __future__ import annotations

from batchwright.model.calls import Call
from batchwright.model.conditions import Visible, all_of
from batchwright.model.fields import ref, text
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import not_found
from batchwright.model.views import View
from batchwright.shapes import getting
from batchwright.steps.people import place_of, task_list

USER_TASK_LIST = Kind(
    "user_task_list",
    "user_task_lists",
    (
        text("name", compact=True, about="The name of the list."),
        ref("owner", "user", required=True, compact=True, about="Whose tasks it holds."),
        ref("workspace", "workspace", required=True, compact=True, about="The workspace whose tasks it holds."),
    ),
    visible=all_of(Visible("workspace", "workspace"), Visible("user", "owner")),
    unique=(("owner", "workspace"),),
    about="The tasks that are assigned to a person in a workspace, as that person keeps them.",
)


async def _of_user(call: Call, view: View) -> Outcome:
    user, workspace = call.at["user"], call.params["workspace"]
    await place_of(view, workspace, user, "user", call.path["user_gid"])
    found = await task_list(view, workspace, user)
    if found is None:
        raise not_found("user_task_list", call.path["user_gid"])
    return Outcome(show=Show("user_task_list", (found,)))


KINDS = (USER_TASK_LIST,)
OPERATIONS = (
    getting(
        USER_TASK_LIST,
        "getUserTaskList",
        tag="User task lists",
        scope="tasks:read",
        about="The record of a person's task list.",
    ),
    Operation(
        id="getUserTaskListForUser",
        method="GET",
        path="/users/{user_gid}/user_task_list",
        run=_of_user,
        kind="user_task_list",
        params=(ref("workspace", "workspace", required=True, about="The workspace whose tasks it holds."),),
        tag="User task lists",
        scope="tasks:read",
        about="The record of a person's task list in a workspace.",
    ),
)
