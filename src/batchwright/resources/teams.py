"""Teams: groups of people in an organization that share projects."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.conditions import ME, Compare, Exists, Join, Query, all_of, any_of, equals
from batchwright.model.fields import Field, choice, computed, flag, html, ref, text
from batchwright.model.kinds import Kind
from batchwright.model.problems import bad_request, forbidden, unwritable
from batchwright.model.views import View
from batchwright.shapes import creating, getting, listing, updating
from batchwright.steps.people import employed, member, own_place
from batchwright.steps.texts import check_name
from batchwright.steps.writing import insert

JOIN_REQUESTS = "join_request_management_access_level"
EDIT = {
    **dict.fromkeys(("name", "description", "html_description"), "edit_team_name_or_description_access_level"),
    "visibility": "edit_team_visibility_or_trash_team_access_level",
}


def _level(name: str, about: str, everybody: str = "all_team_members") -> Field:
    return choice(name, everybody, "only_team_admins", about=about)


TEAM = Kind(
    "team",
    "teams",
    (
        text("name", required=True, compact=True, about="The name of the team."),
        text("description", opt_in=True, about="What the team is for."),
        html("html_description", "description", "plain", opt_in=True, about="The description as rich text."),
        ref("organization", "workspace", create_only=True, required=True, about="The organization it belongs to."),
        computed(
            "permalink_url",
            lambda base, gid: f"{base}/0/{gid}/overview",
            needs=("base", "gid"),
            about="Where a browser finds it.",
        ),
        choice("visibility", "secret", "request_to_join", "public", about="Who of the organization sees and joins it."),
        _level(EDIT["name"], "Who changes its name and description."),
        _level(EDIT["visibility"], "Who changes its visibility or throws it away."),
        _level("member_invite_management_access_level", "Who brings in members."),
        _level("guest_invite_management_access_level", "Who brings in guests."),
        _level(JOIN_REQUESTS, "Who lets in those who ask; settable while people must ask."),
        _level("team_member_removal_access_level", "Who takes others out."),
        _level("team_content_management_access_level", "Who makes and shares content.", "no_restriction"),
        flag("endorsed", about="Whether the organization's admins vouch for it."),
        computed("custom_field_settings", list, about="Custom fields of the team; none so far."),
    ),
    steady=True,
    visible=any_of(
        Exists("team_membership", "team", equals("user", ME)),
        all_of(Compare("visibility", "!=", "secret"), employed("organization")),
    ),
    indexes=(("organization", "gid"),),
    about="A group of people in an organization that share projects.",
)


async def _created(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    """The maker is the team's first member and its admin."""
    home = values["organization"]
    await _organization(view, home)
    if (await own_place(view, home)).is_guest:
        raise forbidden("Guests can't create teams.")
    await _checked(view, home, values, TEAM.by_name["visibility"].default)
    return (insert(view.kinds["team_membership"], call, user=call.caller.user, team=gid, is_admin=True),)


async def _updated(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    row, own = await asyncio.gather(
        view.row("team", gid, "organization", "visibility", *set(EDIT.values())),
        member(view, "team", gid, call.caller.user),
    )
    if own is None:
        raise forbidden("Only members of the team can change it.")
    if not own.is_admin and any(row.get(EDIT.get(name, "")) != "all_team_members" for name in values):
        raise forbidden("Only admins of the team can change this.")
    await _checked(view, row["organization"], values, row["visibility"])
    return ()


async def _checked(view: View, home: int, values: dict[str, Any], visibility: str) -> None:
    check_name(values)
    if JOIN_REQUESTS in values and values.get("visibility", visibility) != "request_to_join":
        raise unwritable(JOIN_REQUESTS)
    if values.get("endorsed") and not (await own_place(view, home)).is_admin:
        raise forbidden("Only admins of the organization can endorse a team.")


async def _organization(view: View, home: int) -> None:
    if not await view.value("workspace", home, "is_organization"):
        raise bad_request("organization: Not an organization")


async def _of_workspace(call: Call, view: View) -> Query:
    home = call.at["workspace"]
    await _organization(view, home)
    return Query("team", (equals("organization", home),))


async def _of_user(call: Call, view: View) -> Query:
    home = call.params["organization"]
    await _organization(view, home)
    where = (equals("team_membership.user", call.at["user"]), equals("organization", home))
    return Query("team", where, (Join("team_membership", "team", "gid"),))


_FOR_WORKSPACE = listing(
    TEAM,
    "getTeamsForWorkspace",
    "/workspaces/{workspace_gid}/teams",
    query=_of_workspace,
    tag="Teams",
    scope="teams:read",
    about="The organization's teams that the caller may see.",
)

KINDS = (TEAM,)
OPERATIONS = (
    creating(
        TEAM,
        "createTeam",
        prepare=_created,
        tag="Teams",
        about="Makes a team in an organization; the caller becomes its first member and admin.",
    ),
    getting(TEAM, "getTeam", tag="Teams", scope="teams:read", about="The full record of a team."),
    updating(
        TEAM,
        "updateTeam",
        prepare=_updated,
        tag="Teams",
        about="Changes a team; its members may, and where the team says so only its admins.",
    ),
    _FOR_WORKSPACE,
    replace(_FOR_WORKSPACE, id="getTeamsForOrganization", path="/organizations/{workspace_gid}/teams", alias=True),
    listing(
        TEAM,
        "getTeamsForUser",
        "/users/{user_gid}/teams",
        query=_of_user,
        params=(ref("organization", "workspace", required=True, about="The organization to look in."),),
        tag="Teams",
        scope="teams:read",
        about="The teams of an organization that the user is in and the caller may see.",
    ),
)
