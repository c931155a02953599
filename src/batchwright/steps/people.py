"""Who belongs to a workspace or a team, and as what: read wherever a rule depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from batchwright.model.conditions import Reading
from batchwright.model.problems import bad_request, no_access
from batchwright.model.views import View


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in a workspace or a team; gid is the membership's."""

    gid: int
    is_admin: bool
    is_guest: bool


async def member(view: View, within: Literal["workspace", "team"], at: int, user: int) -> Member | None:
    """The user's place in the workspace or team with the gid `at`, None when there is none."""
    reading = Reading(f"{within}_membership", "user", (within, "gid", "is_admin", "is_guest"))
    rows = (await view.fetch(reading, (user,)))[user]
    return next((Member(gid, bool(admin), bool(guest)) for place, gid, admin, guest in rows if place == at), None)


async def own_place(view: View, workspace: int) -> Member:
    """The caller's place in the workspace; Problem 403 when there is none."""
    found = await member(view, "workspace", workspace, view.caller.user)
    if found is None:
        raise no_access("workspace")
    return found


async def place_of(view: View, workspace: int, user: int, field: str, sent: str = "") -> Member:
    """The place of a user that `field` of a body names (`sent`: as it was written); Problem 400 when there is none."""
    found = await member(view, "workspace", workspace, user)
    if found is None:
        home = await view.row("workspace", workspace, "is_organization")
        raise bad_request(
            f"{field}: Not a user in Organization: {sent or user}"
            if home["is_organization"]
            else f"{field}: Not a user in Workspace: {workspace}"
        )
    return found
