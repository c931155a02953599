"""Who a task is assigned to, and where it then stands in that person's own task list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchwright.model.conditions import Reading
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.resources.tasks.kind import SCHEDULES
from batchwright.steps.lockstep import lockstep
from batchwright.steps.people import place_of, task_list
from batchwright.steps.placing import end
from batchwright.steps.references import NOBODY, guessable, named

ASSIGNMENT = ("assignee", "assignee_section", "assignee_status")
UNASSIGNED: Mapping[str, Any] = {
    "assignee": None,
    "assigned_by": None,
    "assignee_section": None,
    "assignee_status": SCHEDULES[0],
}
# Where each status puts a task: the section's place in the list, and whether at its top.
_PLACES = {"new": (0, False), "inbox": (0, True), "today": (1, False), "upcoming": (2, True), "later": (3, False)}


async def settle(view: View, values: dict[str, Any], row: Mapping[str, Any], workspace: int) -> None:
    """Completes in place what the values say of the assignment, given the row's; raises Problem 400."""
    if not values.keys() & set(ASSIGNMENT):
        return
    if values.get("assignee") is not None:
        values["assignee"] = await _person(view, values["assignee"], workspace)
    assignee = values.setdefault("assignee", row["assignee"])
    if assignee is None:
        if values.get("assignee_status") or values.get("assignee_section"):
            raise bad_request("Schedule status shouldn't be set for unassigned tasks")
        for name in ASSIGNMENT:
            values.pop(name, None)
        values.update(UNASSIGNED if row["assignee"] else {})
        return
    if assignee != row["assignee"]:
        values.setdefault("assignee_status", "inbox")
        values["assigned_by"] = view.caller.user
    if values.get("assignee_status") or "assignee_section" in values:
        await _place(view, values, assignee, workspace)


async def _person(view: View, sent: str, workspace: int) -> int:
    gid = await named(view, "user", sent)
    if guessable("user", sent):  # whether somebody elsewhere has the address isn't told, nor by how long it takes
        gid = gid or NOBODY
        await place_of(view, workspace, gid, "assignee", sent)
    elif gid is None:
        raise bad_request(f"assignee: Not a recognized ID: {sent}")
    else:
        await lockstep((_exists(view, gid, sent), place_of(view, workspace, gid, "assignee", sent)))
    return gid


async def _exists(view: View, gid: int, sent: str) -> None:
    if not await view.rows("user", (gid,)):
        raise bad_request(f"assignee: Unknown object: {sent}")


async def _place(view: View, values: dict[str, Any], assignee: int, workspace: int) -> None:
    sections = await own_sections(view, assignee, workspace)
    number, top = _PLACES[values.get("assignee_status") or "new"]
    section = values.get("assignee_section")
    if section is None:
        section = sections[min(number, len(sections) - 1)] if sections else None
    elif section not in sections:
        raise bad_request(f"assignee_section: Not a section of the assignee's task list: {section}")
    values["assignee_section"] = section
    values["assignee_rank"] = end(top=top)


async def own_sections(view: View, user: int, workspace: int) -> list[int]:
    """The sections of a person's task list in a workspace, in order."""
    mine = await task_list(view, workspace, user)
    if mine is None:
        return []
    found = await view.fetch(Reading("section", "user_task_list", ("gid",), "rank"), (mine,))
    return [gid for (gid,) in found[mine]]
