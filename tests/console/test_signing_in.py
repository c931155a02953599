"""Signing in, and what attackers try there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from tests.console.browser import ACCOUNT, ANN, BOB, LOGIN, SECRET, Browser, with_passwords
from tests.world import World, open_world

from batchwright.accounts import Accounts
from batchwright.console.throttle import BY_ADDRESS, BY_EMAIL
from batchwright.console.visits import address_of, own_path
from batchwright.engine.passwords import Passwords
from batchwright.settings import Settings, WithoutRedis

WRONG = "That e-mail address and password don&#39;t go together."


def another(browser: Browser) -> Browser:
    """Somebody else's."""
    return Browser(browser.http)


async def test_who_signs_in_gets_home_and_stays_signed_in(browser: Browser) -> None:
    assert (await browser.get(ACCOUNT)).location == f"{LOGIN}?next=%2F-%2Faccount"
    assert (await browser.sign_in(f" {ANN.upper()} ")).location == ACCOUNT
    page = await browser.get(ACCOUNT)
    assert page.status == 200
    assert "Ann Archer" in page.text
    assert (await browser.get(LOGIN)).location == ACCOUNT


async def test_signing_out_ends_the_session_and_not_only_the_cookie(browser: Browser) -> None:
    await browser.sign_in()
    kept = dict(browser.cookies)
    page = await browser.get(ACCOUNT)
    assert (await browser.answer(page, "/-/logout")).location == f"{LOGIN}?done=signed-out"
    assert browser.set_cookies[-1].endswith("; Max-Age=0")
    browser.cookies = kept
    assert (await browser.get(ACCOUNT)).status == 303
    assert "You are signed out." in (await browser.get(f"{LOGIN}?done=signed-out")).text


async def test_nobody_is_signed_out_by_a_link(browser: Browser) -> None:
    await browser.sign_in()
    answer = await browser.get("/-/logout")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert (await browser.get(ACCOUNT)).status == 200


async def test_signing_out_everywhere_ends_ones_own_sessions_alone(browser: Browser) -> None:
    phone, bobs = another(browser), another(browser)
    await browser.sign_in()
    await phone.sign_in()
    await bobs.sign_in(BOB)
    await browser.answer(await browser.get(ACCOUNT), "/-/logout", everywhere="yes")
    assert [(await each.get(ACCOUNT)).status for each in (browser, phone, bobs)] == [303, 303, 200]


async def test_an_unknown_address_is_answered_as_a_wrong_password_is(browser: Browser) -> None:
    """Neither text nor status nor headers tell who has an account; that time doesn't is in tests/test_accounts.py."""
    answers = []
    for email in (ANN, "gus@guests.example", "nobody@acme.example"):  # with a password, without one, nobody
        answer = await another(browser).sign_in(email, "wrong horse battery")
        hidden = {answer.form_token: "", email: ""}
        text = answer.text
        for each, instead in hidden.items():
            text = text.replace(each, instead)
        told = {name for name in answer.headers if name not in ("set-cookie", "x-request-id", "content-length")}
        answers.append((answer.status, text, told))
    assert answers[0][0] == 422
    assert WRONG in answers[0][1]
    assert answers[0] == answers[1] == answers[2]


async def test_what_is_missing_is_told_at_its_field_and_what_was_typed_stays(browser: Browser) -> None:
    answer = await browser.sign_in(' "><b>@x', "")
    assert answer.status == 422
    assert 'value="&#34;&gt;&lt;b&gt;@x"' in answer.text
    assert '<a href="#password">Enter your password.</a>' in answer.text
    assert 'aria-describedby="password-fault" aria-invalid="true"' in answer.text
    assert "<title>Error: Sign in" in answer.text


async def test_guessing_one_persons_password_is_slowed_whether_they_exist_or_not(browser: Browser) -> None:
    for email in (ANN, "nobody@acme.example"):
        for _ in range(BY_EMAIL.per_minute):
            assert (await browser.sign_in(email, "wrong horse battery")).status == 422
        # The right one, from another browser and spelled in another way, is refused as well.
        refused = await another(browser).sign_in(email.title(), SECRET)
        assert refused.status == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert "Too many tries. Please wait" in refused.text
    assert (await another(browser).sign_in(BOB)).status == 303


async def test_guessing_everybodys_password_from_one_address_is_slowed(browser: Browser) -> None:
    page = await browser.get(LOGIN)
    statuses = [
        (await browser.answer(page, LOGIN, email=f"{number}@acme.example", password="wrong")).status
        for number in range(BY_ADDRESS.per_minute + 1)
    ]
    assert statuses == [422] * BY_ADDRESS.per_minute + [429]
    assert (await browser.sign_in()).status == 429


