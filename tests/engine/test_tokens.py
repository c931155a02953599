"""What secrets look like, and that one that can't be genuine never reaches the database."""

from __future__ import annotations

import re
import zlib
from collections.abc import Awaitable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.world import World

from batchwright.engine import auth
from batchwright.engine.tokens import (
    ACCESS,
    CLIENT_SECRET,
    CODE,
    PERSONAL,
    REFRESH,
    digest,
    genuine,
    make,
    same,
    written,
)
from batchwright.model import moments
from batchwright.model.calls import Caller
from batchwright.model.changes import Changes, Insert, Remove, Set
from batchwright.model.conditions import Reading
from batchwright.model.gids import make as gid
from batchwright.model.problems import Problem
from batchwright.resources.apps import APP, GRANT
from batchwright.resources.tokens import TOKEN
from batchwright.store.interface import Store

SORTS = (PERSONAL, ACCESS, REFRESH, CODE, CLIENT_SECRET)
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("sort", SORTS)
def test_a_secret_ends_with_the_crc_of_its_random_part(sort: str) -> None:
    secret = make(sort)
    assert re.fullmatch(rf"{sort}_[0-9A-Za-z]{{36}}", secret)
    number = 0
    for each in secret[-6:]:
        number = number * 62 + DIGITS.index(each)
    assert number == zlib.crc32(secret[4:34].encode())


def test_no_two_are_the_same() -> None:
    assert len({make(PERSONAL) for _ in range(1000)}) == 1000


@given(st.integers(0, 39), st.characters(min_codepoint=33, max_codepoint=0x24F))
def test_a_mistyped_secret_is_not_genuine(place: int, other: str) -> None:
    secret = written(ACCESS, "0" * 30)
    mistyped = secret[:place] + other + secret[place + 1 :]
    assert genuine(mistyped, ACCESS) == (mistyped == secret)


def test_a_secret_is_genuine_as_what_it_is_alone() -> None:
    secrets = {sort: make(sort) for sort in SORTS}
    for sort, secret in secrets.items():
        assert [each for each in SORTS if genuine(secret, each)] == [sort]
        assert not genuine(secret + "\n", sort)


def test_a_digest_is_of_one_secret() -> None:
    one, other = make(CLIENT_SECRET), make(CLIENT_SECRET)
    assert same(one, digest(one))
    assert not same(other, digest(one))
    assert not same("", digest(one))


class Deaf:
    """A store that must not be asked."""

    def fetch(self, reading: Reading, caller: int, keys: Iterable[Any]) -> Awaitable[Any]:
        raise AssertionError("asked the database")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {'x' * 40}",
        f"Bearer {written(PERSONAL, '0' * 30)[:-1]}0",
        f"Bearer {written('bwt', '0' * 30)}",
        f"Bearer {written(REFRESH, '0' * 30)}",
        f"Bearer {written(CODE, '0' * 30)}",
        f"Bearer {written(CLIENT_SECRET, '0' * 30)}",
        f"Basic {written(PERSONAL, '0' * 30)}",
        f"Bearer {written(PERSONAL, '0' * 30)}\0",
    ],
)
async def test_what_can_not_be_a_token_is_refused_without_a_look(header: str) -> None:
    store: Any = Deaf()
    with pytest.raises(Problem) as refused:
        await auth.identify(store, header)
    assert refused.value.status == 401


async def make_access(world: World, scopes: str | None, **values: Any) -> str:
    """An access token of bob's, by a grant to an app: the token."""
    app = await world.make(APP, name="An app", redirect_uris="[]", scopes="default", secret_digest="")
    grant = await world.make(GRANT, user=world.bob.gid, app=app, scopes=scopes or "")
    token = make(ACCESS)
    await world.make(TOKEN, user=world.bob.gid, digest=digest(token), grant=grant, app=app, scopes=scopes, **values)
    return token


async def caller(store: Store, token: str) -> Caller:
    return await auth.identify(store, f"Bearer {token}")


async def test_a_callers_app_scopes_and_limits_are_those_of_the_grant(world: World) -> None:
    token = await make_access(world, "tasks:read projects:read")
    found = await caller(world.store, token)
    stored = Reading("token", "digest", ("grant", "app"))
    ((grant, app),) = (await world.store.fetch(stored, 0, (digest(token),)))[digest(token)]
    assert found == Caller(int(world.bob.gid), str(grant), frozenset(("tasks:read", "projects:read")), str(app))


async def test_default_is_everything_and_no_scope_is_nothing(world: World) -> None:
    assert (await caller(world.store, await make_access(world, "openid default"))).scopes is None
    assert (await caller(world.store, await make_access(world, ""))).scopes == frozenset()
    assert (await caller(world.store, world.bob.token)).scopes is None


async def test_a_token_opens_nothing_once_it_expired_or_its_grant_is_gone(world: World) -> None:
    late = await make_access(world, None, expires_at=moments.now())
    ended = await make_access(world, None, expires_at=moments.now() + 60_000)
    assert (await caller(world.store, ended)).user == int(world.bob.gid)
    grant = int((await caller(world.store, ended)).token)
    await world.store.commit(Changes((Remove("grant", grant),), 0, moments.now()))
    for token in (late, ended):
        with pytest.raises(Problem) as refused:
            await caller(world.store, token)
        assert refused.value.messages == ("Not Authorized",)


async def test_when_a_token_was_used_is_noted_and_not_each_time(world: World) -> None:
    now, used = moments.now(), Reading("token", "digest", ("gid", "used_at"))
    key = digest(world.bob.token)
    assert (await world.bob.get("/users/me")).status == 200
    gid, noted = await settled(world.store, used, key)
    assert noted is not None
    assert noted >= now
    recent = moments.now() - auth.USE_MS // 2
    for before, noted_anew in ((recent, False), (recent - auth.USE_MS, True)):
        await world.store.commit(Changes((Set("token", gid, {"used_at": before}),), 0, now))
        await world.bob.get("/users/me")
        assert ((await settled(world.store, used, key))[1] != before) is noted_anew


async def settled(store: Store, reading: Reading, key: str) -> tuple[int, int | None]:
    """The row once everything that was handed in before is written."""
    await store.commit(Changes((Insert("user", gid(), {"name": "", "email": make(CODE)}),), 0, 0))
    ((found, at),) = (await store.fetch(reading, 0, (key,)))[key]
    return found, at
