"""Team memberships: who belongs to a team, and as what."""

from __future__ import annotations

import asyncio

from batchwright.model.calls import Call
from batchwright.model.changes import Remove
from batchwright.model.conditions import Condition, Exists, Visible, equals
from batchwright.model.fields import Field, flag, ref
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import bad_request, missing
from batchwright.model.views import View
from batchwright.shapes import getting, listing
from batchwright.shapes.listing import Where
from batchwright.steps.people import member, place_of
from batchwright.steps.references import insist
from batchwright.steps.writing import insert, unchanged

SCOPE = "team_memberships:read"

TEAM_MEMBERSHIP = Kind(
    "team_membership",
    "team_memberships",
    (
        ref("user", "user", required=True, compact=True, about="The person."),
        ref("team", "team", required=True, compact=True, about="The team."),
        flag("is_guest", compact=True, about="Whether the person is a guest of the organization."),
        flag("is_limited_access", read_only=True, compact=True, about="Whether the person sees only a part of it."),
        flag("is_admin", compact=True, about="Whether the person administers the team."),
    ),
    visible=Visible("team", "team"),
    unique=(("team", "user"),),
    indexes=(("team", "gid"),),
    about="A person's place in a team.",
)


def _within(organization: int) -> Condition:
    return Exists("team", "gid", equals("organization", organization), column="team")


def _filtered(call: Call) -> tuple[Condition, ...]:
    given = call.params
    for one, other in (("user", "workspace"), ("workspace", "user")):
        if one in given and other not in given:
            raise missing(other)
    if not given:
        raise bad_request("You should specify one of team, user and workspace")
    same = tuple(equals(name, given[name]) for name in ("team", "user") if name in given)
    return (*same, _within(given["workspace"])) if "workspace" in given else same


def _of_user(call: Call) -> tuple[Condition, ...]:
    return (equals("user", call.at["user"]), _within(call.params["workspace"]))


async def _added(call: Call, view: View) -> Outcome:
    team, user = call.at["team"], call.data["user"]
    home = await view.value("team", team, "organization")
    there, place = await asyncio.gather(member(view, "team", team, user), place_of(view, home, user, "user"))
    if user != call.caller.user:
        await insist(view, "team", team, "add guests" if place.is_guest else "add members")
    else:
        await insist(view, "team", team, "join")
    if there is not None:
        return Outcome(show=Show("team_membership", (there.gid,)))
    new = insert(TEAM_MEMBERSHIP, call, user=user, team=team, is_guest=place.is_guest)
    still = unchanged("workspace_membership", place.gid, {"is_guest": place.is_guest})
    return Outcome((still, new), Show("team_membership", (new.gid,)))


async def _removed(call: Call, view: View) -> Outcome:
    team, user = call.at["team"], call.data["user"]
    there = await member(view, "team", team, user)
    return Outcome((Remove("team_membership", there.gid),) if there else ())


def _listing(id: str, path: str, where: Where | str, params: tuple[Field, ...], about: str) -> Operation:
    return listing(
        TEAM_MEMBERSHIP, id, path, where=where, params=params, tag="Team memberships", scope=SCOPE, about=about
    )


KINDS = (TEAM_MEMBERSHIP,)
OPERATIONS = (
    getting(
        TEAM_MEMBERSHIP,
        "getTeamMembership",
        tag="Team memberships",
        scope=SCOPE,
        about="The full record of a membership.",
    ),
    _listing(
        "getTeamMemberships",
        "/team_memberships",
        _filtered,
        (
            ref("team", "team", about="Only those of this team."),
            ref("user", "user", about="Only those of this person; goes with workspace."),
            ref("workspace", "workspace", about="Only those in teams of this organization; goes with user."),
        ),
        "The memberships of a team, or of a person in an organization, or both.",
    ),
    _listing(
        "getTeamMembershipsForTeam", "/teams/{team_gid}/team_memberships", "team", (), "The memberships of a team."
    ),
    _listing(
        "getTeamMembershipsForUser",
        "/users/{user_gid}/team_memberships",
        _of_user,
        (ref("workspace", "workspace", required=True, about="The organization to look in."),),
        "The user's memberships of those teams of an organization that the caller may see.",
    ),
    Operation(
        id="addUserForTeam",
        method="POST",
        path="/teams/{team_gid}/addUser",
        run=_added,
        kind="team_membership",
        body=(ref("user", "user", required=True, about="Who is to come: a gid, an e-mail address or me."),),
        tag="Teams",
        about="Adds somebody of the organization to a team. Members may; everybody may join a public team.",
    ),
    Operation(
        id="removeUserForTeam",
        method="POST",
        path="/teams/{team_gid}/removeUser",
        run=_removed,
        deed="remove members",
        freely="user",
        body=(ref("user", "user", required=True, about="Who is to go: a gid, an e-mail address or me."),),
        tag="Teams",
        about="Takes somebody out of a team. Members may, and where the team says so only its admins.",
    ),
)
