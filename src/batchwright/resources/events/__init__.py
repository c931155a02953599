"""Events: what happened to a task or a project, and to what is in it, since a sync token was given out.

A token holds what it is for, the last event it has given, and how old it is (contract/asana-behaviour.md, section 9).
"""

from __future__ import annotations

from itertools import islice
from typing import Unpack

from batchwright.model import moments
from batchwright.model.calls import Call
from batchwright.model.conditions import Order, Query, equals
from batchwright.model.fields import Field, flag, text
from batchwright.model.operations import Operation, Outcome, Run
from batchwright.model.problems import STALE_SYNC, Problem, forbidden
from batchwright.model.sealing import seal, unseal
from batchwright.model.views import View
from batchwright.resources.events.kind import EVENT
from batchwright.resources.events.records import happened, records
from batchwright.shapes.marks import OperationMarks
from batchwright.steps.references import named, resolve

MOST = 100  # events of one answer
PURPOSE = "sync"
NEWEST = Query("event", order=(Order("gid", descending=True),), visible=False, limit=1)


async def _asked(call: Call, view: View) -> Outcome:
    return await _since(call, view, await _subscribed(view, call.params["resource"]))


async def _at_path(call: Call, view: View) -> Outcome:
    return await _since(call, view, next(iter(call.at.values())))


async def _in_workspace(call: Call, view: View) -> Outcome:
    raise forbidden("workspace: Only a service account may read the events of a workspace")


async def _subscribed(view: View, ident: str) -> int:
    """The gid of a task or project that the caller may see. Raises Problem 400, 403."""
    gid = await named(view, "task", ident)
    is_project = gid is not None and bool(await view.rows("project", (gid,)))
    return await resolve(view, "project" if is_project else "task", ident, "resource", "query")


async def _since(call: Call, view: View, stream: int) -> Outcome:
    """What happened since the token. Raises Problem 412, with a fresh token, for one that is missing or too old."""
    token = unseal(view.secret, PURPOSE, call.params.get("sync", ""))
    if token is None or token[0] != stream or call.now - token[2] > moments.DAY_MS:
        newest = await view.select(NEWEST)
        fresh = seal(view.secret, PURPOSE, stream, newest[0][0] if newest else 0, call.now)
        raise Problem(412, STALE_SYNC, extra={"sync": fresh})
    query = Query("event", (equals("stream", stream),), visible=False, after=(token[1],), limit=MOST + 1)
    rows = await view.select(query, "created_at", "told")
    # A row may hold more than there was room for in the answer before.
    found = (each for row in rows for each in happened(row[0], *row[2:]) if each.gid > token[1])
    listed = tuple(islice(found, MOST + 1))
    shown, has_more = listed[:MOST], len(listed) > MOST
    # A token is as old as what it hasn't given yet may be: the log keeps everything that a good token can ask for.
    position, at = (shown[-1].gid if shown else token[1]), (shown[-1].at if has_more else call.now)
    beside = {"sync": seal(view.secret, PURPOSE, stream, position, at), "has_more": has_more}
    return Outcome(data=await records(call, view, shown), beside=beside)


SYNC = text("sync", about="The token of the answer before; without one, a first token comes with a 412.")
RESOURCE = text("resource", required=True, about="The gid of a task or a project.")
BESIDE = (
    text("sync", about="The token to send next."),
    flag("has_more", about="Whether more has happened than one answer holds."),
)
ABOUT = "What happened to a task or a project, and to what is in it, since the sync token was given out."


def _reading(id: str, path: str, run: Run, *asked: Field, **marks: Unpack[OperationMarks]) -> Operation:
    marks["params"] = (*asked, SYNC)
    return Operation(id=id, method="GET", path=path, run=run, kind="event", many=True, beside=BESIDE, **marks)


KINDS = (EVENT,)
OPERATIONS = (
    _reading("getEvents", "/events", _asked, RESOURCE, tag="Events", about=ABOUT),
    _reading("getEventsForTask", "/tasks/{task_gid}/events", _at_path, tag="Events", about=ABOUT, alias=True),
    _reading("getEventsForProject", "/projects/{project_gid}/events", _at_path, tag="Events", about=ABOUT, alias=True),
    _reading(
        "getWorkspaceEvents",
        "/workspaces/{workspace_gid}/events",
        _in_workspace,
        tag="Workspaces",
        about="What happened in a whole workspace; for service accounts, of which this server has none yet.",
    ),
)
