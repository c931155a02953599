"""One person's record, read by colleagues and changed by nobody but the person."""

from __future__ import annotations

from typing import Any

from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.fields import ref
from batchwright.model.problems import not_found
from batchwright.model.views import View
from batchwright.resources.users.kind import USER
from batchwright.shapes import getting, updating
from batchwright.steps.people import member
from batchwright.steps.texts import check_name

IN_WORKSPACE = "/workspaces/{workspace_gid}/users/{user_gid}"
WORKSPACE = ref("workspace", "workspace", about="A workspace that the user must belong to.")


async def _changed(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    await _belongs(call, view)
    check_name(values)
    return ()


async def _belongs(call: Call, view: View) -> None:
    home = call.at.get("workspace") or call.params.get("workspace")
    if home and await member(view, "workspace", home, call.at["user"]) is None:
        raise not_found("user", call.path["user_gid"])


RECORDS = (
    getting(
        USER,
        "getUser",
        check=_belongs,
        params=(WORKSPACE,),
        tag="Users",
        scope="users:read",
        about="The full record of a person: a gid, an e-mail address or me.",
    ),
    getting(
        USER,
        "getUserForWorkspace",
        IN_WORKSPACE,
        check=_belongs,
        tag="Users",
        scope="users:read",
        about="The full record of a person who belongs to the workspace.",
    ),
    updating(
        USER,
        "updateUser",
        prepare=_changed,
        params=(WORKSPACE,),
        tag="Users",
        about="Changes the caller's own name.",
    ),
    updating(
        USER,
        "updateUserForWorkspace",
        IN_WORKSPACE,
        prepare=_changed,
        tag="Users",
        about="Changes the caller's own name, which is the same in every workspace.",
    ),
)
