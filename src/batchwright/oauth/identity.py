"""OpenID Connect: who the user is, and where apps find out how to ask (contract/asana-behaviour.md, section 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from batchwright.engine.auth import identify
from batchwright.engine.limits import Limited, Limiter, Weight
from batchwright.model.calls import Reply
from batchwright.model.problems import RATE_LIMITED, Problem
from batchwright.model.scopes import EVERYTHING, OPENID, SCOPES
from batchwright.oauth.signing import ALGORITHM, Signer, claims_of, issuer
from batchwright.store.interface import Store

ONE = Weight(reads=1, writes=0)
LACKING = f"The following scopes must be present to fulfill this request: {OPENID}"


@dataclass(frozen=True)
class Identity:
    """What OpenID Connect adds to the API."""

    store: Store
    limiter: Limiter
    signer: Signer

    async def userinfo(self, authorization: str) -> Reply:
        """GET and POST /openid_connect/userinfo: what the token's scopes let its app know of the user."""
        try:
            caller = await identify(self.store, authorization)
            async with await self.limiter.take(caller.token, ONE):
                if caller.scopes is not None and OPENID not in caller.scopes:
                    raise Problem(403, LACKING, headers={"WWW-Authenticate": _challenge("insufficient_scope")})
                return Reply(200, await claims_of(self.store, caller.user, caller.scopes or (EVERYTHING,)))
        except Limited as refused:
            return Problem(429, RATE_LIMITED, headers={"Retry-After": str(refused.retry_after)}).reply()
        except Problem as problem:
            headers = {"WWW-Authenticate": _challenge("invalid_token")} if problem.status == 401 else problem.headers
            return Reply(problem.status, problem.reply().body, headers)

    async def keys(self, base: str) -> dict[str, Any]:
        """GET /openid_connect/jwks."""
        return await self.signer.public_keys()

    async def discovery(self, base: str) -> dict[str, Any]:
        """GET /.well-known/openid-configuration. base: the server's own URL."""
        who = issuer(base)
        return {
            "issuer": who,
            "authorization_endpoint": f"{base}/-/oauth_authorize",
            "token_endpoint": f"{base}/-/oauth_token",
            "revocation_endpoint": f"{base}/-/oauth_revoke",
            "userinfo_endpoint": f"{who}/openid_connect/userinfo",
            "jwks_uri": f"{who}/openid_connect/jwks",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code", "code id_token"],
            "response_modes_supported": ["query", "fragment"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "none"],
            "revocation_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "none"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "name", "email", "picture"],
            "authorization_response_iss_parameter_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }


def _challenge(error: str) -> str:
    return f'Bearer error="{error}"'
