"""The revocation endpoint: apps take back what they were given (RFC 7009; contract/asana-behaviour.md, section 4.1)."""

from __future__ import annotations

from dataclasses import dataclass

from batchwright.engine.tokens import ACCESS, digest, genuine
from batchwright.model.calls import Reply
from batchwright.model.conditions import Join, Reading
from batchwright.oauth.clients import Clients
from batchwright.oauth.faults import Fault, Form, bad_grant, required
from batchwright.oauth.grants import Grants
from batchwright.store.interface import Store

READ = Reading("refresh_token", "digest", ("grant.gid", "grant.app"), joins=(Join("grant", "gid", "grant"),))


@dataclass(frozen=True)
class Revoking:
    """Takes tokens back."""

    store: Store
    clients: Clients
    grants: Grants

    async def revoke(self, form: Form, authorization: str, address: str, base: str) -> Reply:
        """POST /-/oauth_revoke: ends the grant of a refresh token. One that nobody knows is no fault."""
        try:
            app = await self.clients.authenticate(form, authorization, address)
            secret = required(form, "token")
            if genuine(secret, ACCESS):
                raise Fault("unsupported_token_type", "Only a refresh token can be revoked.")
            key = digest(secret)
            found = (await self.store.fetch(READ, 0, (key,)))[key]
            if any(owner != app.gid for _, owner in found):
                raise bad_grant("token")
            await self.grants.remove((grant for grant, _ in found), "revoked by the app")
            return Reply(200, {})
        except Fault as fault:
            return fault.reply()
