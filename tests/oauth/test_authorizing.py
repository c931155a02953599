"""What an app may ask of a person, and how it is told what they said."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.oauth.dancing import BACK, BASE, OOB, Verifier, an_app, sent
from tests.world import World

from batchwright.model.scopes import SCOPES
from batchwright.oauth.apps import good_redirect
from batchwright.oauth.authorizing import AuthorizationRequest, Redirect, Refused, Shown
from batchwright.oauth.registering import Apps
from batchwright.oauth.signing import Signer

ISSUER = f"{BASE}/api/1.0"


async def test_a_request_in_order_says_who_asks_for_what(world: World) -> None:
    app = await an_app(world)
    asked = await app.ask(scope="tasks:read  users:read tasks:read", nonce="n", prompt="consent")
    assert isinstance(asked, AuthorizationRequest)
    assert (asked.app.name, asked.scopes, asked.state, asked.nonce) == (
        "Planner",
        ("tasks:read", "users:read"),
        "s t&a=te",
        "n",
    )
    assert asked.words == (SCOPES["tasks:read"], SCOPES["users:read"])
    assert asked.prompt == {"consent"}


async def test_without_a_scope_everything_is_asked_for(world: World) -> None:
    asked = await (await an_app(world)).ask()
    assert isinstance(asked, AuthorizationRequest)
    assert asked.scopes == ("default",)
    assert len(asked.words) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": None},
        {"client_id": ""},
        {"client_id": "1"},
        {"client_id": "'"},
        {"client_id": "9" * 30},
        {"redirect_uri": None},
        {"redirect_uri": ""},
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": f"{BACK}?x=1"},
        {"redirect_uri": f"{BACK}#x"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": BACK.replace("https", "http")},
        {"redirect_uri": "https://app.example:443/back"},
        {"redirect_uri": "https://app.example/%62ack"},
        {"redirect_uri": "https://app.example/x/../back"},
        {"redirect_uri": "https://app.example@evil.example/back"},
        {"redirect_uri": "https://app.example.evil.example/back"},
        {"redirect_uri": f" {BACK}"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": OOB.upper()},
    ],
    ids=str,
)
async def test_nobody_is_sent_where_no_app_was_registered(world: World, changed: dict[str, Any]) -> None:
    assert isinstance(await (await an_app(world)).ask(**changed), Refused)


async def test_an_address_of_another_app_is_refused(world: World) -> None:
    app = await an_app(world)
    await an_app(world, "https://evil.example/back")
    assert isinstance(await app.ask(redirect_uri="https://evil.example/back"), Refused)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "response_type", "state", "scope"])
async def test_a_parameter_that_is_given_twice_is_a_fault(world: World, name: str) -> None:
    app = await an_app(world)
    pairs = [*app.query(scope="default").items(), (name, app.query(scope="default")[name])]
    answer = await app.authorizing.check(pairs, BASE)
    if name in ("client_id", "redirect_uri"):
        assert isinstance(answer, Refused)
    else:
        assert sent(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("error", "changed"),
    [
        ("invalid_request", {"response_type": None}),
        ("unsupported_response_type", {"response_type": "token"}),
        ("unsupported_response_type", {"response_type": "id_token"}),
        ("unsupported_response_type", {"response_type": "code token"}),
        ("invalid_request", {"response_mode": "form_post"}),
        ("invalid_request", {"response_mode": "fragment"}),
        ("invalid_scope", {"scope": "tasks:read tasks:burn"}),
        ("invalid_scope", {"scope": "Default"}),
        ("invalid_request", {"code_challenge": "x" * 43}),
        ("invalid_request", {"code_challenge": "x" * 43, "code_challenge_method": "plain"}),
        ("invalid_request", {"code_challenge": "x" * 43, "code_challenge_method": "s256"}),
        ("invalid_request", {"code_challenge": "x" * 42, "code_challenge_method": "S256"}),
        ("invalid_request", {"code_challenge": "x" * 42 + "=", "code_challenge_method": "S256"}),
        ("invalid_request", {"code_challenge_method": "S256"}),
        ("interaction_required", {"prompt": "none"}),
        ("invalid_request", {"nonce": "n" * 2001}),
        ("invalid_request", {"nonce": "\0"}),
        ("invalid_request", {"state": "a\r\nb"}),
    ],
    ids=str,
)
async def test_what_is_wrong_is_told_to_the_app(world: World, error: str, changed: dict[str, Any]) -> None:
    app = await an_app(world)
    told = sent(await app.ask(**changed))
    assert told.keys() == {"error", "error_description", "state", "iss"}
    assert (told["error"], told["state"]) == (error, app.query(**changed)["state"])


async def test_an_app_asks_for_no_more_than_it_was_registered_for(world: World) -> None:
    app = await an_app(world, scopes=("tasks:read", "openid"))
    assert isinstance(await app.ask(scope="tasks:read"), AuthorizationRequest)
    for scope in (None, "default", "tasks:write", "tasks:read tasks:write"):
        assert sent(await app.ask(scope=scope))["error"] == "forbidden_scopes"


async def test_an_app_that_keeps_no_secret_needs_a_challenge(world: World) -> None:
    app = await an_app(world, public=True)
    assert sent(await app.ask())["error"] == "invalid_request"
    assert isinstance(await app.ask(**Verifier().asked), AuthorizationRequest)


async def test_yes_and_no_are_told_to_the_app_with_its_state_and_who_we_are(world: World) -> None:
    app = await an_app(world, f"{BACK}?tenant=1")
    asked = await app.ask(redirect_uri=f"{BACK}?tenant=1")
    assert isinstance(asked, AuthorizationRequest)
    yes = await app.agree(redirect_uri=f"{BACK}?tenant=1")
    assert isinstance(yes, Redirect)
    assert yes.url.startswith(f"{BACK}?tenant=1&code=bwc_")
    assert sent(yes) == {"tenant": "1", "code": sent(yes)["code"], "state": "s t&a=te", "iss": ISSUER}
    no = sent(app.authorizing.deny(asked, BASE))
    assert (no["error"], no["state"], no["tenant"]) == ("access_denied", "s t&a=te", "1")


async def test_no_state_is_sent_where_none_was_given(world: World) -> None:
    app = await an_app(world)
    assert sent(await app.agree(state=None)).keys() == {"code", "iss"}
    assert sent(await app.agree(state=""))["state"] == ""


async def test_a_code_is_shown_to_those_who_have_no_address(world: World) -> None:
    app = await an_app(world)
    shown = await app.agree(redirect_uri=OOB)
    assert isinstance(shown, Shown)
    assert (await app.exchange(shown.code, redirect_uri=OOB)).status_code == 200
    asked = await app.ask(redirect_uri=OOB)
    assert isinstance(asked, AuthorizationRequest)
    assert isinstance(app.authorizing.deny(asked, BASE), Refused)
    assert isinstance(await app.ask(redirect_uri=OOB, scope="tasks:burn"), Refused)


async def test_the_hybrid_answer_is_a_fragment_whose_id_token_vouches_for_the_code(world: World) -> None:
    app = await an_app(world)
    hybrid: dict[str, Any] = {"response_type": "id_token code", "scope": "openid email", "nonce": "n0"}
    told = sent(await app.agree(**hybrid), "fragment")
    assert told.keys() == {"code", "id_token", "state", "iss"}
    keys = KeySet.import_key_set(await keys_of(world))
    claims = jwt.decode(told["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["sub"]) == (ISSUER, app.client_id, world.bob.gid)
    assert (claims["nonce"], claims["email"]) == ("n0", "bob@acme.example")
    assert "name" not in claims
    assert claims["c_hash"] == half(told["code"])
    assert (await app.exchange(told["code"])).status_code == 200


async def keys_of(world: World) -> Any:
    return await Signer(world.store).public_keys()


def half(text: str) -> str:
    """What OpenID Connect Core, section 3.3.2.11, has an ID token say of a code."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


