"""Teams: groups of people in an organization that share projects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.conditions import ME, Compare, Condition, Exists, Join, Query, all_of, any_of, equals
from batchwright.model.fields import Field, choice, computed, flag, html, ref, text
from batchwright.model.kinds import Deed, Kind
from batchwright.model.problems import bad_request, unwritable
from batchwright.model.views import View
from batchwright.shapes import creating, getting, listing, updating
from batchwright.steps.people import administers, employed
from batchwright.steps.references import insist
from batchwright.steps.texts import check_name
from batchwright.steps.writing import insert

JOIN_REQUESTS = "join_request_management_access_level"
EVERYBODY = "all_team_members"
_MEMBER = Exists("team_membership", "team", equals("user", ME))
_ADMIN = any_of(
    Exists("team_membership", "team", all_of(equals("user", ME), equals("is_admin", True))),
    administers("organization"),
)
_COLLEAGUE = employed("organization")


def _level(name: str, about: str, everybody: str = EVERYBODY) -> Field:
    return choice(name, everybody, "only_team_admins", deed="administer", about=about)


def _open(level: str) -> Condition:
    """Members may, as long as that isn't for admins only."""
    return any_of(_ADMIN, all_of(_MEMBER, equals(level, EVERYBODY)))


DEEDS = (
    Deed("edit", all_of(_COLLEAGUE, _open("edit_team_name_or_description_access_level"))),
    Deed("open or close", all_of(_COLLEAGUE, _open("edit_team_visibility_or_trash_team_access_level"))),
    Deed("administer", all_of(_COLLEAGUE, _ADMIN)),
    Deed("endorse", administers("organization")),
    Deed("join", any_of(_MEMBER, all_of(_COLLEAGUE, equals("visibility", "public")))),
    Deed(
        "add members",
        _open("member_invite_management_access_level"),
        "You do not have permission to add members to this team.",
    ),
    Deed(
        "add guests",
        _open("guest_invite_management_access_level"),
        "You do not have permission to add guests to this team.",
    ),
    Deed(
        "remove members",
        _open("team_member_removal_access_level"),
        "You do not have permission to remove members from this team.",
    ),
    Deed(
        "fill",
        any_of(_ADMIN, equals("team_content_management_access_level", "no_restriction")),
        "You do not have permission to create projects in this team.",
    ),
)


TEAM = Kind(
    "team",
    "teams",
    (
        text("name", required=True, compact=True, about="The name of the team."),
        text("description", opt_in=True, about="What the team is for."),
        html("html_description", "description", "plain", opt_in=True, about="The description as rich text."),
        ref(
            "organization",
            "workspace",
            create_only=True,
            required=True,
            asks="found",
            about="The organization it belongs to.",
        ),
        computed(
            "permalink_url",
            lambda base, gid: f"{base}/0/{gid}/overview",
            needs=("base", "gid"),
            about="Where a browser finds it.",
        ),
        choice(
            "visibility",
            "secret",
            "request_to_join",
            "public",
            deed="open or close",
            about="Who of the organization sees and joins it.",
        ),
        _level("edit_team_name_or_description_access_level", "Who changes its name and description."),
        _level("edit_team_visibility_or_trash_team_access_level", "Who changes its visibility or throws it away."),
        _level("member_invite_management_access_level", "Who brings in members."),
        _level("guest_invite_management_access_level", "Who brings in guests."),
        _level(JOIN_REQUESTS, "Who lets in those who ask; settable while people must ask."),
        _level("team_member_removal_access_level", "Who takes others out."),
        _level("team_content_management_access_level", "Who makes and shares content.", "no_restriction"),
        flag("endorsed", deed="endorse", about="Whether the organization's admins vouch for it."),
        computed("custom_field_settings", list, about="Custom fields of the team; none so far."),
    ),
    steady=True,
    visible=any_of(
        _MEMBER,
        all_of(Compare("visibility", "!=", "secret"), _COLLEAGUE),
    ),
    deeds=DEEDS,
    indexes=(("organization", "gid"),),
    about="A group of people in an organization that share projects.",
)


async def _created(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    """The maker is the team's first member and its admin."""
    home = values["organization"]
    await _organization(view, home)
    if values.get("endorsed"):
        await insist(view, "workspace", home, "endorse")
    _check(values, TEAM.by_name["visibility"].default)
    return (insert(view.kinds["team_membership"], call, user=call.caller.user, team=gid, is_admin=True),)


async def _updated(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    _check(values, await view.value("team", gid, "visibility"))
    return ()


def _check(values: dict[str, Any], visibility: str) -> None:
    check_name(values)
    if JOIN_REQUESTS in values and values.get("visibility", visibility) != "request_to_join":
        raise unwritable(JOIN_REQUESTS)


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
