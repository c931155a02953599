"""OAuth clients that others wrote, unmodified, against the real server; the person's yes is what their page calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import asana
import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet
from oauthlib.oauth2 import InvalidGrantError
from requests_oauthlib import OAuth2Session
from tests.server.running import Running, running

from batchwright import app
from batchwright.oauth.authorizing import AuthorizationRequest, Authorizing, Redirect
from batchwright.oauth.signing import Signer
from batchwright.settings import Settings

BACK = "https://app.example/back"
SCOPES = ["openid", "email", "users:read", "workspaces:read"]


@pytest.fixture(autouse=True)
def _http_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


def registered(server: Running, *, public: bool = False) -> dict[str, Any]:
    """A new app."""
    return asyncio.run(app.create_app(Settings(db=str(server.db)), "Planner", [BACK], public=public))


def agreed(server: Running, url: str) -> str:
    """Where ann's browser is sent back to once she said yes to what the URL asks."""

    async def agree() -> str:
        store = app.open_store(Settings(db=str(server.db)))
        try:
            authorizing = Authorizing(store, Signer(store))
            asked = await authorizing.check(parse_qsl(urlsplit(url).query), server.url)
            assert isinstance(asked, AuthorizationRequest), asked
            answer = await authorizing.approve(asked, int(server.user), server.url)
            assert isinstance(answer, Redirect)
            return answer.url
        finally:
            await store.close()

    assert url.startswith(f"{server.url}/-/oauth_authorize?")
    return asyncio.run(agree())


def test_requests_oauthlib_goes_all_the_way(server: Running) -> None:
    made = registered(server)
    fresh: list[dict[str, Any]] = []
    session = OAuth2Session(
        made["client_id"],
        redirect_uri=BACK,
        scope=SCOPES,
        pkce="S256",
        auto_refresh_url=f"{server.url}/-/oauth_token",
        auto_refresh_kwargs={"client_id": made["client_id"], "client_secret": made["client_secret"]},
        token_updater=fresh.append,
    )
    with session:
        url, _ = session.authorization_url(f"{server.url}/-/oauth_authorize")
        token = session.fetch_token(
            f"{server.url}/-/oauth_token",
            authorization_response=agreed(server, url),
            client_secret=made["client_secret"],
        )
        me = f"{server.url}/api/1.0/users/me"
        assert session.get(me).json()["data"]["gid"] == server.user
        assert session.get(f"{server.url}/api/1.0/tasks/1").status_code == 403
        session.token = {**token, "expires_at": 1}
        assert session.get(me).json()["data"]["gid"] == server.user
        assert fresh[0]["access_token"] != token["access_token"]
        assert fresh[0]["refresh_token"] == token["refresh_token"]


def test_requests_oauthlib_understands_what_is_wrong(server: Running) -> None:
    made = registered(server)
    with OAuth2Session(made["client_id"], redirect_uri=BACK) as session:
        url, _ = session.authorization_url(f"{server.url}/-/oauth_authorize")
        back = agreed(server, url)
        fetch: Callable[..., Any] = session.fetch_token
        fetch(f"{server.url}/-/oauth_token", authorization_response=back, client_secret=made["client_secret"])
        with pytest.raises(InvalidGrantError):
            fetch(f"{server.url}/-/oauth_token", authorization_response=back, client_secret=made["client_secret"])


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post", "none"])
def test_authlib_goes_all_the_way_by_discovery(server: Running, way: str) -> None:
    made = registered(server, public=way == "none")
    with AuthlibSession(
        made["client_id"],
        made.get("client_secret"),
        token_endpoint_auth_method=way,
        revocation_endpoint_auth_method=way,
        scope=" ".join(SCOPES),
        redirect_uri=BACK,
        code_challenge_method="S256",
    ) as session:
        found = session.get(f"{server.url}/api/1.0/.well-known/openid-configuration", withhold_token=True).json()
        verifier = "v" * 64
        url, state = session.create_authorization_url(
            found["authorization_endpoint"], code_verifier=verifier, nonce="n1"
        )
        assert f"code_challenge={create_s256_code_challenge(verifier)}" in url
        token = session.fetch_token(
            found["token_endpoint"], authorization_response=agreed(server, url), state=state, code_verifier=verifier
        )
        keys = KeySet.import_key_set(session.get(found["jwks_uri"], withhold_token=True).json())
        claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
        assert (claims["sub"], claims["nonce"], claims["iss"]) == (server.user, "n1", found["issuer"])
        assert session.get(found["userinfo_endpoint"]).json() == {"sub": server.user, "email": "ann@acme.example"}
        renewed = session.refresh_token(found["token_endpoint"], token["refresh_token"])
        assert renewed["access_token"] != token["access_token"]
        assert session.revoke_token(found["revocation_endpoint"], token["refresh_token"]).status_code == 200
        assert session.get(found["userinfo_endpoint"]).status_code == 401


def test_asanas_sdk_takes_the_access_token(server: Running) -> None:
    made = registered(server)
    with OAuth2Session(made["client_id"], redirect_uri=BACK) as session:
        url, _ = session.authorization_url(f"{server.url}/-/oauth_authorize")
        told = session.fetch_token(
            f"{server.url}/-/oauth_token",
            authorization_response=agreed(server, url),
            client_secret=made["client_secret"],
        )
    client = server.client(access_token=told["access_token"])
    assert asana.UsersApi(client).get_user("me", {})["gid"] == told["data"]["gid"] == server.user
    client.rest_client.pool_manager.clear()


def test_a_token_that_is_taken_back_is_gone_in_every_worker(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(tmp_path_factory.mktemp("workers"), workers=2) as server:
        made = registered(server)
        with OAuth2Session(made["client_id"], redirect_uri=BACK) as session:
            url, _ = session.authorization_url(f"{server.url}/-/oauth_authorize")
            token = session.fetch_token(
                f"{server.url}/-/oauth_token",
                authorization_response=agreed(server, url),
                client_secret=made["client_secret"],
            )
            headers, me = {"Connection": "close"}, f"{server.url}/api/1.0/users/me"
            assert [session.get(me, headers=headers).status_code for _ in range(6)] == [200] * 6
            keys = {session.get(f"{server.url}/api/1.0/openid_connect/jwks", headers=headers).text for _ in range(6)}
            assert len(keys) == 1
            fields = {"token": token["refresh_token"], "client_id": made["client_id"]}
            fields["client_secret"] = made["client_secret"]
            assert session.post(f"{server.url}/-/oauth_revoke", data=fields, withhold_token=True).status_code == 200
            assert [session.get(me, headers=headers).status_code for _ in range(6)] == [401] * 6
