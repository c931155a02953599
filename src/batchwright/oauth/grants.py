"""What people let apps do: granted, told on the account page, ended. An ended grant is a removed row.

Codes, refresh tokens and access tokens belong to their grant, so they go in the same statement; and what is inserted
for a grant that has just gone is refused by the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from batchwright.model import gids, moments
from batchwright.model.changes import Changes, Remove
from batchwright.model.conditions import Compare, Query, equals
from batchwright.model.scopes import in_words
from batchwright.oauth.apps import names_of
from batchwright.store.interface import Store

log = structlog.get_logger("batchwright")


@dataclass(frozen=True, slots=True)
class Connected:
    """An app that a person let in. gid: the app's. words: what it may do, a line each. since: milliseconds."""

    gid: str
    name: str
    words: tuple[str, ...]
    since: int


@dataclass(frozen=True)
class Grants:
    """The grants of a store. Users and apps are named by their gids."""

    store: Store

    async def of(self, user: int) -> list[Connected]:
        """The apps that a person let in and that fetched what they were given, in the order of their names."""
        query = Query("grant", (equals("user", user), Compare("redeemed_at", "!=", None)), visible=False)
        rows = await self.store.select(query, 0, ("app", "scopes", "created_at"))
        scopes: dict[int, set[str]] = {}
        since: dict[int, int] = {}
        for *_, app, text, created_at in rows:
            scopes.setdefault(app, set()).update(text.split())
            since.setdefault(app, created_at)
        names = await names_of(self.store, scopes)
        apps = sorted(names, key=lambda app: (names[app].casefold(), app))
        return [Connected(str(app), names[app], in_words(scopes[app]), since[app]) for app in apps]

    async def end(self, user: int, app: str) -> bool:
        """Ends all that a person let an app (its gid) do, at once and everywhere; whether there was anything."""
        where = (equals("user", user), equals("app", gids.parse(app) or 0))
        rows = await self.store.select(Query("grant", where, visible=False), 0, ())
        await self.remove((row[0] for row in rows), "disconnected by the user")
        return bool(rows)

    async def remove(self, grants: Iterable[int], why: str) -> None:
        """Ends these grants, and tells the log why."""
        ended = tuple(Remove("grant", gid) for gid in grants)
        if ended:
            await self.store.commit(Changes(ended, 0, moments.now()))
        for each in ended:
            log.info("grant ended", grant=str(each.gid), reason=why)
