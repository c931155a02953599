"""POST addX and removeX: rows linked to a row and taken off again."""

from __future__ import annotations

from typing import Unpack

from batchwright.model.calls import Call
from batchwright.model.changes import Change, Link, Unlink
from batchwright.model.fields import refs
from batchwright.model.kinds import Kind, link_table
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.views import View
from batchwright.shapes.marks import OperationMarks


def linking(
    kind: Kind,
    field: str,
    add: str,
    remove: str,
    *,
    names: tuple[str, str] | None = None,
    implies: str = "",
    **marks: Unpack[OperationMarks],
) -> tuple[Operation, Operation]:
    """POST /plural/{kind_gid}/<addX> and .../<removeX> with `{field: [gids]}`; both answer with the full record.

    add, remove: the operations' ids; names: the last parts of their paths. implies: another link that comes with the
    first (a project's followers are members of it) and that takes the first along when it goes.
    """
    target = kind.by_name[field].target
    wider = link_table(kind, kind.by_name[implies]) if implies else ""
    narrow = link_table(kind, kind.by_name[field])
    body = (refs(field, target, required=True),)
    last = names or tuple(verb + field[0].upper() + field[1:] for verb in ("add", "remove"))

    def making(id: str, name: str, change: type[Link] | type[Unlink], tables: tuple[str, ...]) -> Operation:
        async def run(call: Call, view: View) -> Outcome:
            gid = call.at[kind.name]
            changes: tuple[Change, ...] = tuple(
                change(table, gid, each) for table in tables for each in call.data[field]
            )
            return Outcome(changes, Show(kind.name, (gid,)))

        path = f"/{kind.plural}/{{{kind.name}_gid}}/{name}"
        return Operation(id=id, method="POST", path=path, run=run, kind=kind.name, body=body, **marks)

    added = tuple(table for table in (narrow, wider) if table)
    return making(add, last[0], Link, added), making(remove, last[1], Unlink, (narrow,))
