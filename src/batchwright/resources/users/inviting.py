"""A person comes into a workspace; whoever isn't known yet becomes known by the e-mail address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from batchwright.model import gids
from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.fields import ref
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import missing
from batchwright.model.views import View
from batchwright.resources.users.joining import joining
from batchwright.resources.users.kind import USER
from batchwright.steps.people import member
from batchwright.steps.references import resolve
from batchwright.steps.writing import insert

EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,255}")


async def _invited(call: Call, view: View) -> Outcome:
    home = call.at["workspace"]
    ident = call.data.get("user") if isinstance(call.data, Mapping) else None
    if ident is None:
        raise missing("user")
    user, email, changes = await _person(call, view, ident)
    if not changes and await member(view, "workspace", home, user):
        return Outcome(show=Show("user", (user,)))
    row = await view.row("workspace", home, "name", "is_organization", "email_domains")
    domains = msgspec.json.decode(row["email_domains"])
    guest = bool(row["is_organization"]) and email.rpartition("@")[2] not in domains
    joined = joining(view.kinds, user, home, row["name"], call.now, is_guest=guest)
    return Outcome((*changes, *joined), Show("user", (user,)))


async def _person(call: Call, view: View, ident: Any) -> tuple[int, str, tuple[Change, ...]]:
    """The user's gid and e-mail address, and the row of one who isn't known yet.

    An address is enough to find anybody; by gid only people whom the caller knows are found.
    """
    if not isinstance(ident, str) or not EMAIL.fullmatch(ident):
        user = await resolve(view, "user", ident, "user", "body")
        return user, await view.value("user", user, "email"), ()
    email = ident.casefold()
    found = await view.find("user", "email", email)
    if found:
        return found[0]["gid"], email, ()
    user = gids.make()
    return user, email, (insert(USER, call, user, name=ident.partition("@")[0], email=email),)


INVITING = (
    Operation(
        id="addUserForWorkspace",
        method="POST",
        path="/workspaces/{workspace_gid}/addUser",
        run=_invited,
        deed="invite",
        kind="user",
        body=(ref("user", "user", required=True, about="Who is to come: a gid, an e-mail address or me."),),
        raw=True,  # an address that nobody has yet is an invitation, not a fault
        tag="Workspaces",
        about="Adds a person to a workspace and answers with their record; an unknown e-mail address makes a new user.",
    ),
)
