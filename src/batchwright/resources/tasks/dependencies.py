"""Which tasks wait for which: never in a circle, and at most thirty at a task, counted in both directions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Literal

from batchwright.model.calls import Call
from batchwright.model.changes import Change, Link, Still, Unlink
from batchwright.model.conditions import Join, Order, Reading
from batchwright.model.fields import refs
from batchwright.model.operations import Operation, Outcome, Run
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.resources.tasks.kind import TASK
from batchwright.shapes import listing

MOST = 30
TABLE = "task_dependencies"
_DEPENDENCIES = Reading(TABLE, "owner", ("target",), "target")
_DEPENDENTS = Reading(TABLE, "target", ("owner",), "owner")
Field = Literal["dependencies", "dependents"]
Edge = tuple[int, int]  # the task that waits, the task it waits for


def _edges(call: Call, field: Field) -> list[Edge]:
    here = call.at["task"]
    return [(here, each) if field == "dependencies" else (each, here) for each in _named(call, field)]


def _named(call: Call, field: Field) -> list[int]:
    return call.data.get(field) or []


def adding(field: Field) -> Run:
    """The run of addDependencies or addDependents."""

    async def run(call: Call, view: View) -> Outcome:
        edges = _edges(call, field)
        if call.at["task"] in _named(call, field):
            raise bad_request(f"{field}: A task cannot depend on itself")
        await _check_workspaces(call, view, field)
        counted = await _counted(view, edges, field)
        reached = await _acyclic(view, edges, field)
        links = tuple(Link(TABLE, owner, target) for owner, target in edges)
        return Outcome((*counted, *reached, *links))

    return run


def removing(field: Field) -> Run:
    """The run of removeDependencies or removeDependents."""

    async def run(call: Call, view: View) -> Outcome:
        return Outcome(tuple(Unlink(TABLE, owner, target) for owner, target in _edges(call, field)))

    return run


async def _check_workspaces(call: Call, view: View, field: Field) -> None:
    gids = (call.at["task"], *_named(call, field))
    home, *others = await asyncio.gather(*(view.value("task", gid, "workspace") for gid in gids))
    for number, other in enumerate(others):
        if other != home:
            raise bad_request(f"{field}: [{number}]: Not in the task's workspace: {home}")


async def _counted(view: View, edges: Iterable[Edge], field: Field) -> list[Change]:
    """That both ends of every edge have room for it, and what must stay as it is for that to be so."""
    ends = sorted({gid for edge in edges for gid in edge})
    before, after = await asyncio.gather(view.fetch(_DEPENDENCIES, ends), view.fetch(_DEPENDENTS, ends))
    for gid in ends:
        waits_for = {target for (target,) in before[gid]} | {target for owner, target in edges if owner == gid}
        holds_up = {owner for (owner,) in after[gid]} | {owner for owner, target in edges if target == gid}
        if len(waits_for) + len(holds_up) > MOST:
            raise bad_request(f"{field}: A task can have at most {MOST} dependencies and dependents combined")
    return [
        Still(reading, gid, tuple(rows[gid]))
        for gid in ends
        for reading, rows in ((_DEPENDENCIES, before), (_DEPENDENTS, after))
    ]


async def _acyclic(view: View, edges: Iterable[Edge], field: Field) -> list[Change]:
    """That no task would come to wait for itself, and what must stay as it is for that to be so."""
    owners = {owner for owner, _ in edges}
    level = {target for _, target in edges}
    seen: dict[int, tuple[tuple[int, ...], ...]] = {}
    while level:
        if level & owners:
            raise bad_request(f"{field}: A task cannot depend on a task that depends on it")
        found = await view.fetch(_DEPENDENCIES, level)
        seen.update((gid, tuple(rows)) for gid, rows in found.items())
        level = {target for rows in found.values() for (target,) in rows} - seen.keys()
    return [Still(_DEPENDENCIES, gid, rows) for gid, rows in seen.items()]


def _changing(id: str, verb: str, field: Field, run: Run, about: str) -> Operation:
    return Operation(
        id=id,
        method="POST",
        path=f"/tasks/{{task_gid}}/{verb}{field.capitalize()}",
        run=run,
        deed="edit",
        # Who waits is changed by it, and who is waited for isn't.
        body=(refs(field, "task", asks="edit" if field == "dependents" else "", about="The tasks at the other end."),),
        tag="Tasks",
        scope="tasks:write",
        about=about,
    )


def _listing(id: str, field: Field, about: str) -> Operation:
    own, other = ("owner", "target") if field == "dependencies" else ("target", "owner")
    return listing(
        TASK,
        id,
        f"/tasks/{{task_gid}}/{field}",
        where=f"{TABLE}.{own}",
        joins=(Join(TABLE, other, "gid"),),
        order=(Order(f"{TABLE}.position"), Order("gid")),
        tag="Tasks",
        scope="tasks:read",
        about=about,
    )


DEPENDENCIES = (
    _listing("getDependenciesForTask", "dependencies", "The tasks that the task waits for."),
    _listing("getDependentsForTask", "dependents", "The tasks that wait for the task."),
    _changing(
        "addDependenciesForTask", "add", "dependencies", adding("dependencies"), "Lets the task wait for others."
    ),
    _changing(
        "removeDependenciesForTask",
        "remove",
        "dependencies",
        removing("dependencies"),
        "Lets the task no longer wait for others.",
    ),
    _changing("addDependentsForTask", "add", "dependents", adding("dependents"), "Lets other tasks wait for this one."),
    _changing(
        "removeDependentsForTask",
        "remove",
        "dependents",
        removing("dependents"),
        "Lets other tasks no longer wait for this one.",
    ),
)
