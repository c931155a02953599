"""From what a client writes to name a row (a gid, `me`, an e-mail, `external:...`) to the row's gid."""

from __future__ import annotations

from typing import Any, Literal

from batchwright.model import gids
from batchwright.model.conditions import Reading
from batchwright.model.problems import Problem, bad_request, missing, no_access, not_allowed, not_found
from batchwright.model.views import View
from batchwright.steps.lockstep import lockstep
from batchwright.steps.people import own_workspaces

Place = Literal["path", "query", "body"]
NOBODY = 0  # a gid that no row has


async def resolve(view: View, kind: str, ident: Any, field: str, place: Place, *deeds: str) -> int:
    """The gid of a row of `kind` that the caller may see, and to which they may do the deeds.

    Raises Problem: 404 (400 outside a path) for what names no row, 403 for a row the caller may not see, or to which
    they may not do that.
    """
    gid = await named(view, kind, identifier(ident, field))
    # Addresses and apps' own ids can be guessed: of those nobody is told that a row has them, nor by how long it takes.
    guessed = gids.parse(ident) is None
    if gid is None:
        if not guessable(kind, ident):
            raise _unknown(kind, ident, field, place, malformed=True)
        gid = NOBODY
    # Who may do it also sees it: one reading tells both, and only who may not is looked at again.
    refused = await _refused(view, kind, gid, deeds or ("",))
    if refused is None:
        return gid
    if refused and gid in await view.visible(kind, (gid,)):
        raise _not_allowed(view, kind, refused)
    if not guessed and await view.rows(kind, (gid,)):
        raise no_access(kind)
    raise _unknown(kind, ident, field, place, malformed=guessed)


async def insist(view: View, kind: str, gid: int, deed: str) -> None:
    """Raises Problem 403 where the caller may not do the deed to a row that they see."""
    if await _refused(view, kind, gid, (deed,)) is not None:
        raise _not_allowed(view, kind, deed)


async def _refused(view: View, kind: str, gid: int, deeds: tuple[str, ...]) -> str | None:
    """The first of the deeds that the caller may not do; None when they may do all."""
    if len(deeds) == 1:  # as it mostly is: no task is needed to wait for one
        return None if gid in await view.may(kind, deeds[0], (gid,)) else deeds[0]
    found = await lockstep(view.may(kind, deed, (gid,)) for deed in deeds)
    return next((deed for deed, gids in zip(deeds, found, strict=True) if gid not in gids), None)


def _not_allowed(view: View, kind: str, deed: str) -> Problem:
    found = view.kinds[kind].by_deed.get(deed)
    return not_allowed(kind, deed, found.words if found else "")


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
    if kind == "user" and guessable(kind, ident):
        found = await view.find("user", "email", ident.casefold())
        return found[0]["gid"] if found else None
    if kind == "task" and guessable(kind, ident):
        return await _external(view, ident.removeprefix("external:"))
    return None


def guessable(kind: str, ident: str) -> bool:
    """Whether a text may stand for a row that it doesn't name by its gid."""
    return (kind == "user" and "@" in ident) or (kind == "task" and ident.startswith("external:"))


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
