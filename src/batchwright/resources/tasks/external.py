"""External ids: an app's own id for a task, and its own data (contract/asana-behaviour.md, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.steps.references import external_key


async def settle(view: View, gid: int, values: dict[str, Any], workspace: int) -> None:
    """Turns `external` among the values into columns, in place; raises Problem 400 for an id that is taken."""
    if "external" not in values:
        return
    given: Mapping[str, Any] = values.pop("external") or {"gid": None, "data": None}
    if "data" in given:
        values["external_data"] = given["data"]
    if "gid" in given:
        ident = given["gid"]
        key = None if ident is None else external_key(view.caller.app, workspace, ident)
        if key is not None and any(row["gid"] != gid for row in await view.find("task", "external_key", key)):
            raise bad_request(f"external: gid: Another task has this id: {ident}")
        values["external_gid"], values["external_key"] = ident, key
