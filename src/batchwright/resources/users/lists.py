"""Lists of people: all that the caller knows, or those of a workspace or a team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from batchwright.model.calls import Call
from batchwright.model.conditions import Join, OneOf, Order, Query, Reading, equals
from batchwright.model.fields import ref
from batchwright.model.operations import Operation, Outcome
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.resources.users.kind import USER
from batchwright.shapes import first, listing
from batchwright.steps.people import guest_in, own_workspaces

MOST = 2_000  # people of an alphabetical list (contract/asana-behaviour.md, section 6)
SCOPE = "users:read"


async def _known(view: View) -> tuple[int, ...]:
    """Whom the caller may see, or as a guest might, found from the caller: from users each would be looked at."""
    reading = Reading("workspace_membership", "workspace", ("user",))
    places = await view.fetch(reading, await own_workspaces(view))
    return tuple({view.caller.user, *(row[0] for rows in places.values() for row in rows)})


async def _partly(view: View, within: Mapping[str, Any]) -> bool:
    """Whether the list holds people whom the caller can't see: a guest in a workspace; of a team everybody is known."""
    return "team" not in within and await guest_in(view, within["workspace"])


async def _users(call: Call, view: View) -> Query:
    within = [name for name in ("workspace", "team") if name in call.params]
    if not within:
        if call.options.paged:
            raise bad_request("Need to specify a workspace or team to paginate!")
        guest = await guest_in(view, *await own_workspaces(view))
        return Query("user", (OneOf("gid", await _known(view)),), visible=guest)
    joins = tuple(Join(f"{each}_membership", "user", "gid") for each in within)
    where = tuple(equals(f"{each}_membership.{each}", call.params[each]) for each in within)
    order = (Order(f"{within[0]}_membership.user"),)
    return Query("user", where, joins, order, visible=await _partly(view, call.params))


def _alphabetical(within: Literal["workspace", "team"], id: str) -> Operation:
    async def run(call: Call, view: View) -> Outcome:
        joins = (Join(f"{within}_membership", "user", "gid"),)
        where = (equals(f"{within}_membership.{within}", call.at[within]),)
        order = (Order("name", folded=True), Order("gid"))
        return await first(view, Query("user", where, joins, order, visible=await _partly(view, call.at), limit=MOST))

    return Operation(
        id=id,
        method="GET",
        path=f"/{within}s/{{{within}_gid}}/users",
        run=run,
        kind="user",
        many=True,
        tag="Users",
        scope=SCOPE,
        about=f"The people of the {within} in alphabetical order, at most {MOST}; GET /users has them all in pages.",
    )


LISTS = (
    listing(
        USER,
        "getUsers",
        "/users",
        query=_users,
        params=(
            ref("workspace", "workspace", about="Only the people of this workspace."),
            ref("team", "team", about="Only the people of this team."),
        ),
        tag="Users",
        scope=SCOPE,
        about="Everybody who shares a workspace with the caller, by gid; in pages only within a workspace or a team.",
    ),
    _alphabetical("workspace", "getUsersForWorkspace"),
    _alphabetical("team", "getUsersForTeam"),
)
