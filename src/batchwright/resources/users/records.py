"""One person's record, read by colleagues and changed by nobody but the person."""

from __future__ import annotations

from typing import Any

from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.fields import ref
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import forbidden, not_found
from batchwright.model.views import View
from batchwright.resources.users.kind import USER
from batchwright.shapes import updating
from batchwright.steps.people import member
from batchwright.steps.texts import check_name

IN_WORKSPACE = "/workspaces/{workspace_gid}/users/{user_gid}"
WORKSPACE = ref("workspace", "workspace", about="A workspace that the user must belong to.")


async def _record(call: Call, view: View) -> Outcome:
    await _belongs(call, view)
    return Outcome(show=Show("user", (call.at["user"],)))


async def _changed(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    await _belongs(call, view)
    if gid != call.caller.user:
        raise forbidden("user: Forbidden")
    check_name(values)
    return ()


async def _belongs(call: Call, view: View) -> None:
    home = call.at.get("workspace") or call.params.get("workspace")
    if home and await member(view, "workspace", home, call.at["user"]) is None:
        raise not_found("user", call.path["user_gid"])


def _getting(id: str, path: str, about: str) -> Operation:
    params = () if path == IN_WORKSPACE else (WORKSPACE,)
    return Operation(
        id=id,
        method="GET",
        path=path,
        run=_record,
        kind="user",
        params=params,
        tag="Users",
        scope="users:read",
        about=about,
    )


RECORDS = (
    _getting("getUser", "/users/{user_gid}", "The full record of a person: a gid, an e-mail address or me."),
    _getting("getUserForWorkspace", IN_WORKSPACE, "The full record of a person who belongs to the workspace."),
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
