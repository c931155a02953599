"""Projects: lists of tasks in sections, shared with people."""

from __future__ import annotations

from batchwright.model.conditions import ME, Exists, all_of, any_of, equals
from batchwright.model.fields import choice, computed, date, flag, moment, ref, refs, text
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

_EMPLOYEE = Exists(
    "workspace_membership",
    "workspace",
    all_of(equals("user", ME), equals("is_guest", False)),
    column="workspace",
)

PROJECT = Kind(
    "project",
    "projects",
    (
        text("name", compact=True),
        flag("archived"),
        moment("created_at", read_only=True),
        moment("modified_at", read_only=True),
        date("due_on"),
        date("start_on"),
        text("notes"),
        text("html_notes", opt_in=True),
        choice("privacy_setting", "public_to_workspace", "private_to_team", "private"),
        ref("owner", "user"),
        ref("team", "team"),
        ref("workspace", "workspace", create_only=True, required=True),
        refs("members", "user", create_only=True),
        refs("followers", "user", create_only=True),
        computed("permalink_url", lambda base, gid: f"{base}/0/{gid}", needs=("base", "gid")),
    ),
    visible=any_of(
        equals("owner", ME),
        Exists("project_members", "owner", equals("target", ME)),
        all_of(equals("privacy_setting", "public_to_workspace"), _EMPLOYEE),
        all_of(
            equals("privacy_setting", "private_to_team"),
            Exists("team_membership", "team", equals("user", ME), column="team"),
        ),
    ),
)

KINDS = (PROJECT,)
OPERATIONS = (getting(PROJECT, "getProject", tag="Projects", scope="projects:read"),)
