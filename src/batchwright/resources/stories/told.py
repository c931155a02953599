"""What a task's feed tells when the task's own fields change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from batchwright.model import moments

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A story to be: on which task, of what subtype, in what words, and which of a story's fields it has.

    In the text, `{actor}` stands for who did it, and `{field}` for the value of a field or the name of what it names.
    """

    task: int
    subtype: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


def told_of_fields(task: int, old: Row, new: Row) -> Iterable[Told]:
    """What is told of columns of a task that differ: the row as it was (empty for a new one), the new values."""
    return [told for tell in _TELLERS for told in tell(task, old, new)]


def _assigned(task: int, old: Row, new: Row) -> Iterable[Told]:
    if "assignee" in new and new["assignee"] is not None:
        yield Told(task, "assigned", "{actor} assigned to {assignee}", {"assignee": new["assignee"]})
    elif "assignee" in new:
        yield Told(task, "unassigned", "{actor} unassigned from {assignee}", {"assignee": old["assignee"]})


def _moved(task: int, old: Row, new: Row) -> Iterable[Told]:
    if "parent" in new and old.get("parent") is not None:
        text = '{actor} removed this task from "{task}"'
        yield Told(task, "removed_from_task", text, {"task": old["parent"]})
    if "parent" in new and new["parent"] is not None:
        yield Told(task, "added_to_task", '{actor} added this task to "{task}"', {"task": new["parent"]})


def _completed(task: int, old: Row, new: Row) -> Iterable[Told]:
    if "completed" in new:
        state = "complete" if new["completed"] else "incomplete"
        yield Told(task, f"marked_{state}", f"{{actor}} marked this task {state}")


def _renamed(task: int, old: Row, new: Row) -> Iterable[Told]:
    if "name" in new:
        text = '{actor} changed the name to "{new_name}"'
        yield Told(task, "name_changed", text, {"old_name": old["name"], "new_name": new["name"]})


def _described(task: int, old: Row, new: Row) -> Iterable[Told]:
    if "notes" in new or "html_notes" in new:
        values = {"old_text_value": old["notes"], "new_text_value": new.get("notes", old["notes"])}
        yield Told(task, "notes_changed", "{actor} changed the description", values)


def _rescheduled(task: int, old: Row, new: Row) -> Iterable[Told]:
    both = {**old, **new}
    for name in ("due", "start"):
        if f"{name}_on" in new or f"{name}_at" in new:
            day, at = both.get(f"{name}_on"), both.get(f"{name}_at")
            day = day or (at and moments.day_of(at))
            said = f"changed the {name} date to {_spoken(day)}" if day else f"removed the {name} date"
            values = {"old_dates": _dates(old), "new_dates": _dates(both)}
            yield Told(task, f"{name}_date_changed", f"{{actor}} {said}", values)


def _dates(row: Row) -> str:
    at = row.get("due_at")
    dates = {"start_on": row.get("start_on"), "due_at": at and moments.show(at), "due_on": row.get("due_on")}
    return msgspec.json.encode(dates).decode()


def _spoken(day: str) -> str:
    year, month, number = day.split("-")
    return f"{_MONTHS[int(month) - 1]} {int(number)}, {year}"


def _retyped(task: int, old: Row, new: Row) -> Iterable[Told]:
    if "resource_subtype" in new:
        text = f"{{actor}} changed this task to {_SUBTYPES.get(new['resource_subtype'], new['resource_subtype'])}"
        values = {"old_resource_subtype": old["resource_subtype"], "new_resource_subtype": new["resource_subtype"]}
        yield Told(task, "resource_subtype_changed", text, values)


def _decided(task: int, old: Row, new: Row) -> Iterable[Told]:
    # A task that becomes an approval, or is one no more, was not decided.
    if new.get("approval_status") and old["approval_status"]:
        text = f"{{actor}} {_DECISIONS[new['approval_status']]}"
        values = {"old_approval_status": old["approval_status"], "new_approval_status": new["approval_status"]}
        yield Told(task, "approval_status_changed", text, values)


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SUBTYPES = {"default_task": "a task", "milestone": "a milestone", "approval": "an approval"}
_DECISIONS = {
    "pending": "asked for approval again",
    "approved": "approved this task",
    "rejected": "rejected this task",
    "changes_requested": "requested changes to this task",
}
_TELLERS: tuple[Callable[[int, Row, Row], Iterable[Told]], ...] = (
    _moved,
    _assigned,
    _completed,
    _decided,
    _renamed,
    _described,
    _rescheduled,
    _retyped,
)
