"""What a user is: the fields, and who may see one."""

from __future__ import annotations

from batchwright.model.conditions import ME, Exists, Visible, any_of, equals
from batchwright.model.fields import Relation, computed, json, refs, text
from batchwright.model.kinds import Deed, Kind
from batchwright.steps.people import employed

_COLLEAGUE = Exists("workspace_membership", "user", employed("workspace"))
# All that a guest of a workspace knows of its people.
_SAME_TEAM = Exists("team_membership", "user", Exists("team_membership", "team", equals("user", ME), column="team"))
_SAME_PROJECT = Exists("project_members", "target", Visible("project", "owner"))

USER = Kind(
    "user",
    "users",
    (
        text("name", required=True, compact=True, about="The person's name; only they can change it."),
        text("email", read_only=True, about="The e-mail address."),
        json("photo", read_only=True, about="Addresses of the photo in several sizes, or null."),
        refs(
            "workspaces",
            "workspace",
            Relation("workspace_membership", "user", "workspace", "gid"),
            about="The workspaces that the person and the caller both belong to.",
        ),
        computed("custom_fields", list, about="Values of custom fields; none so far."),
    ),
    steady=True,
    visible=any_of(equals("gid", ME), _COLLEAGUE, _SAME_TEAM, _SAME_PROJECT),
    deeds=(Deed("edit", equals("gid", ME), "user: Forbidden"),),
    open=True,
    unique=(("email",),),
    searched=("name", "email"),
    about="A person with an account, known to those who share a workspace; to its guests, a team or a project.",
)
