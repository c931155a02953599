"""What holds for every project that is made or changed: where it is, who shares it, which dates go together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from batchwright.model import gids, ranks
from batchwright.model.calls import Call
from batchwright.model.changes import Change, Still
from batchwright.model.problems import bad_request, missing
from batchwright.model.views import Row, View
from batchwright.resources.projects.kind import PRIVATE, PROJECT, PUBLIC, TEAM_ONLY
from batchwright.resources.projects.levels import LISTS
from batchwright.steps.people import check_places, own_place, place_of
from batchwright.steps.references import insist
from batchwright.steps.writing import insert, link_all, unchanged

EMPTY_SECTION = "Untitled section"
DERIVED = frozenset(("team", "privacy_setting", "due_on", "start_on"))
READ = ("workspace", "team", "privacy_setting", "due_on", "start_on")


async def starting(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    """Completes a new project: its creator administers and follows it, and it has one section."""
    _same_names(values)
    await _home(call, view, values)
    values.setdefault("owner", view.caller.user)
    _privacy(values, values.get("team"))
    _dates(values, values.get("due_on"), values.get("start_on"))
    named = values.pop("followers", ())
    await own_place(view, values["workspace"])
    await _belong(view, values["workspace"], values["owner"], named)
    followers = dict.fromkeys((view.caller.user, *named))
    members = dict.fromkeys((*followers, *([values["owner"]] if values["owner"] else ())))
    first = gids.make()
    level = values.get("default_access_level", PROJECT.by_name["default_access_level"].default)
    levels = _levels(gid, level, (each for each in members if each != view.caller.user))
    section = insert(view.kinds["section"], call, first, name=EMPTY_SECTION, project=gid, rank=ranks.last(first))
    return (
        *link_all(PROJECT, "members", gid, members),
        *link_all(PROJECT, "followers", gid, followers),
        *link_all(PROJECT, "admins", gid, (view.caller.user,)),
        *levels,
        section,
    )


async def joining(view: View, gid: int, level: str, users: Iterable[int]) -> tuple[Change, ...]:
    """Puts those who aren't members yet on the level that the project has for new ones."""
    if level not in LISTS:
        return ()
    reading = PROJECT.reading("members")
    members = tuple((await view.fetch(reading, (gid,)))[gid])
    new = _levels(gid, level, (each for each in users if (each,) not in members))
    # Who was a member and has left meanwhile must not come back without a level.
    return (*new, Still(reading, gid, members), unchanged("project", gid, {"default_access_level": level}))


def _levels(gid: int, level: str, users: Iterable[int]) -> tuple[Change, ...]:
    return link_all(PROJECT, LISTS[level], gid, users) if level in LISTS else ()


async def changing(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    """Completes an update: what is derived from the row as it stands holds only while it stands."""
    _same_names(values)
    row = await view.row("project", gid, *READ)
    await _own_team(view, values, row["workspace"])
    team = values.get("team", row["team"])
    _privacy(values, team, row["privacy_setting"])
    if "start_on" in values and "due_on" not in values:
        raise bad_request("start_on: You must also provide due_on when setting or unsetting start_on")
    if "due_on" in values:
        _due(values, row)
    owner = values.get("owner")
    await _belong(view, row["workspace"], owner)
    decided = (unchanged("project", gid, row),) if values.keys() & DERIVED else ()
    return (*link_all(PROJECT, "members", gid, (owner,) if owner else ()), *decided)


def _same_names(values: dict[str, Any]) -> None:
    """Older names of fields give way to the newer ones."""
    if "due_date" in values:
        values.setdefault("due_on", values.pop("due_date"))
    given = msgspec.json.decode(values.pop("custom_fields", None) or "{}")
    for field in given:
        raise bad_request(f"Custom field with ID {field} is not on given object")


async def _home(call: Call, view: View, values: dict[str, Any]) -> None:
    """The workspace, which the team may stand for."""
    if values.get("team") is not None and "workspace" not in values:
        values["workspace"] = await view.value("team", values["team"], "organization")
    if values.get("workspace") is None:
        raise missing("workspace")
    await _own_team(view, values, values["workspace"])
    if values.get("team") is None:
        await insist(view, "workspace", values["workspace"], "fill")


async def _own_team(view: View, values: dict[str, Any], workspace: int) -> None:
    team = values.get("team")
    if team is not None and await view.value("team", team, "organization") != workspace:
        raise bad_request(f"team: Not a team of the project's workspace: {team}")


async def _belong(view: View, workspace: int, owner: int | None, followers: Iterable[int] = ()) -> None:
    if owner:
        await place_of(view, workspace, owner, "owner")
    await check_places(view, workspace, followers, "followers")


def _privacy(values: dict[str, Any], team: int | None, before: str = PUBLIC) -> None:
    """One setting, told by either of its two names; without a team nothing can be private to it."""
    public = values.pop("public", None)
    closed = TEAM_ONLY if team else PRIVATE
    if "privacy_setting" in values:
        if values["privacy_setting"] == TEAM_ONLY and team is None:
            raise bad_request("privacy_setting: A project without a team cannot be private to a team")
    elif public is not None:
        still = before if before != PUBLIC else closed
        values["privacy_setting"] = PUBLIC if public else still
    if values.get("privacy_setting", before) == TEAM_ONLY and team is None:
        values["privacy_setting"] = PRIVATE


def _due(values: dict[str, Any], row: Row) -> None:
    if values["due_on"] is None:
        values.setdefault("start_on", None)
    _dates(values, values["due_on"], values.get("start_on", row["start_on"]))


def _dates(values: dict[str, Any], due: str | None, start: str | None) -> None:
    if start is not None and due is None:
        raise bad_request("start_on: You must also provide due_on when setting or unsetting start_on")
    if start is not None and due is not None and start >= due:
        raise bad_request("start_on: The start date must be before the due date")
