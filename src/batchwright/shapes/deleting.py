"""DELETE one row, and with it what belongs to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Unpack

from batchwright.model.calls import Call
from batchwright.model.changes import Change, Remove
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation, Outcome
from batchwright.model.views import View
from batchwright.shapes.marks import OperationMarks

Check = Callable[[Call, View], Awaitable[tuple[Change, ...]]]


def deleting(
    kind: Kind, id: str, path: str = "", *, check: Check | None = None, **marks: Unpack[OperationMarks]
) -> Operation:
    """DELETE /plural/{kind_gid}, where the caller may. check: refuses with a Problem, names what else is to change."""

    async def run(call: Call, view: View) -> Outcome:
        besides = await check(call, view) if check else ()
        return Outcome((*besides, Remove(kind.name, call.at[kind.name])))

    marks.setdefault("deed", "delete")
    path = path or f"/{kind.plural}/{{{kind.name}_gid}}"
    return Operation(id=id, method="DELETE", path=path, run=run, **marks)
