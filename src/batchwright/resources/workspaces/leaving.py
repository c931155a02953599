"""What happens when a person leaves a workspace: nothing there names them any more, and they see nothing of it."""

from __future__ import annotations

import asyncio

from batchwright.model.calls import Call
from batchwright.model.changes import Change, Link, Remove, Set, Still, Unlink
from batchwright.model.conditions import Compare, Condition, Exists, Query, Reading, all_of, equals
from batchwright.model.operations import Outcome
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.steps.people import Member, place_of
from batchwright.steps.writing import unchanged

ASSIGNMENT = ("assignee", "assigned_by", "assignee_section", "assignee_status")


async def leave(call: Call, view: View) -> Outcome:
    """removeUserForWorkspace: their projects become the caller's, tasks assigned to them become nobody's."""
    home, user = call.at["workspace"], call.data["user"]
    place = await place_of(view, home, user, "user")
    heir = None if user == call.caller.user else call.caller.user
    here, theirs = equals("workspace", home), equals("user", user)
    parts = await asyncio.gather(
        _another_admin(view, home, place),
        _teams(view, user),
        _gone(view, "team_membership", theirs, Exists("team", "gid", equals("organization", home), column="team")),
        _gone(view, "favorite", theirs, here),
        _gone(view, "section", Exists("user_task_list", "gid", all_of(equals("owner", user), here), "user_task_list")),
        _gone(view, "user_task_list", equals("owner", user), here),
        _inherited(view, user, heir, home),
        _unassigned(view, user, home),
        _unlinked(view, user, home),
    )
    return Outcome((*(change for part in parts for change in part), Remove("workspace_membership", place.gid)))


async def _another_admin(view: View, home: int, place: Member) -> list[Change]:
    """Insists that an admin stays; without one nobody could remove anybody."""
    if not place.is_admin:
        return []
    where = (equals("workspace", home), equals("is_admin", True), Compare("gid", "!=", place.gid))
    others = await view.select(Query("workspace_membership", where, visible=False, limit=1), "is_admin")
    if not others:
        raise bad_request("user: The only admin of a workspace can't be removed from it")
    return [unchanged("workspace_membership", others[0][0], {"is_admin": others[0][-1]})]


async def _teams(view: View, user: int) -> list[Change]:
    """Insists that nobody puts the person into another team meanwhile."""
    reading = Reading("team_membership", "user", ("gid",), "gid")
    return [Still(reading, user, tuple((await view.fetch(reading, (user,)))[user]))]


async def _gone(view: View, kind: str, *where: Condition) -> list[Change]:
    return [Remove(kind, row[0]) for row in await view.select(Query(kind, where, visible=False))]


async def _inherited(view: View, user: int, heir: int | None, home: int) -> list[Change]:
    """Their projects to the heir, who becomes a member as every owner is; to nobody when they go by themselves."""
    projects, still = await _naming(view, "project", "owner", user, home)
    members = [Link("project_members", project, heir) for project in projects if heir]
    return [*(Set("project", project, {"owner": heir}) for project in projects), *members, still]


async def _unassigned(view: View, user: int, home: int) -> list[Change]:
    tasks, still = await _naming(view, "task", "assignee", user, home)
    fields = view.kinds["task"].by_name
    blank = {name: fields[name].default for name in ASSIGNMENT}
    return [*(Set("task", task, blank) for task in tasks), still]


async def _naming(view: View, kind: str, column: str, user: int, home: int) -> tuple[list[int], Still]:
    """The rows of the workspace whose column names the person; insists that no others come to do so meanwhile."""
    reading = Reading(kind, column, ("gid", "workspace"), "gid")
    rows = (await view.fetch(reading, (user,)))[user]
    return [gid for gid, workspace in rows if workspace == home], Still(reading, user, tuple(rows))


async def _unlinked(view: View, user: int, home: int) -> list[Change]:
    """The person off every list of people that something of the workspace has: members, followers."""
    lists = [(table, kind.name) for table, kind, field in view.kinds.links() if field.target == "user"]
    within = ((table, kind) for table, kind in lists if view.kinds[kind].has("workspace"))
    parts = await asyncio.gather(*(_off(view, table, kind, user, home) for table, kind in within))
    return [change for part in parts for change in part]


async def _off(view: View, table: str, kind: str, user: int, home: int) -> list[Change]:
    reading = Reading(table, "target", ("owner",), "owner")
    rows = (await view.fetch(reading, (user,)))[user]
    homes = await view.rows(kind, (owner for (owner,) in rows), "workspace")
    owners = (owner for owner, row in homes.items() if row["workspace"] == home)
    return [*(Unlink(table, owner, user) for owner in owners), Still(reading, user, tuple(rows))]
