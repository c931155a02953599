"""The account's page: tokens, apps, the password."""

from __future__ import annotations

import json
import re

import pytest
from tests.console.browser import ACCOUNT, ANN, BOB, SECRET, Browser
from tests.world import Client, World

from batchwright.accounts import Accounts
from batchwright.console.throttle import BY_EMAIL
from batchwright.model import moments
from batchwright.resources.apps import APP, GRANT

TOKENS, REVOKE = f"{ACCOUNT}/tokens", f"{ACCOUNT}/tokens/revoke"


async def status(world: World, token: str) -> int:
    """What a call with this token is answered."""
    client = Client(world.ann.http, token, "")
    return (await client.get("/users/me")).status


async def test_a_token_is_shown_once_and_works_until_it_is_revoked(world: World, browser: Browser) -> None:
    await browser.sign_in()
    page = await browser.get(ACCOUNT)
    made = await browser.answer(page, TOKENS, label="nightly <export>", lifetime="30")
    found = re.search(r'<textarea id="token"[^>]*>([^<]+)<', made.text)
    assert found, made.text
    assert await status(world, found[1]) == 200
    page = await browser.get(ACCOUNT)
    assert found[1] not in page.text
    assert "nightly &lt;export&gt;" in page.text
    gid = max(re.findall(r'name="gid" value="(\d+)"', page.text), key=int)
    assert (await browser.answer(page, REVOKE, gid=gid)).location == f"{ACCOUNT}?done=revoked"
    assert await status(world, found[1]) == 401
    assert (await browser.answer(page, REVOKE, gid=gid)).status == 404


@pytest.mark.parametrize(("lifetime", "days"), [("7", 7), ("365", 365), ("", None)])
async def test_a_token_expires_when_it_was_said(
    lifetime: str, days: int | None, world: World, browser: Browser
) -> None:
    await browser.sign_in()
    await browser.answer(await browser.get(ACCOUNT), TOKENS, label="mine", lifetime=lifetime)
    _, made = await Accounts(world.store).tokens_of(int(world.ann.gid))
    assert made["name"] == "mine"
    lasts = None if made["expires_at"] is None else (made["expires_at"] - made["created_at"]) / moments.DAY_MS
    assert lasts == days


@pytest.mark.parametrize(
    ("label", "lifetime", "said"),
    [
        ("  ", "30", "Give the token a label, to know it by."),
        ("x" * 101, "30", "A label can have at most 100 characters."),
        ("x", "31", "Choose when the token expires."),
        ("x", "30\n", "Choose when the token expires."),
    ],
)
async def test_a_token_that_isnt_in_order_isnt_made(
    label: str, lifetime: str, said: str, world: World, browser: Browser
) -> None:
    await browser.sign_in()
    answer = await browser.answer(await browser.get(ACCOUNT), TOKENS, label=label, lifetime=lifetime)
    assert answer.status == 422
    assert answer.text.count(said) == 2  # at the top and at the field
    assert len(await Accounts(world.store).tokens_of(int(world.ann.gid))) == 1


async def test_nobody_revokes_or_sees_the_tokens_of_others(world: World, browser: Browser) -> None:
    accounts = Accounts(world.store)
    await accounts.create_token(BOB, name="bobs secret plan")
    bobs = await accounts.tokens_of(int(world.bob.gid))
    await browser.sign_in()
    page = await browser.get(ACCOUNT)
    assert "bobs secret plan" not in page.text
    for each in [str(token["gid"]) for token in bobs] + ["", "x", "0", "9" * 30, "\u0661"]:
        answer = await browser.answer(page, REVOKE, gid=each)
        assert (answer.status, "That token is no longer there." in answer.text) == (404, True)
    assert await accounts.tokens_of(int(world.bob.gid)) == bobs


