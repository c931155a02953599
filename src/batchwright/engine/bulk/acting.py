"""On whose behalf a job acts: as its caller may at this moment, or no longer."""

from __future__ import annotations

from batchwright.engine.auth import allowed
from batchwright.model import moments
from batchwright.model.calls import Caller
from batchwright.model.conditions import Reading
from batchwright.store.interface import Open

TOKEN = Reading("token", columns=("user", "expires_at", "scopes"))
GRANT = Reading("grant", columns=("user", "app", "scopes"))


async def acting_as(store: Open, holder: int) -> Caller | None:
    """The caller of a token, or of a grant whatever its tokens; None when it was taken back or has ended."""
    tokens, grants = store.fetch(TOKEN, 0, (holder,)), store.fetch(GRANT, 0, (holder,))
    for user, expires_at, scopes in (await tokens)[holder]:
        live = expires_at is None or expires_at > moments.now()
        return Caller(user, str(holder), allowed(scopes)) if live else None
    for user, app, scopes in (await grants)[holder]:
        return Caller(user, str(holder), allowed(scopes), str(app))
    return None
