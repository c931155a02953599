"""One row and what was loaded beside it, as the JSON object a client sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from batchwright.model import moments
from batchwright.model.fields import Type
from batchwright.projection.parse import Tree
from batchwright.projection.plan import Part, Plan

Row = tuple[Any, ...]
Related = Mapping[str, Mapping[int, list[Row]]]
Children = Mapping[str, Mapping[int, dict[str, Any]]]


def shape(plan: Plan, gid: int, row: Row, related: Related, children: Children, base: str, me: int) -> dict[str, Any]:
    """The record. related: rows of the plan's relations by part and gid. children: records by part and gid."""
    record: dict[str, Any] = {}
    if plan.gid:
        record["gid"] = str(gid)
    if plan.resource_type:
        record["resource_type"] = plan.kind.name
    for part in plan.parts:
        if part.reading is not None:
            value = _related(part, related[part.name][gid], children)
        elif part.field.type is Type.COMPUTED:
            value = _computed(part, gid, row, base, me)
        else:
            value = _stored(part, row[part.column], children)
        if part.only and part.plan is None:
            value = _narrowed(value, part.only)
        if value is not None or part.named or not part.field.conditional:
            record[part.name] = value
    return record


def _narrowed(value: Any, only: Tree) -> Any:
    """Of a document (a photo, an external id) the named keys; it has no gid of its own to show besides."""
    if isinstance(value, list):
        return [_narrowed(each, only) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _narrowed(value[name], below) if below else value[name] for name, below in only.items() if name in value
    }


def _related(part: Part, rows: list[Row], children: Children) -> Any:
    if part.field.type is Type.COUNT:
        return rows[0][0] if rows else 0
    if part.field.type is Type.MINE:
        return bool(rows)
    found = children[part.name]
    return [found[row[0]] for row in rows if row[0] in found]


def _computed(part: Part, gid: int, row: Row, base: str, me: int) -> Any:
    given = {"gid": gid, "base": base, "me": me}
    assert part.field.value is not None
    return part.field.value(*(given[need] if isinstance(need, str) else row[need] for need in part.needs))


def _stored(part: Part, value: Any, children: Children) -> Any:
    if value is None:
        return None
    match part.field.type:
        case Type.FLAG:
            return bool(value)
        case Type.MOMENT:
            return moments.show(value)
        case Type.REF:
            return children[part.name].get(value)
        case Type.JSON:
            return msgspec.json.decode(value)
    return value
