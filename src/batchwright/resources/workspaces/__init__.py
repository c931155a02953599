"""Workspaces: the outermost container; an organization is a workspace with e-mail domains and teams."""

from __future__ import annotations

from typing import Any

from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.conditions import ME, Exists, Join, equals
from batchwright.model.fields import flag, json, ref, text
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation
from batchwright.model.problems import forbidden
from batchwright.model.views import View
from batchwright.resources.workspaces.leaving import leave
from batchwright.shapes import getting, listing, updating
from batchwright.steps.people import own_place
from batchwright.steps.texts import check_name

_MEMBER = Exists("workspace_membership", "workspace", equals("user", ME))
_MEMBERS = (Join("workspace_membership", "workspace", "gid"),)

WORKSPACE = Kind(
    "workspace",
    "workspaces",
    (
        text("name", required=True, compact=True, about="The name of the workspace."),
        json(
            "email_domains",
            read_only=True,
            default="[]",
            nullable=False,
            about="The e-mail domains of an organization: whoever has an address there joins as a member, not a guest.",
        ),
        flag("is_organization", read_only=True, about="Whether it is an organization."),
    ),
    steady=True,
    visible=_MEMBER,
    about="The outermost container of projects, tasks and people.",
)


async def _renamed(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    own, home = await own_place(view, gid), await view.row("workspace", gid, "is_organization")
    if own.is_guest or (home["is_organization"] and not own.is_admin):
        raise forbidden("You do not have permission to change this workspace.")
    check_name(values)
    return ()


KINDS = (WORKSPACE,)
OPERATIONS = (
    listing(
        WORKSPACE,
        "getWorkspaces",
        "/workspaces",
        where=lambda call: (equals("workspace_membership.user", ME),),
        joins=_MEMBERS,
        visible=False,
        tag="Workspaces",
        scope="workspaces:read",
        about="The workspaces and organizations that the caller belongs to.",
    ),
    listing(
        WORKSPACE,
        "getWorkspacesForUser",
        "/users/{user_gid}/workspaces",
        where="workspace_membership.user",
        joins=_MEMBERS,
        tag="Workspaces",
        scope="workspaces:read",
        about="The workspaces that the user and the caller both belong to.",
        alias=True,
    ),
    getting(
        WORKSPACE, "getWorkspace", tag="Workspaces", scope="workspaces:read", about="The full record of a workspace."
    ),
    updating(
        WORKSPACE,
        "updateWorkspace",
        prepare=_renamed,
        tag="Workspaces",
        about="Renames a workspace; in an organization its admins may, elsewhere every member.",
    ),
    Operation(
        id="removeUserForWorkspace",
        method="POST",
        path="/workspaces/{workspace_gid}/removeUser",
        run=leave,
        body=(ref("user", "user", required=True, about="Who is to go: a gid, an e-mail address or me."),),
        tag="Workspaces",
        about="Takes a person out of a workspace, its teams, projects and tasks. Admins may; everybody may leave.",
    ),
)
