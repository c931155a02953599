"""What every page is, whoever asks: never framed, never cached, without scripts, sound HTML."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from tests.console.browser import ACCOUNT, LOGIN, Browser
from tests.world import World

from batchwright.model import moments
from batchwright.resources.apps import APP, GRANT

VOID = {"meta", "link", "input", "br"}


class Outline(HTMLParser):
    """Takes a page apart; fails where a tag isn't closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), self.get_starttag_text()
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, *tags: str) -> list[dict[str, str | None]]:
        """The attributes of all of these tags."""
        return [attributes for tag, attributes in self.tags if tag in tags]


@pytest.fixture
async def pages(world: World, browser: Browser) -> dict[str, tuple[int, str, dict[str, str]]]:
    """Every page there is: status, text, headers."""
    app = await world.make(
        APP, name="Kestrel", confidential=True, redirect_uris=json.dumps(["https://k.example/"]), scopes="default"
    )
    await world.make(GRANT, user=world.ann.gid, app=app, scopes="tasks:read", redeemed_at=moments.now())
    asking = {"client_id": app, "redirect_uri": "https://k.example/", "response_type": "code", "state": "x"}
    authorize = f"/-/oauth_authorize?{urlencode(asking)}"
    found = {
        "login": await browser.get(LOGIN),
        "login, empty": await browser.sign_in("", ""),
        "login, wrong": await browser.sign_in(password="wrong horse"),
        "redirect": await browser.get(ACCOUNT),
        "stale": await browser.post(LOGIN),
        "refused": await browser.get("/-/oauth_authorize"),
        "method": await browser.send("DELETE", ACCOUNT),
        "signed in": await browser.sign_in(),
        "account": await browser.get(f"{ACCOUNT}?done=revoked"),
        "consent": await browser.get(authorize),
    }
    form = found["account"]
    found["token"] = await browser.answer(form, f"{ACCOUNT}/tokens", label="x", lifetime="7")
    found["faults"] = await browser.answer(form, f"{ACCOUNT}/tokens", label="", lifetime="8")
    found["password"] = await browser.answer(form, f"{ACCOUNT}/password", old="", new="", again="x")
    return {name: (page.status, page.text, dict(page.headers)) for name, page in found.items()}


async def test_no_page_is_framed_cached_or_told_to_others(
    pages: dict[str, tuple[int, str, dict[str, str]]],
) -> None:
    for name, (status, text, headers) in pages.items():
        assert headers["x-frame-options"] == "DENY", name
        assert headers["cache-control"] == "no-store", name
        assert headers["referrer-policy"] == "no-referrer", name
        assert headers["x-content-type-options"] == "nosniff", name
        assert (status == 303) == (text == ""), name
        if text:
            policy = headers["content-security-policy"].split("; ")
            assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy), name
            assert not any("unsafe" in each or each.startswith("script-src") for each in policy), name


async def test_no_page_has_scripts_styles_or_anything_from_elsewhere(
    pages: dict[str, tuple[int, str, dict[str, str]]],
) -> None:
    for name, (_, text, _) in pages.items():
        for tag, attributes in Outline(text).tags:
            assert tag not in ("script", "style", "iframe", "img", "object"), name
            assert not any(each == "style" or each.startswith("on") for each in attributes), name
            for leads in ("href", "action", "src"):
                assert re.match(r"/(?!/)|#|data:image/svg", attributes.get(leads) or "/"), (name, attributes)


async def test_every_page_can_be_used_without_seeing_it(
    pages: dict[str, tuple[int, str, dict[str, str]]],
) -> None:
    for name, (_, text, _) in pages.items():
        if not text:
            continue
        page = Outline(text)
        ids = [each["id"] for each in (attributes for _, attributes in page.tags) if each.get("id")]
        assert len(ids) == len(set(ids)), name
        assert len(page.named("h1")) == len(page.named("main")) == len(page.named("title")) == 1, name
        assert page.named("html")[0]["lang"] == "en"
        labels = [each["for"] for each in page.named("label")]
        shown = [
            each
            for each in page.named("input", "select", "textarea")
            if each.get("type") != "hidden" and not each.get("aria-hidden")
        ]
        assert sorted(map(str, labels)) == sorted(str(each["id"]) for each in shown), name
        for each in shown:
            assert set((each.get("aria-describedby") or "").split()) <= set(map(str, ids)), name
            assert bool(each.get("aria-invalid")) == ("-fault" in (each.get("aria-describedby") or "")), name
        targets = [each["href"] for each in page.named("a") if (each["href"] or "").startswith("#")]
        assert {str(each)[1:] for each in targets} <= set(map(str, ids)), name
        assert sum("autofocus" in attributes for _, attributes in page.tags) <= 1, name


async def test_a_head_is_a_get_without_its_body(browser: Browser) -> None:
    answer = await browser.send("HEAD", LOGIN)
    assert (answer.status, answer.text) == (200, "")
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("host", ["evil.example/x", "evil.example?x", "[", "a b", '"><script>', "", "server.test:x"])
async def test_an_odd_host_does_no_harm(host: str, browser: Browser) -> None:
    for path in (LOGIN, "/-/oauth_authorize"):
        answer = await browser.send("GET", path, headers={"host": host})
        assert answer.status in (200, 400)
        assert "evil" not in answer.text
        assert "<script" not in answer.text


async def test_what_is_no_page_is_not_found(browser: Browser) -> None:
    for path in ("/-/", "/-/login/", "/-/accounts", "/-/console.js"):
        assert (await browser.get(path)).status == 404
