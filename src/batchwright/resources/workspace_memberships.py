"""Workspace memberships: who belongs to a workspace, and as what."""

from __future__ import annotations

from batchwright.model.conditions import Visible
from batchwright.model.fields import flag, moment, ref
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

WORKSPACE_MEMBERSHIP = Kind(
    "workspace_membership",
    "workspace_memberships",
    (
        ref("user", "user", required=True, compact=True),
        ref("workspace", "workspace", required=True, compact=True),
        flag("is_active", default=True),
        flag("is_admin"),
        flag("is_guest"),
        flag("is_view_only"),
        moment("created_at"),
    ),
    visible=Visible("workspace", "workspace"),
    unique=(("user", "workspace"),),
)

KINDS = (WORKSPACE_MEMBERSHIP,)
OPERATIONS = (getting(WORKSPACE_MEMBERSHIP, "getWorkspaceMembership", tag="Workspace memberships"),)
