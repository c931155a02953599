"""Requests to what is beside the API: the pages under /-/, the OAuth endpoints, the documents."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from html import unescape
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import httpx2

from fuzz.drawing import TEXTS
from fuzz.messages import Message, Sent, sound

FORM = (b"Content-Type", b"application/x-www-form-urlencoded")
EMAIL, PASSWORD = "ann@acme.example", "correct horse battery"
BACK = "https://app.example/back"
PAGES = ("login", "logout", "oauth_authorize", "account", "account/tokens", "account/tokens/revoke")
MORE = ("account/apps/revoke", "account/password", "console.css", "nowhere", "..", "")
DOCUMENTS = ("/docs", "/healthz", "/readyz", "/", "/favicon.ico", "/api", "/api/1.1/users/me", "/api/1.0/openapi.json")
WHO = ("/api/1.0/openid_connect/userinfo", "/api/1.0/openid_connect/jwks", "/api/1.0/.well-known/openid-configuration")
NAMES = (
    "form_token",
    "email",
    "next",
    "label",
    "lifetime",
    "gid",
    "new",
    "again",
    "answer",
    "everywhere",
    "\ud7ff",
    "",
)
GRANTS = ("authorization_code", "refresh_token", "password", "client_credentials", "")
ASKED = (
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "prompt",
    "response_mode",
)
WORDS = ("code", "code id_token", "token", "S256", "plain", "openid", "default", "login", "fragment", "allow", "deny")


@dataclass
class Visitor:
    """Somebody with a browser, who is signed in now and then, and with an app's secret."""

    chance: Random
    app: dict[str, Any]
    cookie: str = ""
    form_token: str = ""

    async def sign_in(self, http: httpx2.AsyncClient) -> None:
        """As a person does; where too many have tried, it stays as it is."""
        shown = await http.get("/-/login")
        token = re.findall(r'name="form_token" [^>]*?value="([^"]*)"', shown.text)
        if shown.status_code != 200 or not token:
            return
        form = {"form_token": unescape(token[0]), "email": EMAIL, "password": PASSWORD}
        answer = await http.post("/-/login", data=form)
        if answer.status_code == 303:
            self.cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
            shown = await http.get("/-/account")
            self.form_token = unescape(re.findall(r'name="form_token" [^>]*?value="([^"]*)"', shown.text)[0])
        http.cookies.clear()

    def page(self) -> Sent:
        """A page is asked for, or a form sent."""
        path = f"/-/{self.chance.choice((*PAGES, *PAGES, *MORE))}"
        known = {"form_token": self.form_token} if self.chance.randrange(3) else {}
        if path.endswith(("logout", "password")):
            known = {}  # the session is needed, and so is the password
        if path == "/-/oauth_authorize" or self.chance.randrange(8) == 0:
            path += "?" + self._query()
        return self._message("pages", path, known | self._fields(NAMES), (b"Cookie", self._cookie()))

    def oauth(self) -> Sent:
        """An app asks for tokens, or takes them back."""
        path = self.chance.choice(("/-/oauth_token", "/-/oauth_token", "/-/oauth_revoke", *WHO))
        proof = {"client_id": self.app["client_id"], "client_secret": self.app["client_secret"]}
        known = {
            "grant_type": self.chance.choice(GRANTS),
            "redirect_uri": BACK,
            "code": self._text(),
            "token": self._text(),
        }
        known |= {"refresh_token": self._text()} | (proof if self.chance.randrange(3) else {})
        given = {name: value for name, value in known.items() if self.chance.randrange(5)}
        return self._message("oauth", path, given | self._fields(("scope", "code_verifier")), self._authorization())

    def document(self) -> Sent:
        """What else there is."""
        return self._message("documents", self.chance.choice(DOCUMENTS), {}, (b"Accept", b"*/*"))

    def _message(self, sort: str, path: str, form: dict[str, str], header: tuple[bytes, bytes]) -> Sent:
        method = self.chance.choice((b"GET", b"POST", b"POST", b"POST", b"HEAD", b"PUT"))
        body = None if method in (b"GET", b"HEAD") else _encoded(form)
        if body is not None and self.chance.randrange(8) == 0:
            body = self.chance.choice(
                (b"&" * 5_000, b"a=%ff", b"\xff=\0", b"a=1&a=2", b"{}", b"x" * 70_000, body + body)
            )
        kind = FORM if self.chance.randrange(10) else (b"Content-Type", b"application/json")
        headers = ((b"Host", b"fuzz.test"), kind, header)
        return sound(sort, Message(method, path.encode("ascii", "replace"), headers, body))

    def _query(self) -> str:
        known = {"client_id": self.app["client_id"], "redirect_uri": BACK, "response_type": "code"}
        given = {name: value for name, value in known.items() if self.chance.randrange(8)} | self._fields(ASKED)
        return _encoded(given).decode()

    def _fields(self, names: tuple[str, ...]) -> dict[str, str]:
        chosen = self.chance.sample(names, self.chance.randrange(len(names)))
        return {name: self._text() for name in chosen}

    def _text(self) -> str:
        return self.chance.choice((*WORDS, *TEXTS))[:2_000]

    def _cookie(self) -> bytes:
        odd = ("", "session=", self.cookie[:-3] + "abc", "session=" + "\xff" * 50, "; ".join(["a=b"] * 200))
        return (self.cookie if self.chance.randrange(4) else self.chance.choice(odd)).encode("latin-1", "replace")

    def _authorization(self) -> tuple[bytes, bytes]:
        pair = f"{quote(self.app['client_id'])}:{self.app['client_secret']}".encode()
        sent = (
            b"Basic " + base64.b64encode(pair),
            b"Basic " + base64.b64encode(b"\xff:\xff"),
            b"Basic !",
            b"Bearer x",
            b"",
        )
        return b"Authorization", self.chance.choice(sent)


def _encoded(form: dict[str, str]) -> bytes:
    return urlencode(form, errors="surrogatepass").encode()
