"""Apps as whoever keeps the server registers them: made, listed, given a new secret, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from batchwright.engine.tokens import CLIENT_SECRET, digest, make
from batchwright.model import moments
from batchwright.model.changes import Change, Changes, Conflict, Remove, Set
from batchwright.model.conditions import Query
from batchwright.model.scopes import EVERYTHING, SCOPES
from batchwright.oauth.apps import READ, App, app_of, find_app, good_redirect
from batchwright.steps.writing import fresh
from batchwright.store.interface import Store

LONGEST_NAME = 100


class BadApp(Exception):
    """What was asked for can't be done; the message is one line for the person who asked."""


@dataclass(frozen=True)
class Apps:
    """The apps of a store, managed on the server's own behalf."""

    store: Store

    async def create(
        self, name: str, redirect_uris: Sequence[str], scopes: Sequence[str] = (), *, public: bool = False
    ) -> dict[str, Any]:
        """A new app: its client id, and its secret, told this once. scopes: what it may ask for (none: everything).

        public: it can't keep a secret, so it has none and must use PKCE. Raises BadApp.
        """
        uris, asked = tuple(dict.fromkeys(redirect_uris)), tuple(dict.fromkeys(scopes)) or (EVERYTHING,)
        _check(name, uris, asked)
        secret, now = make(CLIENT_SECRET), moments.now()
        made = fresh(
            self.store.kinds["app"],
            now,
            None,
            name=name.strip(),
            confidential=not public,
            secret_digest="" if public else digest(secret),
            redirect_uris=msgspec.json.encode(uris).decode(),
            scopes=" ".join(asked),
        )
        await self._commit(made)
        told = _shown(app_of(made.gid, tuple(made.values[column] for column in READ.columns)))
        return told if public else told | {"client_secret": secret}

    async def listed(self) -> list[dict[str, Any]]:
        """All apps, the oldest first, without their secrets."""
        rows = await self.store.select(Query("app", visible=False), 0, READ.columns)
        return [_shown(app_of(row[0], row[2:])) for row in rows]

    async def rotate(self, client_id: str) -> str:
        """A new secret, told this once; the old one is good for nothing from now on. Raises BadApp."""
        app = await self._known(client_id)
        if not app.confidential:
            raise BadApp(f"the app {client_id} is public: it has no secret")
        secret = make(CLIENT_SECRET)
        await self._commit(Set("app", app.gid, {"secret_digest": digest(secret)}))
        return secret

    async def delete(self, client_id: str) -> None:
        """Ends the app and all that people let it do. Raises BadApp."""
        await self._commit(Remove("app", (await self._known(client_id)).gid))

    async def _known(self, client_id: str) -> App:
        app = await find_app(self.store, client_id)
        if app is None:
            raise BadApp(f"no app has the client id {client_id}")
        return app

    async def _commit(self, change: Change) -> None:
        try:
            await self.store.commit(Changes((change,), 0, moments.now()))
        except Conflict:
            raise BadApp("the app has been deleted meanwhile") from None


def _check(name: str, uris: Sequence[str], scopes: Sequence[str]) -> None:
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise BadApp(f"an app needs a name of at most {LONGEST_NAME} characters")
    if not uris:
        raise BadApp("an app needs at least one redirect URI")
    for uri in uris:
        if not good_redirect(uri):
            raise BadApp(f"not a redirect URI (https, or http on this machine, without a fragment): {uri}")
    for scope in scopes:
        if scope not in SCOPES:
            raise BadApp(f"there is no scope {scope}: there are {', '.join(SCOPES)}")


def _shown(app: App) -> dict[str, Any]:
    return {
        "client_id": str(app.gid),
        "gid": str(app.gid),
        "name": app.name,
        "confidential": app.confidential,
        "redirect_uris": list(app.redirect_uris),
        "scopes": sorted(app.scopes),
    }
