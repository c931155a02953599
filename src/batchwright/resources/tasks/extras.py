"""What a request may say of a task that isn't a column of its own: likes, external ids, custom fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from batchwright.model.calls import Call
from batchwright.model.changes import Change, Remove
from batchwright.model.conditions import Reading
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.steps.references import external_key
from batchwright.steps.writing import insert


def check(call: Call) -> None:
    """Raises Problem 400 for notes that are given twice and for custom fields and types, of which a task has none."""
    if call.data.get("notes") is not None and call.data.get("html_notes") is not None:
        raise bad_request("You may only provide one of notes or html_notes!")
    for field in msgspec.json.decode(call.data.get("custom_fields") or "{}"):
        raise bad_request(f"Custom field with ID {field} is not on given object")
    for name in ("custom_type", "custom_type_status_option"):
        if call.data.get(name) is not None:
            raise bad_request(f"{name}: Only a task of the subtype custom has one")


async def external(view: View, gid: int, values: dict[str, Any]) -> None:
    """Turns `external` among the values into columns, in place; raises Problem 400 for an id that is taken."""
    if "external" not in values:
        return
    given: Mapping[str, Any] = {"gid": None, "data": None}
    given = values.pop("external") or given
    if "data" in given:
        values["external_data"] = given["data"]
    if "gid" in given:
        ident = given["gid"]
        key = None if ident is None else external_key(view.caller.app, ident)
        if key is not None and any(row["gid"] != gid for row in await view.find("task", "external_key", key)):
            raise bad_request(f"external: gid: Another task has this id: {ident}")
        values["external_gid"], values["external_key"] = ident, key


async def liked(call: Call, view: View, gid: int) -> tuple[Change, ...]:
    """The caller's own like, set or taken back."""
    if "liked" not in call.data:
        return ()
    me = call.caller.user
    found = await view.fetch(Reading("task_like", "task", ("gid", "user")), (gid,))
    mine = [like for like, user in found[gid] if user == me]
    if not call.data["liked"]:
        return tuple(Remove("task_like", like) for like in mine)
    return () if mine else (insert(view.kinds["task_like"], call, task=gid, user=me),)
