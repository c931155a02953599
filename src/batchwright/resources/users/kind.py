"""What a user is: the fields, and who may see one."""

from __future__ import annotations

from batchwright.model.conditions import ME, Exists, any_of, equals
from batchwright.model.fields import Relation, computed, json, refs, text
from batchwright.model.kinds import Deed, Kind

_COLLEAGUE = Exists("workspace_membership", "workspace", equals("user", ME), column="workspace")

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
    visible=any_of(equals("gid", ME), Exists("workspace_membership", "user", _COLLEAGUE)),
    deeds=(Deed("edit", equals("gid", ME), "user: Forbidden"),),
    open=True,
    unique=(("email",),),
    searched=("name", "email"),
    about="A person with an account, known to whoever shares a workspace with them.",
)