async def test_the_limits_hold_over_all_processes_that_share_a_redis(tmp_path: Path, redis_url: str) -> None:
    settings = Settings(db=str(tmp_path / "world.db"), limits="off", redis=redis_url)
    async with open_world(tmp_path, settings) as world:
        first = await with_passwords(world)
        async with open_world(tmp_path, settings) as same:
            second = Browser(same.ann.http)
            browsers = [first, second] * BY_EMAIL.per_minute
            statuses = [(await each.sign_in(ANN, "wrong horse battery")).status for each in browsers]
            assert statuses == [422] * BY_EMAIL.per_minute + [429] * BY_EMAIL.per_minute


@pytest.mark.parametrize(("without", "statuses"), [("alone", [422] * 5 + [429]), ("refuse", [503] * 6)])
async def test_without_its_redis_a_process_does_as_it_is_set(
    without: WithoutRedis, statuses: list[int], tmp_path: Path
) -> None:
    nowhere = f"unix://{tmp_path}/nowhere"
    settings = Settings(db=str(tmp_path / "world.db"), limits="off", redis=nowhere, limits_without_redis=without)
    async with open_world(tmp_path, settings) as world:
        browser = await with_passwords(world)
        answers = [await browser.sign_in(ANN, "wrong horse battery") for _ in statuses]
        assert [each.status for each in answers] == statuses
        assert answers[-1].headers["content-type"].startswith("text/html")
        assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/-/account?done=revoked", "/-/account?done=revoked"),
        ("/docs#tags", "/docs#tags"),
        ("https://evil.example/", ACCOUNT),
        ("//evil.example/", ACCOUNT),
        ("/\\evil.example/", ACCOUNT),
        ("\\\\evil.example", ACCOUNT),
        ("/\t/evil.example", ACCOUNT),
        ("/\n/evil.example", ACCOUNT),
        ("/-/account\r\nset-cookie: batchwright=x", ACCOUNT),
        ("javascript:alert(1)", ACCOUNT),
        ("evil.example", ACCOUNT),
        (" /-/account", ACCOUNT),
        ("/\u2028/evil.example", ACCOUNT),
        ("/" + "x" * 8_000, ACCOUNT),
    ],
)
async def test_nobody_is_sent_elsewhere_after_signing_in(wanted: str, got: str, browser: Browser) -> None:
    page = await browser.get(LOGIN)
    # Past the form: what is sent counts, not what the page would have sent.
    answer = await browser.answer(page, LOGIN, email=ANN, password=SECRET, next=wanted)
    assert answer.location == got
    assert (await another(browser).sign_in(going=wanted)).location == got
    assert (await browser.get(f"{LOGIN}?{urlencode({'next': wanted})}")).location == got
    again = await browser.answer(await browser.get(ACCOUNT), "/-/logout", next=wanted)
    assert again.location.startswith(f"{LOGIN}?next=%2F")


@given(st.text("/\\\t\r\n\0 .:@?#%aA\u00e9\u2028", max_size=12))
def test_whatever_is_wanted_browsers_stay_here(wanted: str) -> None:
    """As browsers read addresses: blanks around go, tabs and line breaks too, a backslash is a slash."""
    read = re.sub(r"[\t\r\n]", "", own_path(wanted).strip("".join(map(chr, range(33))))).replace("\\", "/")
    assert read.startswith("/")
    assert not read.startswith("//")


async def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(browser: Browser) -> None:
    attacker = another(browser)
    await attacker.get(LOGIN)
    browser.cookies = dict(attacker.cookies)
    assert (await browser.sign_in()).location == ACCOUNT
    assert browser.cookies != attacker.cookies
    assert (await attacker.get(ACCOUNT)).status == 303


async def test_signing_in_again_ends_the_session_before(browser: Browser) -> None:
    await browser.sign_in()
    before = replace(browser, cookies=dict(browser.cookies))
    page = await browser.get(f"{LOGIN}?next=/-/oauth_authorize")
    await browser.answer(page, LOGIN, email=ANN, password=SECRET)
    assert [(await each.get(ACCOUNT)).status for each in (before, browser)] == [303, 200]


async def test_signing_in_as_somebody_else_ends_the_session_before(browser: Browser) -> None:
    await browser.sign_in()
    before = replace(browser, cookies=dict(browser.cookies))
    page = await browser.get(f"{LOGIN}?next=/-/oauth_authorize")
    await browser.answer(page, LOGIN, email=BOB, password=SECRET)
    assert [(await each.get(ACCOUNT)).status for each in (before, browser)] == [303, 200]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::2", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("a:b", "a:b"),
        ("", ""),
    ],
)
def test_all_of_a_network_of_ipv6_is_one_address(host: str, address: str) -> None:
    assert address_of(Request({"type": "http", "headers": [], "client": (host, 1)})) == address


async def test_a_new_password_ends_all_sessions(world: World, browser: Browser) -> None:
    await browser.sign_in()
    assert await Accounts(world.store).set_password(ANN, "battery horse staple", Passwords()) == 1
    assert (await browser.get(ACCOUNT)).status == 303
    assert (await browser.sign_in()).status == 422
    assert (await browser.sign_in(password="battery horse staple")).status == 303
