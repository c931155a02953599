"""Workspaces: the outermost container; an organization is a workspace with e-mail domains and teams."""

from __future__ import annotations

from typing import Any

from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.conditions import ME, Exists, Join, all_of, any_of, equals
from batchwright.model.fields import flag, json, ref, text
from batchwright.model.kinds import Deed, Kind
from batchwright.model.operations import Operation
from batchwright.model.views import View
from batchwright.resources.workspaces.leaving import leave
from batchwright.shapes import getting, listing, updating
from batchwright.steps.people import administers, employed
from batchwright.steps.texts import check_name

_MEMBER = Exists("workspace_membership", "workspace", equals("user", ME))
_PLAIN = equals("is_organization", False)
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
    deeds=(
        Deed("edit", any_of(administers("gid"), all_of(_PLAIN, employed("gid")))),
        Deed("invite", employed("gid"), "You do not have permission to invite people to this workspace."),
        Deed("remove", administers("gid"), "You do not have permission to remove people from this workspace."),
        Deed("found", employed("gid"), "You do not have permission to create teams in this workspace."),
        Deed(
            "fill",
            any_of(_PLAIN, employed("gid")),
            "You do not have permission to create projects in this workspace without a team.",
        ),
        Deed("endorse", administers("gid"), "You do not have permission to endorse teams of this workspace."),
    ),
    about="The outermost container of projects, tasks and people.",
)


async def _renamed(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
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
        deed="remove",
        freely="user",
        body=(ref("user", "user", required=True, about="Who is to go: a gid, an e-mail address or me."),),
        tag="Workspaces",
        about="Takes a person out of a workspace, its teams, projects and tasks. Admins may; everybody may leave.",
    ),
)
