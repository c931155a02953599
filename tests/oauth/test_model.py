"""What apps and people do, drawn at random, against a model that says which secret opens what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.oauth.dancing import BACK, BASE, OOB, Dance, an_app
from tests.world import Client, World

from batchwright.oauth.authorizing import AuthorizationRequest, Redirect, Refused
from batchwright.oauth.grants import Grants


@dataclass
class Grant:
    """What a person let an app do. code, refresh: the secrets. access: those given for it."""

    app: int
    person: int
    code: str
    refresh: str = ""
    access: list[str] = field(default_factory=list)
    ended: bool = False


@dataclass
class Play:
    """Two apps, two people, and what is known of their grants."""

    apps: list[Dance]
    people: list[Client]
    grants: list[Grant] = field(default_factory=list)

    async def agree(self, app: int, person: int, pick: int) -> None:
        """A person lets an app in."""
        self.grants.append(Grant(app, person, await self.apps[app].code(self.people[person])))

    async def exchange(self, app: int, person: int, pick: int) -> None:
        """An app comes with some code, whoever's and however often used."""
        grant = self.grants[pick % len(self.grants)] if self.grants else Grant(app, person, "bwc_none", ended=True)
        answer = await self.apps[app].exchange(grant.code)
        good = not grant.ended and grant.app == app and not grant.refresh
        assert (answer.status_code == 200) is good
        if good:
            grant.refresh = answer.json()["refresh_token"]
            grant.access.append(answer.json()["access_token"])
        elif grant.app == app and grant.refresh:
            grant.ended = True

    async def refresh(self, app: int, person: int, pick: int) -> None:
        """An app comes with some refresh token."""
        for grant in self._fetched(pick):
            answer = await self.apps[app].refresh(grant.refresh)
            assert (answer.status_code == 200) is (not grant.ended and grant.app == app)
            if answer.status_code == 200:
                grant.access.append(answer.json()["access_token"])

    async def revoke(self, app: int, person: int, pick: int) -> None:
        """An app gives a refresh token back."""
        for grant in self._fetched(pick):
            answer = await self.apps[app].post("revoke", {"token": grant.refresh, **self.apps[app].proof})
            assert (answer.status_code == 200) is (grant.ended or grant.app == app)
            grant.ended |= grant.app == app

    async def disconnect(self, app: int, person: int, pick: int) -> None:
        """A person ends all that an app may do."""
        of = [each for each in self.grants if (each.app, each.person, each.ended) == (app, person, False)]
        grants, gid = Grants(self.apps[app].world.store), self.apps[app].client_id
        assert await grants.end(int(self.people[person].gid), gid) is bool(of)
        for each in of:
            each.ended = True

    async def settle(self) -> None:
        """Every access token opens what it should."""
        for grant in self.grants:
            for token in grant.access:
                assert await self.apps[0].opens(token) == (401 if grant.ended else 200)

    def _fetched(self, pick: int) -> list[Grant]:
        fetched = [each for each in self.grants if each.refresh]
        return fetched[pick % len(fetched) :][:1] if fetched else []


Step = Callable[[Play, int, int, int], Awaitable[None]]
STEPS: tuple[Step, ...] = (
    Play.agree,
    Play.agree,
    Play.exchange,
    Play.exchange,
    Play.refresh,
    Play.revoke,
    Play.disconnect,
)
one_of_two = st.integers(0, 1)
plays = st.lists(st.tuples(st.sampled_from(STEPS), one_of_two, one_of_two, st.integers(0, 20)), max_size=20)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(steps=plays)
async def test_a_secret_opens_what_it_was_given_for_and_nothing_once_that_ended(
    world: World, steps: list[tuple[Step, int, int, int]]
) -> None:
    play = Play([await an_app(world), await an_app(world)], [world.ann, world.bob])
    for step, app, person, pick in steps:
        await step(play, app, person, pick)
    await play.settle()


NAMES = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt", "code_challenge", "x")
VALUES = ("code", "code id_token", "openid", "default", "tasks:read", "S256", BACK, f"{BACK}#", OOB, "none", "", "\0")
texts = st.one_of(st.sampled_from(VALUES), st.text(max_size=12))


@quick
@given(pairs=st.lists(st.tuples(st.sampled_from(NAMES), texts), max_size=6), usual=st.booleans())
async def test_whatever_is_asked_nobody_is_sent_elsewhere(
    world: World, pairs: list[tuple[str, str]], usual: bool
) -> None:
    app = await an_app(world)
    given = {"client_id": app.client_id, "redirect_uri": BACK} if usual else {}
    asked = await app.authorizing.check([*given.items(), *pairs], BASE)
    answer: object = asked
    if isinstance(asked, AuthorizationRequest):
        answer = await app.authorizing.approve(asked, int(world.bob.gid), BASE)
    if isinstance(answer, Redirect):
        parts = urlsplit(answer.url)
        assert (parts.scheme, parts.netloc, parts.path) == ("https", "app.example", "/back")
        assert answer.url.isascii()
        assert answer.url.isprintable()
    if len([name for name, _ in pairs if name in given]) and usual:
        assert isinstance(answer, Refused)


@quick
@given(fields=st.dictionaries(st.sampled_from(("grant_type", "code", "redirect_uri", "token", "y")), texts), raw=texts)
async def test_whatever_is_posted_is_answered_in_order(world: World, fields: dict[str, str], raw: str) -> None:
    app = await an_app(world)
    for path in ("token", "revoke"):
        for headers in ({}, {"Authorization": f"Basic {raw.encode().hex()}"}):
            answer = await app.post(path, app.proof | fields, **headers)
            assert 200 <= answer.status_code < 500
            assert answer.status_code == 200 or answer.json().keys() == {"error", "error_description"}
