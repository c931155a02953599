"""Workspace memberships: who belongs to a workspace, and as what."""

from __future__ import annotations

from batchwright.model.calls import Call
from batchwright.model.conditions import Query, Visible, all_of, equals
from batchwright.model.fields import computed, flag, moment, ref
from batchwright.model.kinds import Kind
from batchwright.model.views import View
from batchwright.shapes import getting, listing
from batchwright.steps.people import guest_in

WORKSPACE_MEMBERSHIP = Kind(
    "workspace_membership",
    "workspace_memberships",
    (
        ref("user", "user", required=True, compact=True, about="The person."),
        ref("workspace", "workspace", required=True, compact=True, about="The workspace."),
        ref("user_task_list", "user_task_list", read_only=True, about="The person's own task list in the workspace."),
        flag(
            "is_active", default=True, read_only=True, about="Whether the person belongs to the workspace at present."
        ),
        flag("is_admin", read_only=True, about="Whether the person administers the workspace."),
        flag("is_guest", read_only=True, about="Whether the person is a guest, who sees what is shared with them."),
        flag("is_view_only", read_only=True, about="Whether the person may only look."),
        computed("vacation_dates", lambda: None, about="When the person is away; always null so far."),
        moment("created_at", read_only=True, about="When the person joined."),
    ),
    visible=all_of(Visible("workspace", "workspace"), Visible("user", "user")),
    unique=(("workspace", "user"),),
    indexes=(("workspace", "gid"),),
    about="A person's place in a workspace.",
)


async def _of_workspace(call: Call, view: View) -> Query:
    home = call.at["workspace"]
    named = (equals("user", call.params["user"]),) if "user" in call.params else ()
    where = (equals("workspace", home), *named)
    return Query("workspace_membership", where, visible=await guest_in(view, home))


KINDS = (WORKSPACE_MEMBERSHIP,)
OPERATIONS = (
    getting(
        WORKSPACE_MEMBERSHIP,
        "getWorkspaceMembership",
        tag="Workspace memberships",
        about="The full record of a membership.",
    ),
    listing(
        WORKSPACE_MEMBERSHIP,
        "getWorkspaceMembershipsForUser",
        "/users/{user_gid}/workspace_memberships",
        where="user",
        tag="Workspace memberships",
        about="The user's memberships of the workspaces that the caller belongs to as well.",
    ),
    listing(
        WORKSPACE_MEMBERSHIP,
        "getWorkspaceMembershipsForWorkspace",
        "/workspaces/{workspace_gid}/workspace_memberships",
        query=_of_workspace,
        params=(ref("user", "user", about="Only the membership of this person."),),
        tag="Workspace memberships",
        about="The memberships of a workspace.",
    ),
)
