"""Who is calling: a bearer token looked up by its digest, each time, so that one that was taken back opens nothing."""

from __future__ import annotations

import asyncio
from functools import lru_cache

import structlog

from batchwright.engine.tokens import ACCESS, PERSONAL, digest, genuine, make
from batchwright.model import moments, scopes
from batchwright.model.calls import Caller
from batchwright.model.changes import Changes, Conflict, Set
from batchwright.model.conditions import Reading
from batchwright.model.problems import unauthorized
from batchwright.store.interface import Open

__all__ = ["digest", "identify", "make_token"]

TOKENS = Reading("token", "digest", ("gid", "user", "expires_at", "used_at", "grant", "app", "scopes"))
USE_MS = 10 * 60_000  # how old what is known of a token's last use may be

log = structlog.get_logger("batchwright")
_noting: dict[int, asyncio.Task[None]] = {}  # held here: the loop forgets tasks that nobody holds


def make_token() -> str:
    """A fresh personal token."""
    return make(PERSONAL)


async def identify(store: Open, authorization: str) -> Caller:
    """The caller of an Authorization header. Raises Problem 401 for all but a known, unexpired bearer token.

    Limits are counted for the grant of an app and not for each of its tokens: it could get new ones without end.
    """
    scheme, _, rest = authorization.partition(" ")
    token = rest.strip()
    if scheme.lower() != "bearer" or not genuine(token, PERSONAL, ACCESS):
        raise unauthorized()
    key = digest(token)
    found = (await store.fetch(TOKENS, 0, (key,)))[key]
    if not found:
        raise unauthorized()
    gid, user, expires_at, used_at, grant, app, scopes = found[0]
    now = moments.now()
    if expires_at is not None and expires_at <= now:
        raise unauthorized()
    if used_at is None or used_at + USE_MS <= now:
        _note_use(store, gid, now)
    return Caller(user, str(grant or gid), allowed(scopes), str(app or ""))


@lru_cache(maxsize=1024)
def allowed(text: str | None) -> frozenset[str] | None:
    """What a token's scopes, as they are stored, allow; None for everything."""
    return None if text is None else scopes.allowed(text.split())


def _note_use(store: Open, gid: int, now: int) -> None:
    """Notes that a token is used, without keeping its call waiting."""
    if gid not in _noting:
        task = _noting[gid] = asyncio.create_task(_noted(store, gid, now))
        task.add_done_callback(lambda _: _noting.pop(gid, None))


async def _noted(store: Open, gid: int, now: int) -> None:
    try:
        await store.commit(Changes((Set("token", gid, {"used_at": now}),), 0, now))
    except Conflict:
        pass  # it was taken back meanwhile
    except Exception as problem:
        log.warning("a token's use was not noted", token=str(gid), reason=repr(problem))
