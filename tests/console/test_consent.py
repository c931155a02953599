"""The page on which an app is let in or not; what comes of it is for tests/oauth."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from tests.console.browser import ANN, BOB, LOGIN, SECRET, Browser, Page
from tests.world import World

from batchwright.model import moments
from batchwright.model.conditions import Query
from batchwright.oauth.apps import OOB
from batchwright.resources.apps import APP

BACK = "https://kestrel.example/callback"
LOOPBACK = "http://[::1]:8000/callback"
POISONED = "https://kestrel.example;sandbox;x/callback"
AUTHORIZE = "/-/oauth_authorize"
ODD = 'state "with" <odd> characters & = #'


@pytest.fixture
async def app(world: World) -> str:
    """The client id of an app."""
    uris = json.dumps([BACK, OOB, LOOPBACK, POISONED])
    scopes = "openid email tasks:read default"
    return await world.make(APP, name="<i>Kestrel</i> Sync", confidential=True, redirect_uris=uris, scopes=scopes)


def asking(app: str, **more: str) -> str:
    """The address that an app sends people to."""
    given = {"client_id": app, "redirect_uri": BACK, "response_type": "code", "scope": "openid tasks:read"}
    return f"{AUTHORIZE}?{urlencode(given | {'state': ODD} | more)}"


def told(page: Page) -> dict[str, str]:
    """What the app is told by the redirect."""
    assert page.location.startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(page.location).query).items()}


def action(page: Page) -> str:
    """Where the page's last form goes to."""
    return unescape(re.findall(r'<form [^>]*action="([^"]*)"', page.text)[-1])


async def grants(world: World) -> int:
    """How many there are."""
    return len(await world.store.select(Query("grant", visible=False), 0, ()))


async def test_who_isnt_signed_in_does_that_first_and_comes_back(browser: Browser, app: str) -> None:
    login = await browser.get((await browser.get(asking(app))).location)
    assert "to go on to <strong>&lt;i&gt;Kestrel&lt;/i&gt; Sync</strong>" in login.text
    answer = await browser.answer(login, LOGIN, email=ANN, password=SECRET, next=login.value("next"))
    assert answer.location == asking(app)
    page = await browser.get(answer.location)
    assert page.status == 200
    assert "&lt;i&gt;Kestrel&lt;/i&gt; Sync" in page.text
    assert "<i>" not in page.text
    assert "See tasks" in page.text
    assert "kestrel.example" in page.text


@pytest.mark.parametrize(("chosen", "expected"), [("allow", {"code", "state", "iss"}), ("deny", set())])
async def test_the_app_is_told_what_was_chosen(
    chosen: str, expected: set[str], world: World, browser: Browser, app: str
) -> None:
    await browser.sign_in()
    page = await browser.get(asking(app))
    answer = told(await browser.answer(page, action(page), answer=chosen))
    assert answer["state"] == ODD
    assert expected <= answer.keys()
    assert answer.get("error") == (None if chosen == "allow" else "access_denied")
    assert await grants(world) == (chosen == "allow")


@pytest.mark.parametrize("answer", ["", "ALLOW", "yes"])
async def test_nothing_but_allow_is_a_yes(answer: str, world: World, browser: Browser, app: str) -> None:
    await browser.sign_in()
    page = await browser.get(asking(app))
    assert told(await browser.answer(page, action(page), answer=answer))["error"] == "access_denied"
    assert await grants(world) == 0


async def test_nobody_lets_an_app_in_by_a_link_or_by_another_sites_form(
    world: World, browser: Browser, app: str
) -> None:
    other = Browser(browser.http)
    await browser.sign_in()
    await other.sign_in(BOB)
    foreign = await other.get(asking(app))
    assert (await browser.get(asking(app, answer="allow"))).status == 200
    for token in ("", foreign.form_token):
        assert (await browser.post(asking(app), answer="allow", form_token=token)).status == 403
    assert await grants(world) == 0


async def test_the_answer_is_held_against_the_app_again(world: World, browser: Browser, app: str) -> None:
    await browser.sign_in()
    page = await browser.get(asking(app))
    elsewhere = await browser.answer(page, asking(app, redirect_uri="https://evil.example/"), answer="allow")
    assert elsewhere.status == 400
    more = await browser.answer(page, asking(app, scope="projects:delete nonsense"), answer="allow")
    assert told(more)["error"] == "invalid_scope"
    assert await grants(world) == 0


async def test_an_answer_after_signing_out_is_asked_for_again(world: World, browser: Browser, app: str) -> None:
    await browser.sign_in()
    page = await browser.get(asking(app))
    kept = dict(browser.cookies)
    await browser.answer(page, "/-/logout", next=asking(app))
    browser.cookies = kept
    assert (await browser.answer(page, action(page), answer="allow")).location.startswith(f"{LOGIN}?next=")
    assert await grants(world) == 0


async def test_a_code_without_an_address_is_shown(browser: Browser, app: str) -> None:
    await browser.sign_in()
    page = await browser.get(asking(app, redirect_uri=OOB, scope="default"))
    assert "Do everything that you can do yourself" in page.text
    answer = await browser.answer(page, action(page), answer="allow")
    assert answer.status == 200
    assert re.search(r'<textarea id="code"[^>]*>bwc_\w{36}</textarea>', answer.text)
    denied = await browser.answer(page, action(page), answer="deny")
    assert (denied.status, "You did not let the app in" in denied.text) == (400, True)


@pytest.mark.parametrize("signed_in", [False, True])
async def test_what_isnt_in_order_is_told_before_anything_is_asked(signed_in: bool, browser: Browser, app: str) -> None:
    if signed_in:
        await browser.sign_in()
    unknown = await browser.get(asking("12"))
    assert (unknown.status, "client_id is missing or invalid" in unknown.text) == (400, True)
    twice = await browser.get(asking(app) + "&state=x")
    assert told(twice)["error"] == "invalid_request"
    assert (await browser.get(f"{AUTHORIZE}?state=%ff")).status == 400
    assert (await browser.get(AUTHORIZE)).status == 400


async def test_an_app_may_want_that_people_sign_in_anew(
    browser: Browser, app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.sign_in()
    assert (await browser.get(asking(app, prompt="login"))).status == 200
    later = moments.now() + 10 * 60_000
    monkeypatch.setattr(moments, "now", lambda: later)
    assert (await browser.get(asking(app))).status == 200
    login = await browser.get((await browser.get(asking(app, prompt="login"))).location)
    again = await browser.answer(login, LOGIN, email=ANN, password=SECRET, next=login.value("next"))
    assert (await browser.get(again.location)).status == 200


async def test_a_form_may_lead_to_the_app_and_nowhere_else(browser: Browser, app: str) -> None:
    await browser.sign_in()
    for uri, beyond in ((BACK, " https://kestrel.example"), (OOB, ""), (LOOPBACK, " http:"), (POISONED, " https:")):
        policy = (await browser.get(asking(app, redirect_uri=uri))).headers["content-security-policy"]
        assert policy.rpartition("; ")[2] == f"form-action 'self'{beyond}"
