"""Cookies and forms: what isn't of our making opens nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.console.browser import ACCOUNT, ANN, BOB, FORM, LOGIN, SECRET, Browser, with_passwords
from tests.world import World, open_world

from batchwright.console.sessions import DAYS
from batchwright.model import moments
from batchwright.model.conditions import Query
from batchwright.model.sealing import seal
from batchwright.settings import Settings

COOKIE = "batchwright"
ALL = Query("session", visible=False)
FORMS = [
    "/-/logout",
    "/-/oauth_authorize",
    f"{ACCOUNT}/tokens",
    f"{ACCOUNT}/tokens/revoke",
    f"{ACCOUNT}/apps/revoke",
    f"{ACCOUNT}/password",
]


async def test_the_cookie_is_for_the_server_alone(browser: Browser) -> None:
    await browser.sign_in()
    before, after = browser.set_cookies
    assert before.split("; ")[1:] == ["Path=/", "HttpOnly", "SameSite=Lax"]
    assert after.split("; ")[1:] == ["Path=/", "HttpOnly", "SameSite=Lax", f"Max-Age={DAYS * 86_400}"]


async def test_where_the_server_is_reached_by_https_the_cookie_is_too(tmp_path: Path) -> None:
    settings = Settings(db=str(tmp_path / "world.db"), public_url="https://tasks.example")
    async with open_world(tmp_path, settings) as world:
        browser = await with_passwords(world)
        await browser.sign_in()
        assert all(each.startswith("__Host-batchwright=") for each in browser.set_cookies)
        assert all("; Path=/; HttpOnly; SameSite=Lax; Secure" in each for each in browser.set_cookies)
        assert (await browser.get(ACCOUNT)).status == 200


async def test_a_cookie_that_was_changed_anywhere_opens_nothing(browser: Browser) -> None:
    await browser.sign_in()
    good = browser.cookies[COOKIE]
    for at in range(0, len(good), 7):
        browser.cookies[COOKIE] = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
        assert (await browser.get(ACCOUNT)).status == 303
    for other in ("", "x", good[:-1], good + "A", good + "=", f"{good}\u00e9", "A" * 5_000):
        browser.cookies[COOKIE] = other
        assert (await browser.get(ACCOUNT)).status == 303
    browser.cookies[COOKIE] = good
    assert (await browser.get(ACCOUNT)).status == 200


async def test_a_token_of_another_purpose_is_no_session(world: World, browser: Browser) -> None:
    await browser.sign_in()
    page = await browser.get(ACCOUNT)
    for other in (page.form_token, seal(world.store.secret, "offset", "key"), seal(b"another", "session", "key")):
        browser.cookies[COOKIE] = other
        assert (await browser.get(ACCOUNT)).status == 303


async def test_a_session_ends_by_itself(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await browser.sign_in()
    later = moments.now() + DAYS * moments.DAY_MS
    with monkeypatch.context() as patch:
        patch.setattr(moments, "now", lambda: later - 60_000)
        assert (await browser.get(ACCOUNT)).status == 200
        patch.setattr(moments, "now", lambda: later + 60_000)
        assert (await browser.get(ACCOUNT)).status == 303


async def test_sessions_that_ended_are_cleared_away(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await Browser(browser.http).sign_in()
    later = moments.now() + (DAYS + 1) * moments.DAY_MS
    monkeypatch.setattr(moments, "now", lambda: later)
    await browser.sign_in()
    rows = await world.store.select(ALL, 0, ("expires_at",))
    assert [row[-1] > later for row in rows] == [True]


async def test_only_digests_of_sessions_are_stored(world: World, browser: Browser) -> None:
    await browser.sign_in()
    (row,) = await world.store.select(ALL, 0, ("digest",))
    assert len(row[-1]) == 64
    assert row[-1] not in browser.cookies[COOKIE]


@pytest.mark.parametrize("path", FORMS)
async def test_no_form_of_another_site_or_session_is_taken(path: str, world: World, browser: Browser) -> None:
    other = Browser(browser.http)
    await browser.sign_in()
    await other.sign_in(BOB)
    mine, foreign = await browser.get(ACCOUNT), await other.get(ACCOUNT)
    before = await everything(world)
    for token in ("", "x", foreign.form_token, mine.form_token[:-1], seal(world.store.secret, "form")):
        answer = await browser.post(path, form_token=token, label="x", gid="1", everywhere="yes")
        assert answer.status == 403
        assert "Nothing was changed." in answer.text
    assert (await browser.post(path, label="x")).status == 403
    assert await everything(world) == before
    assert (await browser.get(ACCOUNT)).status == 200


async def test_nobody_is_signed_in_as_somebody_else_by_another_site(browser: Browser) -> None:
    foreign = await Browser(browser.http).get(LOGIN)
    for token in ("", foreign.form_token):
        answer = await browser.post(LOGIN, form_token=token, email=ANN, password=SECRET)
        assert answer.status == 403
    assert (await browser.get(ACCOUNT)).status == 303


async def test_a_form_from_before_signing_in_is_of_no_use_after(browser: Browser) -> None:
    before = await browser.get(LOGIN)
    await browser.sign_in()
    assert (await browser.answer(before, f"{ACCOUNT}/tokens", label="x")).status == 403


async def test_a_session_is_no_way_into_the_api_nor_a_token_one_into_the_pages(world: World, browser: Browser) -> None:
    await browser.sign_in()
    assert (await browser.get("/api/1.0/users/me")).status == 401
    bearer = {"authorization": f"Bearer {world.ann.token}"}
    assert (await Browser(browser.http).send("GET", ACCOUNT, headers=bearer)).status == 303


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"x=" + b"y" * 70_000, 413),
        (b"form_token=%ff", 400),
        (b"&".join(b"x=1" for _ in range(1_001)), 400),
        (b"", 403),
        (b"\xff\xfe", 400),
    ],
    ids=["long", "not UTF-8", "many", "empty", "bytes"],
)
async def test_odd_forms_are_refused(content: bytes, status: int, browser: Browser) -> None:
    answer = await browser.send("POST", LOGIN, content=content, headers={"content-type": FORM})
    assert answer.status == status
    assert answer.headers["content-type"].startswith("text/html")


async def everything(world: World) -> list[object]:
    """Rows that forms could change."""
    kinds = ("session", "token", "grant", "password")
    return [await world.store.select(Query(kind, visible=False), 0, ("created_at",)) for kind in kinds]
