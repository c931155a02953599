"""ID tokens: statements of who a person is, signed with a key that the database keeps for all processes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey

from batchwright.engine.replies import BASE_PATH
from batchwright.model import moments
from batchwright.model.calls import Caller
from batchwright.model.changes import Changes, Conflict
from batchwright.model.conditions import Reading
from batchwright.model.scopes import EMAIL, EVERYTHING, PROFILE
from batchwright.steps.writing import fresh
from batchwright.store.interface import Store
from batchwright.store.views import Committed

ALGORITHM = "RS256"
BITS = 2048
ID_TOKEN_SECONDS = 3600
STORED = Reading("signing_key", "algorithm", ("private",))


def issuer(base: str) -> str:
    """Who we say we are, at the server's own URL."""
    return base + BASE_PATH


@dataclass(frozen=True)
class Signer:
    """Signs for all processes of a database."""

    store: Store

    async def id_token(
        self,
        app: int,
        user: int,
        scopes: Iterable[str],
        base: str,
        *,
        nonce: str | None = None,
        c_hash: str = "",
        at_hash: str = "",
    ) -> str:
        """A signed statement to an app of who the user is. c_hash, at_hash: the code, the access token it came with."""
        now = moments.now() // 1000
        claims: dict[str, Any] = {"iss": issuer(base), "aud": str(app), "iat": now, "exp": now + ID_TOKEN_SECONDS}
        claims |= await claims_of(self.store, user, scopes)
        given = {"nonce": nonce, "c_hash": c_hash and _half(c_hash), "at_hash": at_hash and _half(at_hash)}
        claims |= {name: value for name, value in given.items() if value}
        key = await self._key()
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])

    async def public_keys(self) -> dict[str, Any]:
        """What the signatures are checked with: a JSON Web Key Set."""
        key = await self._key()
        return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}]}

    async def _key(self) -> RSAKey:
        """The database's key, made when it is first needed; of two that are made at once, the first counts."""
        while not (found := (await self.store.fetch(STORED, 0, (ALGORITHM,)))[ALGORITHM]):
            made = await asyncio.to_thread(RSAKey.generate_key, BITS, private=True, auto_kid=True)
            text = msgspec.json.encode(made.as_dict(private=True)).decode()
            now = moments.now()
            row = fresh(self.store.kinds["signing_key"], now, None, algorithm=ALGORITHM, private=text)
            try:
                await self.store.commit(Changes((row,), 0, now))
            except Conflict:
                continue
        return RSAKey.import_key(msgspec.json.decode(found[0][0]))


async def claims_of(store: Store, user: int, scopes: Iterable[str]) -> dict[str, Any]:
    """What the scopes let an app know of a person, as OpenID Connect names it. Raises Problem 404."""
    held = set(scopes)
    row = await Committed(store, Caller(0, "")).row("user", user, "name", "email", "photo")
    claims: dict[str, Any] = {"sub": str(user)}
    if held & {EMAIL, EVERYTHING}:
        claims |= {"email": row["email"]}
    if held & {PROFILE, EVERYTHING}:
        claims |= {"name": row["name"], "picture": _picture(row["photo"])}
    return {name: value for name, value in claims.items() if value is not None}


def _picture(photo: str | None) -> str | None:
    """The address of the photo of 128 pixels."""
    sizes = msgspec.json.decode(photo) if photo else None
    return sizes.get("image_128x128") if isinstance(sizes, dict) else None


def _half(secret: str) -> str:
    """The left half of a SHA-256, as OpenID Connect binds a token to what it came with."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode("ascii")).digest()[:16]).decode().rstrip("=")
