"""A browser for tests in process: it keeps cookies, reads forms and answers them; it follows nothing by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode

import httpx2
from tests.world import World

from batchwright.accounts import Accounts
from batchwright.engine.passwords import Passwords

LOGIN, ACCOUNT = "/-/login", "/-/account"
ANN, BOB = "ann@acme.example", "bob@acme.example"
SECRET = "correct horse battery"


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    text: str
    headers: httpx2.Headers

    @property
    def location(self) -> str:
        """Where it sends the browser; fails when it doesn't."""
        assert self.status == 303, self.text
        return self.headers["location"]

    @property
    def form_token(self) -> str:
        """What its forms carry."""
        return self.value("form_token")

    def value(self, name: str) -> str:
        """The value of the first field of this name."""
        found = re.search(rf'name="{name}" [^>]*?value="([^"]*)"', self.text)
        assert found, self.text
        return unescape(found[1])


@dataclass
class Browser:
    """One person's. cookies: by name, as a person may look at and change them."""

    http: httpx2.AsyncClient
    cookies: dict[str, str] = field(default_factory=dict)
    set_cookies: list[str] = field(default_factory=list)

    async def send(self, method: str, path: str, **rest: Any) -> Page:
        """A request."""
        self.http.cookies.clear()
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = ({"cookie": cookie.encode("latin-1")} if cookie else {}) | rest.pop("headers", {})
        response = await self.http.request(method, path, headers=headers, follow_redirects=False, **rest)
        for each in response.headers.get_list("set-cookie"):
            self.set_cookies.append(each)
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Page(response.status_code, response.text, response.headers)

    async def get(self, path: str) -> Page:
        """GET."""
        return await self.send("GET", path)

    async def post(self, path: str, **fields: str) -> Page:
        """POST a form."""
        return await self.send("POST", path, content=urlencode(fields), headers={"content-type": FORM})

    async def answer(self, page: Page, path: str, **fields: str) -> Page:
        """POST the form of a page."""
        return await self.post(path, form_token=page.form_token, **fields)

    async def sign_in(self, email: str = ANN, password: str = SECRET, going: str = "") -> Page:
        """From the form on."""
        page = await self.get(f"{LOGIN}?{urlencode({'next': going})}" if going else LOGIN)
        return await self.answer(page, LOGIN, email=email, password=password, next=page.value("next"))


FORM = "application/x-www-form-urlencoded"


async def with_passwords(world: World) -> Browser:
    """ann and bob can sign in; a browser that nobody is signed in with."""
    accounts, passwords = Accounts(world.store), Passwords()
    for email in (ANN, BOB):
        await accounts.set_password(email, SECRET, passwords)
    passwords.close()
    return Browser(world.ann.http)
