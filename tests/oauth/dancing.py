"""An app and a person going through the flow in process; the person's page is played by calling what it calls."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from tests.world import Client, World

from batchwright.oauth.authorizing import AuthorizationRequest, Authorizing, Redirect, Refused, Shown
from batchwright.oauth.registering import Apps
from batchwright.oauth.signing import Signer

BASE = "http://server.test"
BACK = "https://app.example/back"
OOB = "urn:ietf:wg:oauth:2.0:oob"


@dataclass(frozen=True)
class Verifier:
    """PKCE's secret and what is made of it."""

    secret: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def asked(self) -> dict[str, str]:
        """The parameters of a request."""
        digest = hashlib.sha256(self.secret.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return {"code_challenge": challenge, "code_challenge_method": "S256"}


@dataclass(frozen=True)
class Dance:
    """One app. post: its requests; ask, agree: what the person's browser does."""

    world: World
    client_id: str
    secret: str

    @property
    def proof(self) -> dict[str, str]:
        """How the app says who it is."""
        return {"client_id": self.client_id} | ({"client_secret": self.secret} if self.secret else {})

    @property
    def authorizing(self) -> Authorizing:
        """What the page calls."""
        return Authorizing(self.world.store, Signer(self.world.store))

    def query(self, **changed: Any) -> dict[str, str]:
        """The parameters of an authorization request; None leaves one out."""
        usual = {"client_id": self.client_id, "redirect_uri": BACK, "response_type": "code", "state": "s t&a=te"}
        return {name: value for name, value in (usual | changed).items() if value is not None}

    async def ask(self, **changed: Any) -> AuthorizationRequest | Refused | Redirect:
        """The request as the page gets it."""
        return await self.authorizing.check(self.query(**changed).items(), BASE)

    async def agree(self, person: Client | None = None, **changed: Any) -> Redirect | Shown:
        """The request, and the person's yes."""
        asked = await self.ask(**changed)
        assert isinstance(asked, AuthorizationRequest), asked
        answer = await self.authorizing.approve(asked, int((person or self.world.bob).gid), BASE)
        assert not isinstance(answer, Refused)
        return answer

    async def code(self, person: Client | None = None, **changed: Any) -> str:
        """A fresh code."""
        answer = await self.agree(person, **changed)
        return answer.code if isinstance(answer, Shown) else sent(answer)["code"]

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx2.Response:
        """A form."""
        return await self.world.bob.http.post(f"/-/oauth_{path}", data=fields, headers=headers)

    async def exchange(self, code: str, **changed: Any) -> httpx2.Response:
        """The code for tokens; None leaves a field out."""
        usual = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": code, **self.proof}
        return await self.post("token", {name: value for name, value in (usual | changed).items() if value is not None})

    async def tokens(self, person: Client | None = None, **changed: Any) -> dict[str, Any]:
        """All the way: what the token endpoint answers."""
        answer = await self.exchange(await self.code(person, **changed))
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def refresh(self, token: str, **changed: Any) -> httpx2.Response:
        """A refresh token for an access token."""
        return await self.post(
            "token", {"grant_type": "refresh_token", "refresh_token": token, **self.proof, **changed}
        )

    async def opens(self, access: str) -> int:
        """The status of a request with the access token."""
        headers = {"Authorization": f"Bearer {access}"}
        return (await self.world.bob.http.get("/api/1.0/users/me", headers=headers)).status_code


async def an_app(world: World, *uris: str, scopes: tuple[str, ...] = (), public: bool = False) -> Dance:
    """A registered app."""
    made = await Apps(world.store).create("Planner", uris or (BACK, OOB), scopes, public=public)
    return Dance(world, made["client_id"], made.get("client_secret", ""))


def sent(answer: object, part: str = "query") -> dict[str, str]:
    """What a redirect carries back to the app."""
    assert isinstance(answer, Redirect), answer
    pairs = parse_qsl(getattr(urlsplit(answer.url), part), keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)
