"""The pages in a real Chromium, against the real server: a person lets an app in, and can use all of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests import chromium
from tests.server.running import API, Running, running

from batchwright import app
from batchwright.settings import Settings

EMAIL, SECRET = "ann@acme.example", "correct horse battery"  # with which one may sign in five times a minute
LOOKS = [(width, scheme) for width in (320, 390, 1280) for scheme in ("light", "dark")]
LOOK = Path(__file__).with_name("looking.js").read_text("utf-8")

pytestmark = pytest.mark.skipif(not chromium.program(), reason=chromium.MISSING)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server on which ann has a password."""
    with running(tmp_path_factory.mktemp("pages")) as started:
        asyncio.run(app.set_password(Settings(db=str(started.db)), EMAIL, SECRET))
        yield started


@pytest.fixture(scope="module")
def browser(server: Running) -> Iterator[Browser]:
    """Chromium. As long as it runs, playwright's loop is this thread's, so it starts after the server."""
    with chromium.browser() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has been nowhere yet, and runs no scripts of pages."""
    made = browser.new_context(java_script_enabled=False)
    yield made
    made.close()


@dataclass
class Client:
    """An app: a server of its own to which people are sent back, and what it knows of ours."""

    server: Running
    url: str
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def proof(self) -> dict[str, str]:
        """How it says who it is."""
        return {"client_id": self.made["client_id"], "client_secret": self.made["client_secret"]}

    def asking(self, **more: str) -> str:
        """Where it sends people."""
        given = {"client_id": self.made["client_id"], "redirect_uri": f"{self.url}/back", "response_type": "code"}
        return f"{self.server.url}/-/oauth_authorize?{urlencode(given | {'state': 'a b&c'} | more)}"

    def token(self, **form: str) -> dict[str, Any]:
        """What POST /-/oauth_token answers."""
        answer = httpx2.post(f"{self.server.url}/-/oauth_token", data=self.proof | form)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def exchange(self, page: Page) -> dict[str, Any]:
        """Tokens for the code that a page was sent back with."""
        told = parse_qs(urlsplit(page.url).query)
        assert told["state"] == ["a b&c"]
        return self.token(grant_type="authorization_code", redirect_uri=f"{self.url}/back", code=told["code"][0])

    def calls(self, access: str) -> int:
        """What a call of the API is answered."""
        headers = {"authorization": f"Bearer {access}"}
        return httpx2.get(f"{self.server.url}{API}/users/me", headers=headers).status_code


class Back(BaseHTTPRequestHandler):
    """The app's own pages; /frame shows what it is told to in a frame."""

    def do_GET(self) -> None:
        """A page."""
        framed = parse_qs(urlsplit(self.path).query).get("url", [""])[0] if self.path.startswith("/frame") else ""
        content = f'<h1>Back at the app</h1><iframe src="{framed}"></iframe>'.encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody wants to know."""


@contextmanager
def serving() -> Iterator[str]:
    """The app's server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Back) as http:
        threading.Thread(target=partial(http.serve_forever, poll_interval=0.01), daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


@pytest.fixture
def client(server: Running) -> Iterator[Client]:
    """An app that is registered."""
    with serving() as url:
        uris = [f"{url}/back", "urn:ietf:wg:oauth:2.0:oob"]
        settings = Settings(db=str(server.db))
        with ThreadPoolExecutor(1) as aside:
            made = aside.submit(asyncio.run, app.create_app(settings, "Kestrel Sync", uris)).result()
        yield Client(server, url, made)


def sign_in(page: Page) -> None:
    """As a person does, by keys alone: the first field has the focus, as soon as the page is drawn."""
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(SECRET)
    page.keyboard.press("Enter")


def test_a_person_lets_an_app_in_and_ends_it(client: Client, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(client.asking())
    expect(page.get_by_text("to go on to Kestrel Sync")).to_be_visible()
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Let Kestrel Sync act for you?")
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.get_by_role("heading")).to_have_text("Back at the app")

    tokens = client.exchange(page)
    assert client.calls(tokens["access_token"]) == 200
    again = client.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert client.calls(again["access_token"]) == 200
    form = client.proof | {"token": tokens["refresh_token"]}
    assert httpx2.post(f"{client.server.url}/-/oauth_revoke", data=form).status_code == 200
    assert client.calls(again["access_token"]) == 401

    page.goto(client.asking(scope="users:read"))
    page.get_by_role("button", name="Allow", exact=True).click()
    tokens = client.exchange(page)
    assert client.calls(tokens["access_token"]) == 200
    page.goto(f"{client.server.url}/-/account")
    page.get_by_text("Disconnect Kestrel Sync").click()
    page.get_by_role("button", name="Disconnect it").click()
    expect(page.get_by_role("status")).to_contain_text("The app was disconnected")
    assert client.calls(tokens["access_token"]) == 401


def test_a_person_says_no_or_takes_the_code_along(client: Client, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(client.asking())
    sign_in(page)
    page.get_by_role("button", name="Don't allow").click()
    expect(page.get_by_role("heading")).to_have_text("Back at the app")
    assert parse_qs(urlsplit(page.url).query)["error"] == ["access_denied"]

    oob = "urn:ietf:wg:oauth:2.0:oob"
    page.goto(client.asking(redirect_uri=oob))
    page.get_by_role("button", name="Allow", exact=True).click()
    code = page.get_by_label("The code").input_value()
    tokens = client.token(grant_type="authorization_code", redirect_uri=oob, code=code)
    assert client.calls(tokens["access_token"]) == 200


def test_a_person_makes_a_token_and_revokes_it(client: Client, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{client.server.url}/-/account")
    sign_in(page)
    page.get_by_label("Label").fill("nightly export")
    page.get_by_role("button", name="Make the token").click()
    token = page.get_by_label("The token", exact=True).input_value()
    assert client.calls(token) == 200
    page.get_by_text("Revoke the token nightly export").click()
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_role("status")).to_contain_text("The token was revoked")
    assert client.calls(token) == 401
    page.get_by_role("button", name="Sign out everywhere").click()
    page.goto(f"{client.server.url}/-/account")
    expect(page.get_by_role("heading")).to_have_text("Sign in")


def test_no_other_site_frames_the_pages(client: Client, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{client.url}/frame?{urlencode({'url': client.server.url + '/-/login'})}")
    assert page.frames[1].url.startswith("chrome-error:")
    assert page.frame_locator("iframe").get_by_role("heading").count() == 0


def test_pages_can_be_read_and_used_everywhere(client: Client, browser: Browser) -> None:
    """Contrast as WCAG's AA asks, targets large enough, nothing cut off; `looking.js` tells what isn't so."""
    context = browser.new_context()
    page = context.new_page()
    account = f"{client.server.url}/-/account"

    def look(name: str) -> None:
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            assert page.evaluate(LOOK) == [], (name, width, scheme)

    page.goto(client.asking())
    look("login")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_focused()
    look("login with faults")
    page.get_by_role("link", name="Enter your e-mail address.").click()
    expect(page.get_by_label("E-mail address")).to_be_focused()
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Let Kestrel Sync act for you?")
    look("consent")
    page.goto(account)
    page.get_by_label("Label").fill("x" * 100)
    page.get_by_role("button", name="Make the token").click()
    page.get_by_text("Revoke the token").first.click()
    look("account with a token")
    page.get_by_role("button", name="Make the token").click()
    look("account with faults")
    page.goto(f"{account}?done=revoked")
    look("account, done")
    page.goto(client.asking(client_id="12"))
    look("refused")
    context.close()
