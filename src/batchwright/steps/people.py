"""Who belongs to a workspace or a team, and as what: read wherever a rule depends on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from batchwright.model.conditions import ME, Exists, Reading, all_of, equals
from batchwright.model.problems import Problem, bad_request, no_access
from batchwright.model.views import View
from batchwright.steps.lockstep import lockstep


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in a workspace or a team; gid is the membership's."""

    gid: int
    is_admin: bool
    is_guest: bool


def employed(column: str) -> Exists:
    """The condition that the caller belongs to the workspace that the column names, and is no guest there."""
    own = all_of(equals("user", ME), equals("is_guest", False))
    return Exists("workspace_membership", "workspace", own, column)


def administers(column: str) -> Exists:
    """The condition that the caller administers the workspace that the column names."""
    own = all_of(equals("user", ME), equals("is_admin", True))
    return Exists("workspace_membership", "workspace", own, column)


async def member(view: View, within: Literal["workspace", "team"], at: int, user: int) -> Member | None:
    """The user's place in the workspace or team with the gid `at`, None when there is none."""
    reading = Reading(f"{within}_membership", "user", (within, "gid", "is_admin", "is_guest"))
    rows = (await view.fetch(reading, (user,)))[user]
    return next((Member(gid, bool(admin), bool(guest)) for place, gid, admin, guest in rows if place == at), None)


async def own_workspaces(view: View) -> tuple[int, ...]:
    """The workspaces that the caller belongs to."""
    places = await view.find("workspace_membership", "user", view.caller.user, "workspace")
    return tuple(each["workspace"] for each in places)


async def guest_in(view: View, *workspaces: int) -> bool:
    """Whether the caller is a guest in any of these, so that lists of their people have to be looked through."""
    places = await view.find("workspace_membership", "user", view.caller.user, "workspace", "is_guest")
    return any(each["is_guest"] for each in places if each["workspace"] in workspaces)


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
        raise await not_a_user(view, workspace, field, sent or str(user))
    return found


async def check_places(view: View, workspace: int, users: Iterable[int], field: str) -> None:
    """Raises Problem 400 where one of the users that a list in a body names has no place in the workspace."""
    await lockstep(place_of(view, workspace, user, f"{field}: [{n}]") for n, user in enumerate(users))


async def not_a_user(view: View, workspace: int, field: str, sent: str) -> Problem:
    """400 for somebody who isn't in the workspace, named as Asana names them there."""
    home = await view.row("workspace", workspace, "is_organization")
    where = f"Organization: {sent}" if home["is_organization"] else f"Workspace: {workspace}"
    return bad_request(f"{field}: Not a user in {where}")


async def task_list(view: View, workspace: int, user: int) -> int | None:
    """The gid of the user's own task list in the workspace, None when they never were there."""
    lists = await view.find("user_task_list", "owner", user, "workspace")
    return next((each["gid"] for each in lists if each["workspace"] == workspace), None)
