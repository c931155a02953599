"""One row and what was loaded beside it, as the JSON object a client sees.

A plan is compiled to a function for each part, so that shaping a row decides nothing anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec

from batchwright.model import moments
from batchwright.model.fields import Type
from batchwright.projection.parse import Tree
from batchwright.projection.plan import Part, Plan

Row = tuple[Any, ...]
Related = Mapping[str, Mapping[int, list[Row]]]
Record = dict[str, Any] | msgspec.Raw
Children = Mapping[str, Mapping[int, Record]]
Make = Callable[[int, Row, Related, Children, str, int], Any]
READ: Mapping[Type, Callable[[Any], Any]] = {
    Type.FLAG: bool,
    Type.MOMENT: moments.show,
    Type.JSON: msgspec.json.decode,
}


def shape(plan: Plan, gid: int, row: Row, related: Related, children: Children, base: str, me: int) -> dict[str, Any]:
    """The record. related: rows of the plan's relations by part and gid. children: records by part and gid."""
    begun, makers = _compiled(plan)
    record = begun(row)
    if plan.gid:
        record["gid"] = str(gid)
    for name, make, always in makers:
        value = make(gid, row, related, children, base, me)
        if always or value is not None:
            record[name] = value
        else:
            del record[name]
    return record


@lru_cache(maxsize=4096)
def _compiled(plan: Plan) -> tuple[Callable[[Row], dict[str, Any]], tuple[tuple[str, Make, bool], ...]]:
    """How a record begins; and for each part that isn't right by then how it is made, and if it is shown when null.

    A record begins with all its keys in their order, and with the columns that are shown as they are stored.
    """
    head = {"gid": ""} if plan.gid else {}
    if plan.resource_type:
        head["resource_type"] = plan.kind.name
    names = tuple(part.name for part in plan.parts)
    places = {part.name: part.column for part in plan.parts if _shown_as_stored(part)}
    if len(places) < 2:  # an itemgetter of a single place gives no tuple
        empty = {**head, **dict.fromkeys(names)}
        return lambda row: dict(empty), tuple(map(_made, plan.parts))
    columns = itemgetter(*(places.get(name, 0) for name in names))
    made = tuple(_made(part) for part in plan.parts if part.name not in places)
    return lambda row: {**head, **dict(zip(names, columns(row), strict=True))}, made


def _made(part: Part) -> tuple[str, Make, bool]:
    return part.name, _maker(part), part.named or not part.field.conditional


def _shown_as_stored(part: Part) -> bool:
    each = part.field
    return each.stored and each.type not in READ and each.type is not Type.REF and not (each.conditional or part.only)


def _maker(part: Part) -> Make:
    if part.counts:
        make = _counted(part)
    elif part.reading is not None:
        make = _related(part)
    elif part.field.type is Type.COMPUTED:
        make = _computed(part)
    elif part.field.type is Type.REF:
        make = _named(part)
    else:
        make = _stored(part)
    return _narrowing(make, part.only) if part.only and part.plan is None else make


def _stored(part: Part) -> Make:
    place, read = part.column, READ.get(part.field.type)
    if read is None:
        return lambda gid, row, related, children, base, me: row[place]
    return lambda gid, row, related, children, base, me: None if row[place] is None else read(row[place])


def _named(part: Part) -> Make:
    place, name = part.column, part.name
    return lambda gid, row, related, children, base, me: children[name].get(row[place])


def _related(part: Part) -> Make:
    name = part.name
    if part.field.type is Type.COUNT:
        return lambda gid, row, related, children, base, me: rows[0][0] if (rows := related[name][gid]) else 0
    if part.field.type is Type.MINE:
        return lambda gid, row, related, children, base, me: bool(related[name][gid])

    def rows(gid: int, row: Row, related: Related, children: Children, base: str, me: int) -> Any:
        found = children[name]
        return [found[other[0]] for other in related[name][gid] if other[0] in found]

    return rows


def _counted(part: Part) -> Make:
    name, place = part.counts, part.column
    if part.field.type is Type.COUNT:
        return lambda gid, row, related, children, base, me: len(related[name][gid])
    return lambda gid, row, related, children, base, me: any(other[place] == me for other in related[name][gid])


def _computed(part: Part) -> Make:
    value, needs = part.field.value, part.needs
    assert value is not None
    if not needs:
        return lambda gid, row, related, children, base, me: value()
    if all(isinstance(need, int) for need in needs):
        columns = tuple(need for need in needs if isinstance(need, int))
        return lambda gid, row, related, children, base, me: value(*[row[column] for column in columns])

    def computed(gid: int, row: Row, related: Related, children: Children, base: str, me: int) -> Any:
        given = {"gid": gid, "base": base, "me": me}
        return value(*(given[need] if isinstance(need, str) else row[need] for need in needs))

    return computed


def _narrowing(make: Make, only: Tree) -> Make:
    return lambda *loaded: _narrowed(make(*loaded), only)


def _narrowed(value: Any, only: Tree) -> Any:
    """Of a document (a photo, an external id) the named keys; it has no gid of its own to show besides."""
    if isinstance(value, list):
        return [_narrowed(each, only) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _narrowed(value[name], below) if below else value[name] for name, below in only.items() if name in value
    }
