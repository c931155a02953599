"""Loads what a plan names, a level at a time, and shapes the records."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from batchwright.model.conditions import Reading
from batchwright.model.fields import Type
from batchwright.model.views import View
from batchwright.projection.mentions import resolved
from batchwright.projection.plan import Part, Plan
from batchwright.projection.shape import shape

Found = dict[int, list[tuple[Any, ...]]]
Records = dict[int, dict[str, Any]]


async def project(view: View, plan: Plan, gids: Iterable[int], base: str, *, filtered: bool = False) -> Records:
    """The record of each row by gid. filtered: only of the rows the caller may see; rows that are gone are missing."""
    keys = tuple(dict.fromkeys(gids))
    if not keys:
        return {}
    guarded = filtered and plan.kind.visible is not None and not plan.kind.open
    rows, *related = await asyncio.gather(
        _rows(view, plan, keys, guarded),
        *(view.fetch(part.reading, keys) for part in plan.parts if part.reading),
    )
    by_part = dict(zip([part.name for part in plan.parts if part.reading], related, strict=True))
    rows = await resolved(view, plan, rows, base)
    children = await _children(view, plan, rows, by_part, base)
    me = view.caller.user
    return {gid: shape(plan, gid, rows[gid][0], by_part, children, base, me) for gid in keys if rows.get(gid)}


async def _rows(view: View, plan: Plan, keys: tuple[int, ...], guarded: bool) -> Found:
    if plan.bare and not guarded:
        return {key: [()] for key in keys}
    return await view.fetch(Reading(plan.kind.name, columns=plan.columns, visible=guarded), keys)


async def _children(view: View, plan: Plan, rows: Found, related: dict[str, Found], base: str) -> dict[str, Records]:
    parts = [part for part in plan.parts if part.plan is not None]
    loaded = await asyncio.gather(*(_child(view, part, rows, related, base) for part in parts))
    return {part.name: records for part, records in zip(parts, loaded, strict=True)}


async def _child(view: View, part: Part, rows: Found, related: dict[str, Found], base: str) -> Records:
    assert part.plan is not None
    if part.field.type is Type.REF:
        gids = [found[0][part.column] for found in rows.values() if found]
    else:
        gids = [row[0] for gid, found in related[part.name].items() if rows.get(gid) for row in found]
    return await project(view, part.plan, (gid for gid in gids if gid is not None), base, filtered=True)
