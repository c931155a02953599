"""Events as a caller may see them: the objects they name are of any kind, and some are gone or hidden."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from batchwright.model.calls import Call
from batchwright.model.views import View, Which
from batchwright.projection import plan, project
from batchwright.projection.parse import Tree, parse, write
from batchwright.projection.plan import Record

Path = tuple[str, ...]

RESOURCE: Path = ("resource",)
PARENT: Path = ("parent",)
PATHS: tuple[Path, ...] = (
    RESOURCE,
    PARENT,
    *(("change", name) for name in ("new_value", "added_value", "removed_value")),
)
LEAVING = ("removed", "deleted")


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of the log: when (ms), what, and the objects it names by their place in the record."""

    gid: int
    at: int
    action: str
    names: Mapping[Path, Which]


def happened(gid: int, at: int, action: str, resource: str, parent: str | None, change: str | None) -> Happened:
    """From the columns of the log."""
    row = {"resource": resource, "parent": parent, "change": change}
    said = {name: msgspec.json.decode(value) for name, value in row.items() if value}
    stubs = {path: _at(said, path) for path in PATHS}
    return Happened(gid, at, action, {path: _which(stub) for path, stub in stubs.items() if stub})


def _at(record: Any, path: Path) -> Any:
    for name in path:
        record = (record or {}).get(name)
    return record


def _which(stub: Mapping[str, str]) -> Which:
    return stub["resource_type"], int(stub["gid"])


async def records(call: Call, view: View, events: Iterable[Happened]) -> list[dict[str, Any]]:
    """The events that the caller may know of.

    What the caller may not see isn't told of; except that it left what they see, and then only by its gid.
    """
    listed = tuple(events)
    hidden = await _hidden(view, {which for each in listed for which in each.names.values()})
    known = [each for each in listed if _known(each, hidden)]
    shown = await project(
        view, plan(view.kinds, "event", call.options.fields, "full"), (each.gid for each in known), call.base
    )
    tree = None if call.options.fields is None else parse(call.options.fields)
    await asyncio.gather(*(_place(call, view, known, shown, path, tree) for path in PATHS))
    for each in known:
        if shown[each.gid].get("change", ()) is None:
            del shown[each.gid]["change"]  # named by the caller, and still only a change has one
        for path in PATHS[2:]:
            if each.names.get(path) in hidden:
                shown[each.gid].get("change", {}).pop(path[1], None)
    return [shown[each.gid] for each in known]


async def _hidden(view: View, objects: Iterable[Which]) -> set[Which]:
    """Those of the objects that exist and that the caller may not see."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, gid in objects:
        if not view.kinds[kind].open:
            by_kind[kind].append(gid)
    existing, visible = await asyncio.gather(
        asyncio.gather(*(view.rows(kind, gids) for kind, gids in by_kind.items())),
        asyncio.gather(*(view.visible(kind, gids) for kind, gids in by_kind.items())),
    )
    both = zip(by_kind, existing, visible, strict=True)
    return {(kind, gid) for kind, rows, seen in both for gid in rows if gid not in seen}


def _known(event: Happened, hidden: set[Which]) -> bool:
    if event.names.get(PARENT) in hidden:
        return False
    return event.names[RESOURCE] not in hidden or event.action in LEAVING


async def _place(
    call: Call, view: View, events: list[Happened], shown: dict[int, dict[str, Any]], path: Path, tree: Tree | None
) -> None:
    """Puts the records of the objects in one place of the events there; what is gone or hidden is named by its gid."""
    wanted = _wanted(tree, path)
    if wanted is None:
        return
    by_kind: dict[str, list[int]] = defaultdict(list)
    for each in events:
        if path in each.names:
            kind, gid = each.names[path]
            by_kind[kind].append(gid)
    fields, record = wanted
    plans = {kind: plan(view.kinds, kind, fields, record) for kind in by_kind}
    loading = (project(view, plans[kind], gids, call.base, filtered=True) for kind, gids in by_kind.items())
    found = dict(zip(by_kind, await asyncio.gather(*loading), strict=True))
    for each in events:
        if path in each.names:
            kind, gid = each.names[path]
            stub = {"gid": str(gid), "resource_type": kind}
            _at(shown[each.gid], path[:-1])[path[-1]] = found[kind].get(gid, stub)


def _wanted(tree: Tree | None, path: Path) -> tuple[str | None, Record] | None:
    """What to show of the objects in a place, as an opt_fields text or a default record; None for nothing."""
    if tree is None:
        return None, "compact"
    below: Tree | None = tree
    for name in path:
        below = below.get(name) if below is not None else None
        if below == {}:
            return None, "stub"
    return None if below is None else (write(below), "compact")
