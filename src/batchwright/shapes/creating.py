"""POST a new row: the body's fields, defaults for the rest, links for the rows it names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Unpack

from batchwright.model import gids
from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.fields import Field
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.views import View
from batchwright.shapes.marks import OperationMarks
from batchwright.steps.texts import pair
from batchwright.steps.writing import insert, links, stored

Prepare = Callable[[Call, View, int, dict[str, Any]], Awaitable[tuple[Change, ...]]]


def creating(
    kind: Kind,
    id: str,
    path: str = "",
    *,
    body: tuple[Field, ...] | None = None,
    prepare: Prepare | None = None,
    **marks: Unpack[OperationMarks],
) -> Operation:
    """POST /plural, or under a parent whose gid fills the field of its kind's name.

    body: the request's fields where they aren't the kind's own. prepare: completes the values (a mapping of its own
    to this call) in place and returns further changes, written after the row itself.
    """

    async def run(call: Call, view: View) -> Outcome:
        gid = gids.make()
        parents = {name: parent for name, parent in call.at.items() if kind.has(name)}
        values = dict(call.data) | parents
        await pair(view, call, kind, values)
        besides = await prepare(call, view, gid, values) if prepare else ()
        row = insert(kind, call, gid, **stored(kind, values))
        return Outcome((row, *links(kind, gid, values), *besides), Show(kind.name, (gid,)))

    path = path or f"/{kind.plural}"
    fields = kind.fields if body is None else body
    return Operation(id=id, method="POST", path=path, run=run, kind=kind.name, status=201, body=fields, **marks)
