"""What a request may say of a task, where that isn't what its record shows."""

from __future__ import annotations

import msgspec

from batchwright.model.calls import Call
from batchwright.model.fields import Field, json, record, ref, refs, text
from batchwright.model.problems import bad_request, only_one
from batchwright.resources.tasks.kind import TASK

_AS_WRITTEN: dict[str, Field] = {
    each.name: each
    for each in (
        ref("assignee", "user", as_sent=True, about="Who is to do it: a gid, an e-mail address, me, or null."),
        json("custom_fields", about="Values of custom fields by the fields' gids."),
        text("custom_type", nullable=True, about="The task's custom type."),
        text("custom_type_status_option", nullable=True, about="The task's status among those of its custom type."),
        record(
            "external",
            text("gid", nullable=True, longest=1_024, about="The app's own id for the task."),
            text("data", nullable=True, longest=32_768, about="The app's own data."),
            nullable=True,
            about="An app's own id for the task, and its own data; null takes both off.",
        ),
        record(
            "memberships",
            ref("project", "project", required=True, asks="fill", about="A project to put the task into."),
            ref("section", "section", about="The section of it."),
            many=True,
            create_only=True,
            about="Projects to put the task into, each with a section.",
        ),
        refs("projects", "project", create_only=True, asks="fill", about="Projects to put the task into."),
        ref("workspace", "workspace", create_only=True, about="Where the task belongs if no parent or project tells."),
    )
}

UPDATE = tuple(_AS_WRITTEN.get(each.name, each) for each in TASK.fields if not each.hidden)
CREATE = tuple(each for each in UPDATE if not each.name.startswith("custom_type"))


def check(call: Call) -> None:
    """Raises Problem 400 for notes that are given twice and for custom fields and types, of which a task has none."""
    if call.data.get("notes") is not None and call.data.get("html_notes") is not None:
        raise only_one("notes", "html_notes")
    for field in msgspec.json.decode(call.data.get("custom_fields") or "{}"):
        raise bad_request(f"Custom field with ID {field} is not on given object")
    for name in ("custom_type", "custom_type_status_option"):
        if call.data.get(name) is not None:
            raise bad_request(f"{name}: Only a task of the subtype custom has one")
