"""Teams: groups of people in an organization that share projects."""

from __future__ import annotations

from batchwright.model.conditions import ME, Compare, Exists, all_of, any_of, equals
from batchwright.model.fields import choice, ref, text
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

_EMPLOYEE = Exists(
    "workspace_membership",
    "workspace",
    all_of(equals("user", ME), equals("is_guest", False)),
    column="organization",
)

TEAM = Kind(
    "team",
    "teams",
    (
        text("name", compact=True),
        text("description", opt_in=True),
        text("html_description", opt_in=True),
        ref("organization", "workspace", create_only=True, required=True),
        choice("visibility", "secret", "request_to_join", "public"),
    ),
    visible=any_of(
        Exists("team_membership", "team", equals("user", ME)),
        all_of(Compare("visibility", "!=", "secret"), _EMPLOYEE),
    ),
)

KINDS = (TEAM,)
OPERATIONS = (getting(TEAM, "getTeam", tag="Teams", scope="teams:read"),)
