"""What an attacker may try, a test each; docs/security.md tells what it is about."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from tests.oauth.dancing import BACK, Dance, Verifier, an_app, sent
from tests.world import World, open_world

import batchwright
from batchwright import app
from batchwright.engine.tokens import CLIENT_SECRET, CODE, REFRESH, make
from batchwright.model import moments
from batchwright.model.changes import Changes, Set
from batchwright.model.conditions import Query
from batchwright.settings import Settings


def error(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


BAD_GRANT = (400, "invalid_grant")
BAD_CLIENT = (401, "invalid_client")


async def test_a_replayed_code_ends_all_that_came_of_it(world: World) -> None:
    planner = await an_app(world)
    code, untouched = await planner.code(), await planner.tokens()
    told = (await planner.exchange(code)).json()
    later = (await planner.refresh(told["refresh_token"])).json()
    assert error(await planner.exchange(code)) == BAD_GRANT
    assert [await planner.opens(each["access_token"]) for each in (told, later, untouched)] == [401, 401, 200]
    assert error(await planner.refresh(told["refresh_token"])) == BAD_GRANT


async def test_of_many_who_come_with_a_code_at_once_none_keeps_a_token(world: World) -> None:
    planner = await an_app(world)
    code = await planner.code()
    answers = await asyncio.gather(*(planner.exchange(code) for _ in range(8)))
    good = [each.json()["access_token"] for each in answers if each.status_code == 200]
    assert len(good) <= 1
    assert [await planner.opens(each) for each in good] == [401] * len(good)
    assert {error(each) for each in answers if each.status_code != 200} == {BAD_GRANT}


async def test_a_code_is_good_for_minutes(world: World) -> None:
    planner = await an_app(world)
    code = await planner.code()
    ((gid, _, expires_at),) = await world.store.select(Query("authorization_code", visible=False), 0, ("expires_at",))
    assert 0 < expires_at - moments.now() <= 600_000
    late = Set("authorization_code", gid, {"expires_at": moments.now()})
    await world.store.commit(Changes((late,), 0, moments.now()))
    assert error(await planner.exchange(code)) == BAD_GRANT


@pytest.mark.parametrize("public", [False, True], ids=["confidential", "public"])
async def test_a_stolen_code_needs_the_verifier(world: World, public: bool) -> None:
    planner, verifier = await an_app(world, public=public), Verifier()
    code = await planner.code(None, **verifier.asked)
    challenge = verifier.asked["code_challenge"]
    for guess in (None, "", challenge, Verifier().secret, verifier.secret[:-1], verifier.secret + "\0", "é" * 43):
        assert error(await planner.exchange(code, code_verifier=guess)) == BAD_GRANT
    assert (await planner.exchange(code, code_verifier=verifier.secret)).status_code == 200


async def test_a_code_asked_for_without_a_challenge_takes_no_verifier(world: World) -> None:
    planner = await an_app(world)
    assert error(await planner.exchange(await planner.code(), code_verifier=Verifier().secret)) == BAD_GRANT


async def test_a_code_of_a_public_app_needs_a_verifier_however_it_was_made(world: World) -> None:
    planner = await an_app(world)
    code = await planner.code()
    bare = Set("app", int(planner.client_id), {"confidential": False, "secret_digest": ""})
    await world.store.commit(Changes((bare,), 0, moments.now()))
    assert error(await Dance(world, planner.client_id, "").exchange(code)) == BAD_GRANT


async def test_a_code_goes_to_the_app_and_the_address_it_was_made_for(world: World) -> None:
    planner, other = await an_app(world, BACK, f"{BACK}/other"), await an_app(world)
    code = await planner.code()
    assert error(await other.exchange(code)) == BAD_GRANT
    assert error(await planner.exchange(code, redirect_uri=f"{BACK}/other")) == BAD_GRANT
    assert error(await planner.exchange(code, client_secret=other.secret)) == BAD_CLIENT
    assert (await planner.exchange(code)).status_code == 200


async def test_answers_say_which_server_they_are_from(world: World) -> None:
    planner = await an_app(world)
    found = (await world.bob.http.get("/api/1.0/.well-known/openid-configuration")).json()
    assert found["authorization_response_iss_parameter_supported"] is True
    assert sent(await planner.agree())["iss"] == found["issuer"]
    assert sent(await planner.ask(scope="x"))["iss"] == found["issuer"]


async def test_a_revoked_refresh_token_opens_nothing_nor_does_what_came_of_it(world: World) -> None:
    planner = await an_app(world)
    told, untouched = await planner.tokens(), await planner.tokens()
    later = (await planner.refresh(told["refresh_token"])).json()
    revoked = await planner.post("revoke", {"token": told["refresh_token"], **planner.proof})
    assert (revoked.status_code, revoked.json()) == (200, {})
    assert [await planner.opens(each["access_token"]) for each in (told, later, untouched)] == [401, 401, 200]
    assert error(await planner.refresh(told["refresh_token"])) == BAD_GRANT
    again = await planner.post("revoke", {"token": told["refresh_token"], **planner.proof})
    assert again.status_code == 200


async def test_a_token_that_is_made_while_its_grant_ends_opens_nothing(world: World) -> None:
    planner = await an_app(world)
    told = await planner.tokens()
    refreshes = [planner.refresh(told["refresh_token"]) for _ in range(6)]
    ending = planner.post("revoke", {"token": told["refresh_token"], **planner.proof})
    answers = await asyncio.gather(*refreshes[:3], ending, *refreshes[3:])
    tokens = [each.json()["access_token"] for each in answers if "access_token" in each.json()]
    assert [await planner.opens(each) for each in tokens] == [401] * len(tokens)
    assert {error(each) for each in answers if each.status_code != 200} <= {BAD_GRANT}


async def test_an_app_takes_back_what_is_its_own_alone(world: World) -> None:
    planner, other = await an_app(world), await an_app(world)
    told = await planner.tokens()
    assert error(await other.refresh(told["refresh_token"])) == BAD_GRANT
    assert error(await other.post("revoke", {"token": told["refresh_token"], **other.proof})) == BAD_GRANT
    assert error(await other.post("revoke", {"token": told["refresh_token"], "client_id": planner.client_id})) == (
        BAD_CLIENT
    )
    assert await planner.opens(told["access_token"]) == 200
    assert (await planner.refresh(told["refresh_token"])).status_code == 200


@pytest.mark.parametrize(
    ("token", "answer"),
    [(None, (400, "invalid_request")), ("", (400, "invalid_request")), (make(REFRESH), None), ("x\0", None)],
    ids=["missing", "empty", "unknown", "malformed"],
)
async def test_a_token_that_nobody_knows_is_revoked_already(
    world: World, token: str | None, answer: tuple[int, str] | None
) -> None:
    planner = await an_app(world)
    revoked = await planner.post("revoke", planner.proof | ({} if token is None else {"token": token}))
    assert (revoked.status_code == 200) if answer is None else (error(revoked) == answer)


async def test_an_access_token_is_not_revoked_by_itself(world: World) -> None:
    planner = await an_app(world)
    told = await planner.tokens()
    revoked = await planner.post("revoke", {"token": told["access_token"], **planner.proof})
    assert error(revoked) == (400, "unsupported_token_type")
    assert await planner.opens(told["access_token"]) == 200


async def test_who_has_a_secret_for_an_app_without_one_is_not_that_app(world: World) -> None:
    planner, verifier = await an_app(world, public=True), Verifier()
    code = await planner.code(None, **verifier.asked)
    guess = await planner.exchange(code, code_verifier=verifier.secret, client_secret=make(CLIENT_SECRET))
    assert error(guess) == BAD_CLIENT
    assert (await planner.exchange(code, code_verifier=verifier.secret)).status_code == 200


async def test_one_secret_does_not_do_for_another(world: World) -> None:
    planner = await an_app(world)
    code = await planner.code()
    told = await planner.tokens()
    for secret in (code, told["refresh_token"], planner.secret):
        assert await planner.opens(secret) == 401
    assert error(await planner.refresh(told["access_token"])) == BAD_GRANT
    assert error(await planner.refresh(code)) == BAD_GRANT
    assert error(await planner.exchange(told["refresh_token"])) == BAD_GRANT


async def test_a_token_in_the_address_opens_nothing(world: World) -> None:
    planner = await an_app(world)
    told, http = await planner.tokens(), world.bob.http
    for path in ("/api/1.0/users/me", "/api/1.0/openid_connect/userinfo"):
        assert (await http.get(path, params={"access_token": told["access_token"]})).status_code == 401
        form = {"access_token": told["access_token"]}
        assert (await http.post("/api/1.0/openid_connect/userinfo", data=form)).status_code == 401
    fields = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"], **planner.proof}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert error(await http.post("/-/oauth_token", params=fields, headers=form)) == BAD_CLIENT


@pytest.fixture
async def tight(tmp_path: Path, database: str) -> AsyncIterator[World]:
    """A world with Asana's free limits: 150 requests a minute."""
    async with open_world(tmp_path, Settings(db=database, limits="free")) as opened:
        yield opened


