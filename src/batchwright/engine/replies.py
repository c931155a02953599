"""From an operation's outcome to the reply: records projected, pages linked, new objects located."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlencode

from batchwright.model.calls import Call, Reply
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import Problem, not_found
from batchwright.model.views import View
from batchwright.projection import plan, project
from batchwright.projection.plan import Record
from batchwright.steps.references import resolve

BASE_PATH = "/api/1.0"


async def reply_to(view: View, operation: Operation, call: Call, outcome: Outcome) -> Reply:
    """The reply; a HEAD has no body."""
    show = outcome.show
    if outcome.stream is not None:
        return Reply(operation.status, None, stream=outcome.stream)
    data = outcome.data if show is None else await _shown(view, call, show, done=bool(outcome.changes))
    body: dict[str, Any] = {"data": data}
    if show is not None and show.many and call.options.paged:
        body["next_page"] = _next_page(call, show)
    body.update(outcome.beside)
    headers = {}
    if operation.status in (201, 202) and show is not None:
        headers["location"] = f"{BASE_PATH}/{view.kinds[show.kind].plural}/{show.gids[0]}"
    return Reply(operation.status, {} if call.method == "HEAD" else body, headers)


async def done(make: Callable[[], Awaitable[Reply]]) -> Reply:
    """The reply to what is written by now: who runs out of patience at this moment must not be told that nothing is."""
    try:
        return await make()
    except asyncio.CancelledError:
        return await make()


async def _shown(view: View, call: Call, show: Show, *, done: bool) -> Any:
    """The records. done: something was written, so what is too large to show is shown by its gid, not refused."""
    record: Record = "compact" if show.many else "full"
    chosen = plan(view.kinds, show.kind, call.options.fields, record)
    try:
        records = await project(view, chosen, show.gids, call.base, filtered=show.guarded)
    except Problem:
        if not done:
            raise
        records = await project(view, plan(view.kinds, show.kind, "", record), show.gids, call.base)
    if show.many:
        return [records[gid] for gid in show.gids if gid in records]
    gid = show.gids[0]
    if gid not in records:
        if show.guarded:  # only who asks in vain has it found out why
            (ident,) = call.path.values()
            await resolve(view, show.kind, ident, show.kind, "path")
        raise not_found(show.kind, str(gid))
    return records[gid]


def _next_page(call: Call, show: Show) -> dict[str, str] | None:
    """The page that follows, as a path to fetch and as a URL on the host the caller used."""
    if not show.next:
        return None
    asked = {name: value for name, value in call.query.items() if name != "offset"}
    query = urlencode({**asked, **_options(call), "offset": show.next}, safe=",()|", quote_via=quote)
    path = f"/{call.relative_path.strip('/')}?{query}"
    return {"offset": show.next, "path": path, "uri": f"{call.base}{BASE_PATH}{path}"}


def _options(call: Call) -> dict[str, str]:
    pretty = "true" if call.options.pretty else None
    given = {"limit": call.options.limit, "opt_fields": call.options.fields, "opt_pretty": pretty}
    return {name: str(value) for name, value in given.items() if value is not None}
