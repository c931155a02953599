"""Users: people with an account."""

from __future__ import annotations

from batchwright.model.conditions import ME, Exists, any_of, equals
from batchwright.model.fields import Relation, json, refs, text
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

_COLLEAGUE = Exists("workspace_membership", "workspace", equals("user", ME), column="workspace")

USER = Kind(
    "user",
    "users",
    (
        text("name", compact=True),
        text("email", read_only=True),
        json("photo", read_only=True),
        refs("workspaces", "workspace", Relation("workspace_membership", "user", "workspace", "gid")),
    ),
    visible=any_of(equals("gid", ME), Exists("workspace_membership", "user", _COLLEAGUE)),
    open=True,
    unique=(("email",),),
)

KINDS = (USER,)
OPERATIONS = (getting(USER, "getUser", tag="Users", scope="users:read"),)
