"""Workspaces: the outermost container; an organization is a workspace with e-mail domains and teams."""

from __future__ import annotations

from batchwright.model.calls import Call
from batchwright.model.conditions import ME, Condition, Exists, equals
from batchwright.model.fields import flag, json, text
from batchwright.model.kinds import Kind
from batchwright.shapes import getting, listing, updating

_MEMBER = Exists("workspace_membership", "workspace", equals("user", ME))

WORKSPACE = Kind(
    "workspace",
    "workspaces",
    (
        text("name", compact=True, about="The name of the workspace."),
        json(
            "email_domains",
            read_only=True,
            default="[]",
            nullable=False,
            about="The e-mail domains of an organization.",
        ),
        flag("is_organization", read_only=True, about="Whether it is an organization."),
    ),
    visible=_MEMBER,
    about="The outermost container of projects, tasks and people.",
)


def _own(call: Call) -> tuple[Condition, ...]:
    return ()


KINDS = (WORKSPACE,)
OPERATIONS = (
    listing(WORKSPACE, "getWorkspaces", "/workspaces", where=_own, tag="Workspaces", scope="workspaces:read"),
    getting(WORKSPACE, "getWorkspace", tag="Workspaces", scope="workspaces:read"),
    updating(WORKSPACE, "updateWorkspace", tag="Workspaces"),
)
