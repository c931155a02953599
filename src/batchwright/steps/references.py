"""From what a client writes to name a row (a gid, `me`, an e-mail, `external:...`) to the row's gid."""

from __future__ import annotations

from typing import Any, Literal

from batchwright.model import gids
from batchwright.model.conditions import Reading
from batchwright.model.problems import Problem, bad_request, missing, no_access, not_found
from batchwright.model.views import View
from batchwright.steps.people import own_workspaces

Place = Literal["path", "query", "body"]


async def resolve(view: View, kind: str, ident: Any, field: str, place: Place) -> int:
    """The gid of a row of `kind` that the caller may see.

    Raises Problem: 404 (400 outside a path) for what names no row, 403 for a row the caller may not see.
    """
    gid = await named(view, kind, identifier(ident, field))
    if gid is None:
        raise _unknown(kind, ident, field, place, malformed=True)
    if gid in await view.visible(kind, (gid,)):
        return gid
    # Addresses and apps' own ids can be guessed: of those nobody is told that a row has them.
    guessed = gids.parse(ident) is None
    if not guessed and await view.rows(kind, (gid,)):
        raise no_access(kind)
    raise _unknown(kind, ident, field, place, malformed=guessed)


def identifier(ident: Any, field: str) -> str:
    """The same when it is a text; Problem 400 otherwise."""
    if not isinstance(ident, str):
        raise bad_request(f"{field}: Not a valid GID type: {_json_type(ident)}")
    return ident


async def named(view: View, kind: str, ident: str) -> int | None:
    """The gid that a text stands for, whether or not the caller may see a row of it; None when it is no gid or name."""
    gid = gids.parse(ident)
    if gid is not None or "\0" in ident:  # which no text of a database has, and some take for an error of all reads
        return gid
    if kind == "user" and ident == "me":
        return view.caller.user
    if kind == "user" and "@" in ident:
        found = await view.find("user", "email", ident.casefold())
        return found[0]["gid"] if found else None
    if kind == "task" and ident.startswith("external:"):
        return await _external(view, ident.removeprefix("external:"))
    return None


async def _external(view: View, ident: str) -> int | None:
    """The task that has an app's own id in one of the caller's workspaces."""
    keys = [external_key(view.caller.app, home, ident) for home in await own_workspaces(view)]
    found = await view.fetch(Reading("task", "external_key", ("gid",)), keys)
    return next((rows[0][0] for rows in found.values() if rows), None)


def external_key(app: str, workspace: int, gid: str) -> str:
    """External ids belong to the app that set them, in each workspace apart."""
    return f"{app}:{workspace}:{gid}"


def _unknown(kind: str, ident: str, field: str, place: Place, *, malformed: bool) -> Problem:
    if place == "path":
        return not_found(kind, ident)
    if not ident:
        return missing(field)
    return bad_request(f"{field}: Not a recognized ID: {ident}" if malformed else f"{field}: Unknown object: {ident}")


def _json_type(value: Any) -> str:
    names = {
        bool: "boolean",
        int: "number",
        float: "number",
        dict: "object",
        list: "array",
        type(None): "null",
    }
    return names.get(type(value), "string")
