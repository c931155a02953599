"""Team memberships: who belongs to a team, and as what."""

from __future__ import annotations

from batchwright.model.conditions import Visible
from batchwright.model.fields import flag, ref
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

TEAM_MEMBERSHIP = Kind(
    "team_membership",
    "team_memberships",
    (
        ref("user", "user", required=True, compact=True),
        ref("team", "team", required=True, compact=True),
        flag("is_guest", compact=True),
        flag("is_limited_access", compact=True),
        flag("is_admin", compact=True),
    ),
    visible=Visible("team", "team"),
    unique=(("user", "team"),),
)

KINDS = (TEAM_MEMBERSHIP,)
OPERATIONS = (getting(TEAM_MEMBERSHIP, "getTeamMembership", tag="Team memberships", scope="team_memberships:read"),)
