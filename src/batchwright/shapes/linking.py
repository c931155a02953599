"""POST addX and removeX: rows linked to a row and taken off again."""

from __future__ import annotations

from typing import Unpack

from batchwright.model.calls import Call
from batchwright.model.changes import Change, Link, Unlink
from batchwright.model.fields import refs
from batchwright.model.kinds import Kind, link_table
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.views import View
from batchwright.shapes.deleting import Check
from batchwright.shapes.marks import OperationMarks


def linking(
    kind: Kind,
    field: str,
    add: str,
    remove: str,
    *,
    implies: str = "",
    takes: tuple[str, ...] = (),
    check: Check | None = None,
    **marks: Unpack[OperationMarks],
) -> tuple[Operation, Operation]:
    """POST /plural/{kind_gid}/<addX> and .../<removeX> with `{field: [gids]}`, where the caller may edit the row.

    add, remove: the operations' ids. implies: another link that comes with this one (a project's followers are members
    of it). takes: other links that go when this one goes. check: refuses with a Problem what may not be added, and
    names what else is to change.
    """
    target = kind.by_name[field].target
    added, removed = (
        [link_table(kind, kind.by_name[each]) for each in (field, *also) if each] for also in ((implies,), takes)
    )
    body = (refs(field, target, required=True),)
    marks.setdefault("deed", "edit")

    def making(id: str, verb: str, change: type[Link] | type[Unlink], tables: list[str]) -> Operation:
        async def run(call: Call, view: View) -> Outcome:
            gid = call.at[kind.name]
            besides = await check(call, view) if check and change is Link else ()
            changes: tuple[Change, ...] = tuple(
                change(table, gid, each) for table in tables for each in call.data[field]
            )
            return Outcome((*changes, *besides), Show(kind.name, (gid,)))

        path = f"/{kind.plural}/{{{kind.name}_gid}}/{verb}{field.capitalize()}"
        return Operation(id=id, method="POST", path=path, run=run, kind=kind.name, body=body, **marks)

    return making(add, "add", Link, added), making(remove, "remove", Unlink, removed)
