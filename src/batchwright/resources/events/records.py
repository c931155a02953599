"""Events as a caller may see them: the objects they name are of any kind, and some are gone or hidden."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from batchwright.model.calls import Call
from batchwright.model.events import Event, read, stub
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
    """An event of the log: its number, the row it is in, when (ms), what, and the objects it names by their place."""

    gid: int
    row: int
    at: int
    event: Event
    names: Mapping[Path, Which]


def happened(row: int, at: int, told: str) -> Iterator[Happened]:
    """The events of a row, from its columns."""
    events = read(told)
    for number, event in enumerate(events, row - len(events) + 1):
        yield Happened(number, row, at, event, dict(_names(event)))


def _names(event: Event) -> Iterator[tuple[Path, Which]]:
    yield RESOURCE, event.of
    if event.parent is not None:
        yield PARENT, event.parent
    for path in PATHS[2:]:
        if event.change is not None and (found := event.change.get(path[1])):
            yield path, (found["resource_type"], int(found["gid"]))


async def records(call: Call, view: View, events: Iterable[Happened]) -> list[dict[str, Any]]:
    """The events that the caller may know of.

    What the caller may not see isn't told of; except that it left what they see, and then only by its gid.
    """
    listed = tuple(events)
    hidden = await _hidden(view, {which for each in listed for which in each.names.values()})
    known = [each for each in listed if _known(each, hidden)]
    rows = await project(
        view, plan(view.kinds, "event", call.options.fields, "full"), (each.row for each in known), call.base
    )
    tree = None if call.options.fields is None else parse(call.options.fields)
    shown = {each.gid: _apart(rows[each.row], each, tree) for each in known}
    await asyncio.gather(*(_place(call, view, known, shown, path, tree) for path in PATHS))
    for each in known:
        for path in PATHS[2:]:
            if each.names.get(path) in hidden:
                shown[each.gid].get("change", {}).pop(path[1], None)
    return [shown[each.gid] for each in known]


def _apart(row: Mapping[str, Any], each: Happened, tree: Tree | None) -> dict[str, Any]:
    """The record of one event, from that of its row, which shows the first."""
    event = each.event
    told: dict[str, Any] = {"gid": str(each.gid), "type": event.of[0], "action": event.action}
    told |= {"resource": stub(event.of), "parent": event.parent and stub(event.parent), "change": event.change}
    if event.change is not None and tree and tree.get("change"):
        told["change"] = {name: event.change[name] for name in tree["change"] if name in event.change}
    elif event.change is not None:
        told["change"] = dict(event.change)
    wanted = (*row, *(("change",) if tree is None and "change" not in row else ()))
    shown = {name: told[name] if name in told else row[name] for name in wanted}
    if shown.get("change", ()) is None:
        del shown["change"]  # named by the caller or not, only a change has one
    return shown


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
    return event.names[RESOURCE] not in hidden or event.event.action in LEAVING


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
            whole = shown[each.gid]
            (whole if len(path) == 1 else whole["change"])[path[-1]] = found[kind].get(gid) or stub((kind, gid))


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
