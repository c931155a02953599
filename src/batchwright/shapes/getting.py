"""GET one row: its full record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Unpack

from batchwright.model.calls import Call
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.views import View
from batchwright.shapes.marks import OperationMarks

Check = Callable[[Call, View], Awaitable[None]]


def getting(
    kind: Kind, id: str, path: str = "", *, check: Check | None = None, **marks: Unpack[OperationMarks]
) -> Operation:
    """GET /plural/{kind_gid}. check: refuses with a Problem."""

    async def run(call: Call, view: View) -> Outcome:
        if check:
            await check(call, view)
        return Outcome(show=Show(kind.name, (call.at[kind.name],), guarded=guarded))

    guarded = kind.guarded and not (path or check)
    path = path or f"/{kind.plural}/{{{kind.name}_gid}}"
    return Operation(id=id, method="GET", path=path, run=run, kind=kind.name, guarded=guarded, **marks)
