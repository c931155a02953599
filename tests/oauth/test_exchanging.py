"""Codes and refresh tokens become access tokens, as Asana and RFC 6749 have it."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.oauth.dancing import BACK, Dance, Verifier, an_app
from tests.oauth.test_authorizing import half
from tests.world import World

from batchwright.model import moments
from batchwright.model.changes import Changes, Set
from batchwright.model.conditions import Compare, Query
from batchwright.oauth.grants import Grants
from batchwright.oauth.registering import Apps


async def test_a_code_becomes_what_asana_answers(world: World) -> None:
    app = await an_app(world)
    answer = await app.exchange(await app.code())
    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    told = answer.json()
    assert told.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "data"}
    assert (told["token_type"], told["expires_in"]) == ("bearer", 3600)
    gid = world.bob.gid
    assert told["data"] == {"id": gid, "gid": gid, "name": "Bob Baker", "email": "bob@acme.example"}
    assert re.fullmatch(r"bwa_\w{36}", told["access_token"])
    assert re.fullmatch(r"bwr_\w{36}", told["refresh_token"])
    assert await app.opens(told["access_token"]) == 200


async def test_a_refresh_token_stays_and_gives_one_access_token_after_the_other(world: World) -> None:
    app = await an_app(world)
    first = await app.tokens()
    second, third = [(await app.refresh(first["refresh_token"])).json() for _ in range(2)]
    assert second.keys() == first.keys() - {"refresh_token"}
    tokens = [each["access_token"] for each in (first, second, third)]
    assert len(set(tokens)) == 3
    assert [await app.opens(each) for each in tokens] == [200, 200, 200]


async def test_an_access_token_ends_after_an_hour_and_is_cleared_away(world: World) -> None:
    app = await an_app(world)
    told = await app.tokens()
    everything = Query("token", (Compare("grant", "!=", None),), visible=False)
    ((gid, _, expires_at),) = await world.store.select(everything, 0, ("expires_at",))
    assert 3590_000 < expires_at - moments.now() <= 3600_000
    await world.store.commit(Changes((Set("token", gid, {"expires_at": moments.now() - 1}),), 0, moments.now()))
    assert await app.opens(told["access_token"]) == 401
    fresh = (await app.refresh(told["refresh_token"])).json()
    assert await app.opens(fresh["access_token"]) == 200
    assert gid not in [row[0] for row in await world.store.select(everything, 0, ())]


async def test_scopes_are_those_the_person_allowed_or_fewer(world: World) -> None:
    app = await an_app(world)
    told = await app.tokens(scope="users:read tasks:read")
    fewer = (await app.refresh(told["refresh_token"], scope="tasks:read")).json()
    assert await app.opens(told["access_token"]) == 200
    assert await app.opens(fewer["access_token"]) == 403
    more = await app.refresh(told["refresh_token"], scope="tasks:read tasks:write")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


async def test_an_app_says_who_it_is_by_the_form_or_by_basic(world: World) -> None:
    app = await an_app(world)
    basic = base64.b64encode(f"{app.client_id}:{app.secret}".encode()).decode()
    fields = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": await app.code()}
    assert (await app.post("token", fields, Authorization=f"Basic {basic}")).status_code == 200
    both = await app.post("token", fields | app.proof, Authorization=f"Basic {basic}")
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !", "Basic AAAA", "Basic Og==", "Basic /w==", "Bearer x", "Basic {id}:bws_x", "Basic 1:{secret}"],
)
async def test_who_does_not_prove_it_is_told_how(world: World, header: str) -> None:
    app = await an_app(world)
    if ":" in header:
        pair = header.removeprefix("Basic ").format(id=app.client_id, secret=app.secret)
        header = f"Basic {base64.b64encode(pair.encode()).decode()}"
    fields = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": await app.code()}
    answer = await app.post("token", fields, Authorization=header)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("status", "error", "changed"),
    [
        (401, "invalid_client", {"client_id": None}),
        (401, "invalid_client", {"client_id": "1"}),
        (401, "invalid_client", {"client_secret": None}),
        (401, "invalid_client", {"client_secret": "bws_" + "0" * 36}),
        (400, "invalid_request", {"grant_type": None}),
        (400, "unsupported_grant_type", {"grant_type": "password"}),
        (400, "unsupported_grant_type", {"grant_type": "client_credentials"}),
        (400, "invalid_request", {"code": None}),
        (400, "invalid_request", {"redirect_uri": None}),
        (400, "invalid_grant", {"redirect_uri": f"{BACK}/"}),
        (400, "invalid_grant", {"code": "bwc_" + "0" * 36}),
        (400, "invalid_grant", {"code": "\0"}),
        (400, "invalid_grant", {"code_verifier": "v" * 43}),
    ],
    ids=str,
)
async def test_what_is_wrong_is_told_and_the_code_stays_good(
    world: World, status: int, error: str, changed: dict[str, Any]
) -> None:
    app = await an_app(world)
    code = await app.code()
    answer = await app.exchange(**({"code": code} | changed))
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.headers["cache-control"] == "no-store"
    assert (await app.exchange(code)).status_code == 200


async def test_only_a_form_is_read(world: World) -> None:
    app = await an_app(world)
    http, fields = world.bob.http, {"grant_type": "refresh_token", "refresh_token": "x", **app.proof}
    twice = "&".join(f"{name}={value}" for name, value in [*fields.items(), ("client_id", app.client_id)])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for answer in (
        await http.post("/-/oauth_token", json=fields),
        await http.post("/-/oauth_token", content=twice, headers=form),
        await http.post("/-/oauth_token", content=b"client_id=%ff", headers=form),
        await http.post("/-/oauth_token", params=fields),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    large = await http.post("/-/oauth_token", content=b"x=" + b"y" * 70_000, headers=form)
    assert (large.status_code, large.json()["error"]) == (413, "invalid_request")
    assert (await http.get("/-/oauth_token", params=fields)).status_code == 404


async def test_who_the_user_is_comes_signed_where_the_scope_says_so(world: World) -> None:
    app = await an_app(world)
    told = await app.tokens(world.ann, scope="openid profile default", nonce="n1")
    http = world.bob.http
    found = (await http.get("/api/1.0/.well-known/openid-configuration")).json()
    keys = KeySet.import_key_set((await http.get(found["jwks_uri"])).json())
    claims = jwt.decode(told["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["sub"]) == (found["issuer"], app.client_id, world.ann.gid)
    assert (claims["nonce"], claims["at_hash"]) == ("n1", half(told["access_token"]))
    assert claims["exp"] - claims["iat"] == 3600
    assert "id_token" not in await app.tokens(scope="email")


async def test_the_private_half_of_the_key_stays_here(world: World) -> None:
    (key,) = (await world.bob.http.get("/api/1.0/openid_connect/jwks")).json()["keys"]
    assert key.keys() == {"kty", "kid", "n", "e", "use", "alg"}


async def test_many_who_need_the_key_first_make_one(world: World) -> None:
    answers = await asyncio.gather(*(world.bob.http.get("/api/1.0/openid_connect/jwks") for _ in range(4)))
    assert len({each.json()["keys"][0]["kid"] for each in answers}) == 1


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", {"sub"}),
        ("openid email", {"sub", "email"}),
        ("openid profile", {"sub", "name"}),
        ("default", {"sub", "email", "name"}),
    ],
)
async def test_userinfo_tells_what_the_scopes_allow(world: World, scope: str, names: set[str]) -> None:
    app = await an_app(world)
    headers = {"Authorization": f"Bearer {(await app.tokens(scope=scope))['access_token']}"}
    got = await world.bob.http.get("/api/1.0/openid_connect/userinfo", headers=headers)
    posted = await world.bob.http.post("/api/1.0/openid_connect/userinfo", headers=headers)
    assert got.json() == posted.json()
    known = {"sub": world.bob.gid, "email": "bob@acme.example", "name": "Bob Baker"}
    assert got.json() == {name: known[name] for name in names}


async def test_userinfo_needs_a_token_and_the_scope(world: World) -> None:
    app = await an_app(world)
    url = "/api/1.0/openid_connect/userinfo"
    answer = await world.bob.http.get(url)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (401, "Not Authorized")
    token = (await app.tokens(scope="email users:read"))["access_token"]
    lacking = await world.bob.http.get(url, headers={"Authorization": f"Bearer {token}"})
    assert lacking.status_code == 403
    assert lacking.json()["errors"][0]["message"].endswith("to fulfill this request: openid")
    assert 'error="insufficient_scope"' in lacking.headers["www-authenticate"]


async def test_an_external_id_is_the_apps_own(world: World) -> None:
    one, other = await an_app(world), await an_app(world)
    tokens = [(await app.tokens())["access_token"] for app in (one, other)]
    http = world.bob.http
    task = {"data": {"name": "T", "workspace": world.workspace, "external": {"gid": "x1"}}}
    first, second = ({"Authorization": f"Bearer {token}"} for token in tokens)
    assert (await http.post("/api/1.0/tasks", json=task, headers=first)).status_code == 201
    assert (await http.get("/api/1.0/tasks/external:x1", headers=first)).status_code == 200
    assert (await http.get("/api/1.0/tasks/external:x1", headers=second)).status_code == 404


async def connected(world: World) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.gid, each.words) for each in await Grants(world.store).of(int(world.bob.gid))]


async def test_the_account_page_tells_the_apps_that_were_let_in(world: World) -> None:
    app = await an_app(world)
    await app.code(scope="tags:read")  # never fetched
    assert await connected(world) == []
    await app.tokens(scope="tasks:read")
    await app.tokens(scope="users:read")
    await app.tokens(world.ann)
    assert await connected(world) == [(app.client_id, ("See tasks", "See people and their e-mail addresses"))]


async def test_a_person_ends_what_an_app_may_do_and_nobody_elses(world: World) -> None:
    app, other = await an_app(world), await an_app(world)
    mine, again, hers, others = [
        (await each.tokens(person))["access_token"]
        for each, person in ((app, None), (app, None), (app, world.ann), (other, None))
    ]
    pending = await app.code()
    grants = Grants(world.store)
    assert await grants.end(int(world.bob.gid), app.client_id)
    assert [await app.opens(each) for each in (mine, again, hers, others)] == [401, 401, 200, 200]
    assert (await app.exchange(pending)).json()["error"] == "invalid_grant"
    assert not await grants.end(int(world.bob.gid), app.client_id)
    assert not await grants.end(int(world.bob.gid), "no gid")


async def test_what_was_never_fetched_is_cleared_away(world: World) -> None:
    app = await an_app(world)
    await app.code()
    kept = await app.tokens()
    before = Query("grant", visible=False)
    rows = await world.store.select(before, 0, ("created_at",))
    old = tuple(Set("grant", row[0], {"created_at": row[2] - 3_600_000}) for row in rows)
    await world.store.commit(Changes(old, 0, moments.now()))
    await app.code()
    assert len(await world.store.select(before, 0, ())) == 2
    assert (await app.refresh(kept["refresh_token"])).status_code == 200


async def test_only_digests_are_kept(world: World) -> None:
    app = await an_app(world)
    verifier = Verifier()
    code = await app.code(None, **verifier.asked)
    told = (await app.exchange(code, code_verifier=verifier.secret)).json()
    kept: list[Any] = []
    for kind, columns in {
        "app": ("secret_digest",),
        "authorization_code": ("digest", "challenge"),
        "refresh_token": ("digest",),
        "token": ("digest", "name"),
    }.items():
        for row in await world.store.select(Query(kind, visible=False), 0, columns):
            kept += row
    for secret in (app.secret, code, verifier.secret, told["access_token"], told["refresh_token"]):
        assert not any(secret[4:] in str(each) for each in kept)


async def test_apps_are_given_new_secrets_and_deleted(world: World) -> None:
    app = await an_app(world)
    told = await app.tokens()
    apps = Apps(world.store)
    rotated = Dance(world, app.client_id, await apps.rotate(app.client_id))
    assert (await app.refresh(told["refresh_token"])).json()["error"] == "invalid_client"
    assert (await rotated.refresh(told["refresh_token"])).status_code == 200
    await apps.delete(app.client_id)
    assert await app.opens(told["access_token"]) == 401
    assert (await rotated.refresh(told["refresh_token"])).json()["error"] == "invalid_client"