async def test_the_last_use_is_told(world: World, browser: Browser) -> None:
    await browser.sign_in()
    assert "<dt>Last used</dt><dd>never</dd>" in (await browser.get(ACCOUNT)).text
    assert await status(world, world.ann.token) == 200
    # The use is noted beside the reply, so the next page may be a moment too early.
    pages = [(await browser.get(ACCOUNT)).text]
    while "<dt>Last used</dt><dd>never</dd>" in pages[-1]:
        assert len(pages) < 1_000
        pages.append((await browser.get(ACCOUNT)).text)


async def test_an_app_that_was_let_in_is_shown_and_can_be_disconnected(world: World, browser: Browser) -> None:
    app = await connected(world, world.ann.gid)
    await browser.sign_in()
    page = await browser.get(ACCOUNT)
    assert "Kestrel Sync" in page.text
    assert "<li>See tasks</li>" in page.text
    assert (await browser.answer(page, f"{ACCOUNT}/apps/revoke", gid=app)).location == f"{ACCOUNT}?done=disconnected"
    page = await browser.get(f"{ACCOUNT}?done=disconnected")
    assert "Kestrel Sync" not in page.text
    assert "The app was disconnected." in page.text
    assert (await browser.answer(page, f"{ACCOUNT}/apps/revoke", gid=app)).status == 404


async def test_nobody_disconnects_the_apps_of_others(world: World, browser: Browser) -> None:
    app = await connected(world, world.bob.gid)
    await browser.sign_in()
    page = await browser.get(ACCOUNT)
    assert "Kestrel Sync" not in page.text
    assert (await browser.answer(page, f"{ACCOUNT}/apps/revoke", gid=app)).status == 404
    other = Browser(browser.http)
    await other.sign_in(BOB)
    assert "Kestrel Sync" in (await other.get(ACCOUNT)).text


async def test_a_password_is_changed_by_who_knows_it_and_ends_other_sessions(browser: Browser) -> None:
    phone = Browser(browser.http)
    await browser.sign_in()
    await phone.sign_in()
    new = {"new": "battery horse staple", "again": "battery horse staple"}
    answer = await browser.answer(await browser.get(ACCOUNT), f"{ACCOUNT}/password", old=SECRET, **new)
    assert answer.location == f"{ACCOUNT}?done=changed"
    assert "Your password was changed." in (await browser.get(answer.location)).text
    assert (await phone.get(ACCOUNT)).status == 303
    assert (await phone.sign_in(ANN, "battery horse staple")).status == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong horse", "battery horse staple", "battery horse staple", "This isn&#39;t your present password."),
        (SECRET, "short", "short", "The password needs at least 10 characters."),
        (SECRET, "battery horse staple", "battery horse", "This isn&#39;t the same password."),
        (SECRET, ANN, ANN, "The password is too easy to guess."),
    ],
)
async def test_a_password_that_isnt_in_order_isnt_taken(
    old: str, new: str, again: str, said: str, browser: Browser
) -> None:
    await browser.sign_in()
    page = await browser.get(ACCOUNT)
    answer = await browser.answer(page, f"{ACCOUNT}/password", old=old, new=new, again=again)
    assert answer.status == 422
    assert answer.text.count(said) == 2
    assert (await Browser(browser.http).sign_in()).status == 303


async def test_a_session_doesnt_help_to_guess_the_password(browser: Browser) -> None:
    await browser.sign_in()
    page = await browser.get(ACCOUNT)
    tries = [
        (await browser.answer(page, f"{ACCOUNT}/password", old="wrong", new="x" * 9, again="x" * 9)).text
        for _ in range(BY_EMAIL.per_minute)
    ]
    assert "Too many tries." in tries[-1]
    assert "Too many tries." not in tries[-2]


async def connected(world: World, user: str) -> str:
    """An app that the user let in: its gid."""
    uris = json.dumps(["https://kestrel.example/"])
    app = await world.make(APP, name="Kestrel Sync", confidential=True, redirect_uris=uris, scopes="tasks:read")
    await world.make(GRANT, user=user, app=app, scopes="tasks:read", redeemed_at=moments.now())
    return app
