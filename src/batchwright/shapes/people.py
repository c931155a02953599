"""Who belongs to a workspace, and as what: read wherever a rule depends on it."""

from __future__ import annotations

from dataclasses import dataclass

from batchwright.model.conditions import Reading
from batchwright.model.problems import bad_request, no_access
from batchwright.model.views import View


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in a workspace; gid is the membership's."""

    gid: int
    is_admin: bool
    is_guest: bool


async def member(view: View, workspace: int, user: int) -> Member | None:
    """The user's place in the workspace, None when there is none."""
    reading = Reading("workspace_membership", "user", ("workspace", "gid", "is_admin", "is_guest"))
    rows = (await view.fetch(reading, (user,)))[user]
    return next((Member(gid, bool(admin), bool(guest)) for at, gid, admin, guest in rows if at == workspace), None)


async def own_place(view: View, workspace: int) -> Member:
    """The caller's place in the workspace; Problem 403 when there is none."""
    found = await member(view, workspace, view.caller.user)
    if found is None:
        raise no_access("workspace")
    return found


async def place_of(view: View, workspace: int, user: int, field: str) -> Member:
    """The place of a user that `field` of a body names; Problem 400 when there is none."""
    found = await member(view, workspace, user)
    if found is None:
        home = await view.row("workspace", workspace, "is_organization")
        raise bad_request(
            f"{field}: Not a user in Organization: {user}"
            if home["is_organization"]
            else f"{field}: Not a user in Workspace: {workspace}"
        )
    return found
