"""PUT some fields of a row; what isn't named stays."""

from __future__ import annotations

from typing import Unpack

from batchwright.model.calls import Call
from batchwright.model.changes import Set
from batchwright.model.fields import Field
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.views import View
from batchwright.shapes.creating import Prepare
from batchwright.shapes.marks import OperationMarks
from batchwright.steps.texts import pair
from batchwright.steps.writing import stored


def updating(
    kind: Kind,
    id: str,
    path: str = "",
    *,
    body: tuple[Field, ...] | None = None,
    prepare: Prepare | None = None,
    **marks: Unpack[OperationMarks],
) -> Operation:
    """PUT /plural/{kind_gid}, where the caller may edit it. body, prepare: as for creating."""

    async def run(call: Call, view: View) -> Outcome:
        gid = call.at[kind.name]
        values = dict(call.data)
        await pair(view, call, kind, values)
        besides = await prepare(call, view, gid, values) if prepare else ()
        columns = stored(kind, values)
        changes = (Set(kind.name, gid, columns), *besides) if columns else besides
        return Outcome(changes, Show(kind.name, (gid,)))

    marks.setdefault("deed", "edit")
    path = path or f"/{kind.plural}/{{{kind.name}_gid}}"
    fields = kind.fields if body is None else body
    return Operation(id=id, method="PUT", path=path, run=run, kind=kind.name, body=fields, **marks)
