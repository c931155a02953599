"""When a task begins and is due: which of the four dates go together (TaskBase; asana-behaviour.md, section 12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchwright.model import moments
from batchwright.model.problems import bad_request, only_one

DATES = ("due_on", "due_at", "start_on", "start_at")
Days = tuple[str | None, int | None]  # the day, and the moment where a time of day was given


def settle(values: dict[str, Any], row: Mapping[str, Any]) -> None:
    """Completes in place the dates among the values, given the row's; raises Problem 400 for what can't be."""
    if not values.keys() & set(DATES):
        return
    _check_pairs(values)
    due, start = _side("due", values, row), _side("start", values, row)
    start = _fitting(values, start, due)
    values.update(zip(DATES, (*due, *start), strict=True))


def _check_pairs(values: Mapping[str, Any]) -> None:
    for on, at in (("due_on", "due_at"), ("start_on", "start_at")):
        if values.get(on) is not None and values.get(at) is not None:
            raise only_one(on, at)
    if "start_at" in values and values.get("start_on") is None and "due_at" not in values:
        raise bad_request("start_at: You must also provide due_at when setting or unsetting start_at")
    if "start_on" in values and "due_on" not in values and "due_at" not in values:
        raise bad_request("start_on: You must also provide due_on or due_at when setting or unsetting start_on")


def _side(name: str, values: Mapping[str, Any], row: Mapping[str, Any]) -> Days:
    on, at = f"{name}_on", f"{name}_at"
    if values.get(at) is not None:
        return moments.day_of(values[at]), values[at]
    if values.get(on) is not None:
        return values[on], None
    if on in values or (at in values and row.get(at) is not None):
        return None, None
    return row.get(on), row.get(at)


def _fitting(values: Mapping[str, Any], start: Days, due: Days) -> Days:
    """The start as it may stand beside the due date: a start that nobody named gives way, one that is named doesn't."""
    named = "start_at" if values.get("start_at") is not None else "start_on"
    insisted = values.get(named) is not None
    (start_on, start_at), (due_on, due_at) = start, due
    if start_on is None:
        return start
    if due_on is None:
        if insisted:
            raise bad_request(f"{named}: A task with a start date needs a due date")
        return None, None
    if start_at is not None and due_at is None:
        if insisted:
            raise bad_request("start_at: A task with a start time needs a due time")
        start_at = None
    late = start_at >= due_at if start_at is not None and due_at is not None else start_on > due_on
    if late:
        raise bad_request(f"{named if insisted else 'due_on'}: The start date must be before the due date")
    return start_on, start_at
