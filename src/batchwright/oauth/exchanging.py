"""The token endpoint: a code, or a refresh token, for an access token (contract/asana-behaviour.md, section 4.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

import structlog

from batchwright.engine.tokens import ACCESS, CODE, REFRESH, digest, genuine, make
from batchwright.model import moments
from batchwright.model.calls import Caller, Reply
from batchwright.model.changes import Change, Changes, Conflict, Remove, Set
from batchwright.model.conditions import Compare, Join, Query, Reading, equals
from batchwright.model.scopes import OPENID
from batchwright.oauth.apps import App
from batchwright.oauth.clients import Clients
from batchwright.oauth.faults import Fault, Form, bad_grant, required
from batchwright.oauth.grants import Grants
from batchwright.oauth.signing import Signer
from batchwright.steps.writing import fresh
from batchwright.store.interface import Store
from batchwright.store.views import Committed

ACCESS_SECONDS = 3600
ATTEMPTS = 5
GRANT = ("grant.gid", "grant.user", "grant.app", "grant.scopes", "grant.redeemed_at")
TERMS = ("redirect_uri", "challenge", "nonce", "expires_at")
BY_CODE = Reading("authorization_code", "digest", (*GRANT, *TERMS), joins=(Join("grant", "gid", "grant"),))
BY_REFRESH = Reading("refresh_token", "digest", GRANT, joins=(Join("grant", "gid", "grant"),))
_VERIFIER = re.compile(r"[0-9A-Za-z._~-]{43,128}")

log = structlog.get_logger("batchwright")


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant's row."""

    gid: int
    user: int
    app: int
    scopes: str
    redeemed_at: int | None


@dataclass(frozen=True)
class Exchanging:
    """Gives tokens to apps."""

    store: Store
    clients: Clients
    grants: Grants
    signer: Signer

    async def token(self, form: Form, authorization: str, address: str, base: str) -> Reply:
        """POST /-/oauth_token. address: the client's; base: the server's own URL."""
        try:
            app = await self.clients.authenticate(form, authorization, address)
            sort = required(form, "grant_type")
            ways = {"authorization_code": self._by_code, "refresh_token": self._by_refresh}
            if sort not in ways:
                raise Fault("unsupported_grant_type", "grant_type must be `authorization_code` or `refresh_token`.")
            for _ in range(ATTEMPTS):
                try:
                    return Reply(200, await ways[sort](app, form, base))
                except Conflict:
                    continue
            raise Fault("temporarily_unavailable", "The grant is being changed by others.", 503)
        except Fault as fault:
            return fault.reply()

    async def _by_code(self, app: App, form: Form, base: str) -> dict[str, Any]:
        code, uri = required(form, "code"), required(form, "redirect_uri")
        grant, terms = await self._known(BY_CODE, code, CODE, app, "code")
        if grant.redeemed_at is not None:
            await self.grants.remove((grant.gid,), "a code was used twice")
            raise bad_grant("code")
        redirect_uri, challenge, nonce, expires_at = terms
        now = moments.now()
        if expires_at <= now:
            raise bad_grant("code")
        if uri != redirect_uri:
            raise bad_grant("redirect_uri")
        if not _verified(challenge, form.get("code_verifier", ""), app):
            raise bad_grant("code_verifier")
        refresh = make(REFRESH)
        redeemed = Set("grant", grant.gid, {"redeemed_at": now}, expect={"redeemed_at": None})
        kept = fresh(self.store.kinds["refresh_token"], now, None, grant=grant.gid, digest=digest(refresh))
        answer = await self._issue(grant, grant.scopes, (redeemed, kept))
        answer["refresh_token"] = refresh
        if OPENID in grant.scopes.split():
            answer["id_token"] = await self.signer.id_token(
                app.gid, grant.user, grant.scopes.split(), base, nonce=nonce, at_hash=answer["access_token"]
            )
        return answer

    async def _by_refresh(self, app: App, form: Form, base: str) -> dict[str, Any]:
        refresh = required(form, "refresh_token")
        grant, _ = await self._known(BY_REFRESH, refresh, REFRESH, app, "refresh_token")
        scopes = form.get("scope", "").split() or grant.scopes.split()
        if not set(scopes) <= set(grant.scopes.split()):
            raise Fault("invalid_scope", "The scope goes beyond what the user allowed.")
        expired = (equals("grant", grant.gid), Compare("expires_at", "<", moments.now()))
        rows = await self.store.select(Query("token", expired, visible=False), 0, ())
        return await self._issue(grant, " ".join(scopes), tuple(Remove("token", row[0]) for row in rows))

    async def _known(
        self, reading: Reading, secret: str, sort: str, app: App, what: str
    ) -> tuple[Granted, tuple[Any, ...]]:
        """The grant that a secret of this app's stands for, and what else the reading gives."""
        key = digest(secret)
        found = (await self.store.fetch(reading, 0, (key,)))[key] if genuine(secret, sort) else []
        if not found:
            raise bad_grant(what)
        grant = Granted(*found[0][: len(GRANT)])
        if grant.app != app.gid:
            log.warning("an app came with what is another's", what=what, app=str(app.gid), grant=str(grant.gid))
            raise bad_grant(what)
        return grant, found[0][len(GRANT) :]

    async def _issue(self, grant: Granted, scopes: str, changes: tuple[Change, ...]) -> dict[str, Any]:
        """A new access token, once the changes are written with it. Raises Conflict when the grant has ended."""
        access, now = make(ACCESS), moments.now()
        found = await Committed(self.store, Caller(0, "")).rows("user", (grant.user,), "name", "email")
        if not found:
            raise Conflict("the user has gone, and the grant with them")
        token = fresh(
            self.store.kinds["token"],
            now,
            None,
            user=grant.user,
            digest=digest(access),
            grant=grant.gid,
            app=grant.app,
            scopes=scopes,
            expires_at=now + ACCESS_SECONDS * 1000,
        )
        await self.store.commit(Changes((*changes, token), 0, now))
        gid = str(grant.user)
        return {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": ACCESS_SECONDS,
            "data": {"id": gid, "gid": gid, **found[grant.user]},
        }


def _verified(challenge: str, verifier: str, app: App) -> bool:
    """PKCE: a challenge needs its verifier, a verifier its challenge; an app without a secret needs both."""
    if not challenge:
        return app.confidential and not verifier
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return hmac.compare_digest(made, challenge)
