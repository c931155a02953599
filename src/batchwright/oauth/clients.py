"""Which app is calling: by HTTP Basic or by fields of the form, within its limits."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_plus

from batchwright.engine.limits import Limited, Limiter, Weight
from batchwright.engine.tokens import same
from batchwright.oauth.apps import App, find_app
from batchwright.oauth.faults import Fault, Form
from batchwright.store.interface import Store

ONE = Weight(reads=0, writes=1)
BASIC = 'Basic realm="oauth"'


@dataclass(frozen=True)
class Clients:
    """Authenticates apps.

    What is tried from one address is counted apart from what the app does, so that nobody can use up an app's limits
    without its secret.
    """

    store: Store
    limiter: Limiter

    async def authenticate(self, form: Form, authorization: str, address: str) -> App:
        """The app, proven by its secret if it has one. Raises Fault 400, 401, 429."""
        client_id, secret = _given(form, authorization)
        app = await find_app(self.store, client_id)
        await self._count(f"oauth {app.gid if app else ''} {address}")
        if app is None or not _proven(app, secret):
            raise Fault("invalid_client", "The client could not be authenticated.", 401, WWW_Authenticate=BASIC)
        await self._count(f"oauth {app.gid}")
        return app

    async def _count(self, whose: str) -> None:
        try:
            lease = await self.limiter.take(whose, ONE)
        except Limited as refused:
            told = "Too many requests. Please retry after the given amount of time."
            raise Fault("temporarily_unavailable", told, 429, Retry_After=str(refused.retry_after)) from None
        await lease.release()


def _proven(app: App, secret: str) -> bool:
    return same(secret, app.secret_digest) if app.confidential else not secret


def _given(form: Form, authorization: str) -> tuple[str, str]:
    """The client's id and secret."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "basic":
        return client_id, secret
    told = _decoded(rest.strip())
    if secret or client_id not in ("", told[0]):
        raise Fault("invalid_request", "The client gives its credentials in two ways.")
    return told


def _decoded(text: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)