@pytest.mark.parametrize("changed", [{"nonce": None}, {"nonce": ""}, {"scope": "default"}], ids=str)
async def test_the_hybrid_answer_needs_a_nonce_and_the_scope(world: World, changed: dict[str, Any]) -> None:
    app = await an_app(world)
    usual = {"response_type": "code id_token", "scope": "openid", "nonce": "n"}
    assert sent(await app.ask(**(usual | changed)), "fragment")["error"] == "invalid_request"


async def test_an_app_that_is_deleted_meanwhile_gets_nothing(world: World) -> None:
    app = await an_app(world)
    asked = await app.ask()
    assert isinstance(asked, AuthorizationRequest)
    await Apps(world.store).delete(app.client_id)
    assert isinstance(await app.authorizing.approve(asked, int(world.bob.gid), BASE), Refused)


@pytest.mark.parametrize(
    ("uri", "good"),
    [
        ("https://app.example", True),
        ("https://app.example:8443/a/b?c=d", True),
        ("http://localhost:3000/back", True),
        ("http://127.0.0.1/back", True),
        ("http://[::1]:1/back", True),
        (OOB, True),
        ("http://app.example/back", False),
        ("https://app.example/#", False),
        ("https://app.example/#x", False),
        ("https://user@app.example/", False),
        ("https://app.example@evil.example/", False),
        ("https:///back", False),
        ("https:app.example", False),
        ("//app.example/back", False),
        ("http://localhost.evil.example/", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://app.example/\n", False),
        ("https://app.example/ x", False),
        ("https://app.example\\@evil.example/", False),
        ("https://app.example:x/", False),
        ("https://äpp.example/", False),
        ("", False),
    ],
)
def test_where_people_may_be_sent_back_to(uri: str, good: bool) -> None:
    assert good_redirect(uri) is good
