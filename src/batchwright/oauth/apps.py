"""Apps as OAuth knows them, and where it may send people back to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from batchwright.model import gids
from batchwright.model.conditions import Reading
from batchwright.model.scopes import EVERYTHING
from batchwright.store.interface import Store

OOB = "urn:ietf:wg:oauth:2.0:oob"  # no address: the code is shown to the person, who carries it over
LOOPBACK = ("localhost", "127.0.0.1", "::1")
READ = Reading("app", columns=("name", "confidential", "secret_digest", "redirect_uris", "scopes"))


@dataclass(frozen=True, slots=True)
class App:
    """An app. gid: its client id. redirect_uris: where people may be sent back to, exactly. scopes: what it may ask."""

    gid: int
    name: str
    confidential: bool
    secret_digest: str
    redirect_uris: tuple[str, ...]
    scopes: frozenset[str]

    def may_ask(self, scope: str) -> bool:
        """Whether it was registered with this scope, or with all."""
        return scope in self.scopes or EVERYTHING in self.scopes


async def find_app(store: Store, client_id: str) -> App | None:
    """The app of a client id."""
    gid = gids.parse(client_id)
    found = (await store.fetch(READ, 0, (gid,)))[gid] if gid is not None else []
    return app_of(gid, found[0]) if gid is not None and found else None


async def names_of(store: Store, apps: Iterable[int]) -> dict[int, str]:
    """The names of those of the apps that exist."""
    found = await store.fetch(Reading("app", columns=("name",)), 0, apps)
    return {gid: rows[0][0] for gid, rows in found.items() if rows}


def app_of(gid: int, row: tuple[str, bool, str, str, str]) -> App:
    """The app of a row's columns as `READ` names them."""
    name, confidential, secret_digest, redirect_uris, scopes = row
    uris = tuple(msgspec.json.decode(redirect_uris, type=list[str]))
    return App(gid, name, bool(confidential), secret_digest, uris, frozenset(scopes.split()))


def good_redirect(uri: str) -> bool:
    """Whether an app may be registered with it: https, http to the same machine, or the code shown to the person."""
    if uri == OOB:
        return True
    if not uri.isascii() or not uri.isprintable() or any(each in uri for each in ' "<>\\^`{|}#'):
        return False
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
