"""Whether a task is done: completed, approval_status and the subtype, which tell of one another (TaskBase)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchwright.model.calls import Call
from batchwright.model.problems import bad_request

PROGRESS = ("resource_subtype", "approval_status", "completed")


def settle(call: Call, values: dict[str, Any], row: Mapping[str, Any]) -> None:
    """Completes in place what the values say of it, given the row's; raises Problem 400 for what can't be."""
    subtype = values.get("resource_subtype", row["resource_subtype"])
    done, status = bool(values.get("completed", row["completed"])), values.get("approval_status")
    if subtype == "approval":
        if status is not None and "completed" in values and done != (status != "pending"):
            raise bad_request("approval_status: Contradicts completed")
        status = status or _status(done, row["approval_status"])
        done = status != "pending"
    elif status is not None:
        raise bad_request("approval_status: Only a task of the subtype approval has one")
    values["approval_status"] = status
    values["completed"] = done
    if done != bool(row["completed"]):
        values["completed_at"] = call.now if done else None
        values["completed_by"] = call.caller.user if done else None


def _status(done: bool, before: str | None) -> str:
    if not done:
        return "pending"
    return before if before not in (None, "pending") else "approved"


def check_milestone(values: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """Raises Problem 400 for a milestone that would have a start."""
    both = {**row, **values}
    if both["resource_subtype"] == "milestone" and both.get("start_on") is not None:
        field = "start_on" if values.get("start_on") or values.get("start_at") else "resource_subtype"
        raise bad_request(f"{field}: A milestone cannot have a start date")