async def test_codes_and_secrets_can_not_be_tried_without_end(tight: World) -> None:
    planner = await an_app(tight)
    guesses = [await planner.exchange(make(CODE)) for _ in range(151)]
    assert {error(each) for each in guesses[:150]} == {BAD_GRANT}
    assert error(guesses[-1]) == (429, "temporarily_unavailable")
    assert 1 <= int(guesses[-1].headers["retry-after"]) <= 60
    other = await an_app(tight)
    tried = [await other.refresh("x", client_secret=make(CLIENT_SECRET)) for _ in range(151)]
    assert [tried[-2].status_code, tried[-1].status_code] == [401, 429]


async def test_who_guesses_from_elsewhere_does_not_use_up_an_apps_limits(tight: World) -> None:
    planner = await an_app(tight)
    transport = httpx2.ASGITransport(tight.bob.http._transport.app, client=("203.0.113.9", 1))  # type: ignore[attr-defined]  # the same app, asked from elsewhere
    async with httpx2.AsyncClient(transport=transport, base_url="http://server.test") as elsewhere:
        fields = {"client_id": planner.client_id, "client_secret": make(CLIENT_SECRET), "grant_type": "x"}
        for _ in range(151):
            refused = await elsewhere.post("/-/oauth_token", data=fields)
    assert refused.status_code == 429
    assert (await planner.exchange(await planner.code())).status_code == 200


