"""Who is calling: a bearer token looked up by its digest. Only digests are ever stored."""

from __future__ import annotations

import hashlib
import secrets

from batchwright.model import moments
from batchwright.model.calls import Caller
from batchwright.model.conditions import Reading
from batchwright.model.problems import unauthorized
from batchwright.store.interface import Store

TOKENS = Reading("token", "digest", ("gid", "user", "expires_at"))


def make_token() -> str:
    """A fresh token; 192 random bits."""
    return f"bwt_{secrets.token_urlsafe(24)}"


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def identify(store: Store, authorization: str) -> Caller:
    """The caller of an Authorization header. Raises Problem 401 for all but a known, unexpired bearer token."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized()
    key = digest(token.strip())
    found = (await store.fetch(TOKENS, 0, (key,)))[key]
    if not found:
        raise unauthorized()
    gid, user, expires_at = found[0]
    if expires_at is not None and expires_at <= moments.now():
        raise unauthorized()
    return Caller(user, str(gid))