async def test_a_fresh_token_brings_no_fresh_limits(tight: World) -> None:
    planner = await an_app(tight)
    told = await planner.tokens()
    for _ in range(150):
        assert await planner.opens(told["access_token"]) == 200
    fresh = (await planner.refresh(told["refresh_token"])).json()
    assert await planner.opens(fresh["access_token"]) == 429
    assert await planner.opens((await planner.tokens(tight.ann))["access_token"]) == 200


async def test_what_one_process_takes_back_is_gone_in_all(world: World, database: str) -> None:
    planner = await an_app(world)
    told = await planner.tokens()
    other = app.open_store(Settings(db=database))
    asgi = app.build(Settings(db=database, limits="off"), other)
    async with (
        asgi.router.lifespan_context(asgi),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(asgi), base_url="http://server.test") as http,
    ):
        headers = {"Authorization": f"Bearer {told['access_token']}"}
        assert (await http.get("/api/1.0/users/me", headers=headers)).status_code == 200
        await planner.post("revoke", {"token": told["refresh_token"], **planner.proof})
        assert (await http.get("/api/1.0/users/me", headers=headers)).status_code == 401
        first = (await world.bob.http.get("/api/1.0/openid_connect/jwks")).json()
        assert (await http.get("/api/1.0/openid_connect/jwks")).json() == first


SOURCE = Path(batchwright.__file__).parent
SECRET = re.compile(r"secret|digest|verifier|challenge|stored|refresh|access|made")
GUARDED = [*(SOURCE / "oauth").glob("*.py"), *(SOURCE / "engine" / name for name in ("auth.py", "tokens.py"))]


@pytest.mark.parametrize("module", GUARDED, ids=lambda module: module.name)
def test_how_long_a_secret_takes_to_compare_tells_nothing(module: Path) -> None:
    """Nothing secret is compared by `==`: it is looked up by its digest, or handed to hmac.compare_digest."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Compare) and any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops):
            sides = [node.left, *node.comparators]
            names = {each.id for side in sides for each in ast.walk(side) if isinstance(each, ast.Name)}
            names |= {each.attr for side in sides for each in ast.walk(side) if isinstance(each, ast.Attribute)}
            assert not [name for name in names if SECRET.search(name)], f"line {node.lineno}"
