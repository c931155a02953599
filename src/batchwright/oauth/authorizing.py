"""What happens while a person is asked whether an app may act for them: the request checked, approved or denied.

The pages that ask are elsewhere; they call `check`, show the request, then call `approve` or `deny`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from batchwright.engine.tokens import CODE, digest, make
from batchwright.model import moments
from batchwright.model.changes import Changes, Conflict, Remove
from batchwright.model.conditions import Compare, Query, equals
from batchwright.model.scopes import EVERYTHING, OPENID, SCOPES, in_words
from batchwright.oauth.apps import OOB, App, find_app
from batchwright.oauth.signing import Signer, issuer
from batchwright.steps.writing import fresh
from batchwright.store.interface import Store

CODE_MS = 5 * 60_000  # how long a code can be exchanged
LONGEST = 2_000  # characters of a nonce
HYBRID = frozenset(("code", "id_token"))
RESPONSE_TYPES = (frozenset(("code",)), HYBRID)
_CHALLENGE = re.compile(r"[0-9A-Za-z_-]{43}")  # SHA-256 in base64url


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that is in order, to be put to the person.

    app: who asks (`app.name`). scopes: in the order asked. words: the same as lines for the page. state, nonce: None
    where none was given. challenge: PKCE's, "" for none. prompt: OpenID Connect's words for how to ask, such as
    "login" (sign in anew).
    """

    app: App
    redirect_uri: str
    hybrid: bool
    scopes: tuple[str, ...]
    state: str | None
    nonce: str | None
    challenge: str
    prompt: frozenset[str]

    @property
    def words(self) -> tuple[str, ...]:
        """What the app asks for, in plain words, a line each."""
        return in_words(self.scopes)

    @property
    def oob(self) -> bool:
        """Whether the code is to be shown instead of sent back."""
        return self.redirect_uri == OOB


@dataclass(frozen=True, slots=True)
class Refused:
    """To be told on a page of our own with status 400, never by a redirect: nobody knows where one would lead."""

    message: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser there (303), with a code or an error for the app."""

    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Show the person this code, to be typed into the app."""

    code: str


class _Fault(Exception):
    """The request of a known app to a known address is not in order: the app is told."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


@dataclass(frozen=True)
class Authorizing:
    """The authorization endpoint without its pages. `base` is the server's own URL as the browser knows it."""

    store: Store
    signer: Signer

    async def check(self, pairs: Iterable[tuple[str, str]], base: str) -> AuthorizationRequest | Refused | Redirect:
        """The request that a query's names and values make (all of them: a repeated name is a fault).

        Call it for the page and again when the person has answered it: nothing that comes back with a form is trusted.
        """
        given = list(pairs)
        params = dict(given)
        app = await find_app(self.store, params.get("client_id", ""))
        uri = params.get("redirect_uri", "")
        names = [name for name, _ in given]
        if app is None or names.count("client_id") != 1:
            return Refused("The required parameter client_id is missing or invalid.")
        if uri not in app.redirect_uris or names.count("redirect_uri") != 1:
            return Refused("The required parameter redirect_uri is missing or doesn't match one of the app's.")
        hybrid = frozenset(params.get("response_type", "").split()) == HYBRID
        try:
            if len(names) != len(set(names)):
                raise _Fault("invalid_request", "A parameter is given twice.")
            return _checked(app, params)
        except _Fault as fault:
            told = {"error": fault.error, "error_description": fault.description}
            return _sent(uri, told, params.get("state"), base, hybrid=hybrid)

    async def approve(self, request: AuthorizationRequest, user: int, base: str) -> Redirect | Shown | Refused:
        """The person (a user's gid) lets the app do what it asked."""
        code, now = make(CODE), moments.now()
        kinds, app = self.store.kinds, request.app.gid
        grant = fresh(kinds["grant"], now, None, user=user, app=app, scopes=" ".join(request.scopes))
        kept = fresh(
            kinds["authorization_code"],
            now,
            None,
            grant=grant.gid,
            digest=digest(code),
            redirect_uri=request.redirect_uri,
            challenge=request.challenge,
            nonce=request.nonce,
            expires_at=now + CODE_MS,
        )
        stale = tuple(Remove("grant", gid) for gid in await self._stale(user, app, now))
        try:
            await self.store.commit(Changes((*stale, grant, kept), 0, now))
        except Conflict:
            return Refused("The app is no longer known here.")
        if request.oob:
            return Shown(code)
        sent = {"code": code}
        if request.hybrid:
            sent["id_token"] = await self.signer.id_token(
                app, user, request.scopes, base, nonce=request.nonce, c_hash=code
            )
        return _sent(request.redirect_uri, sent, request.state, base, hybrid=request.hybrid)

    def deny(self, request: AuthorizationRequest, base: str) -> Redirect | Refused:
        """The person doesn't."""
        if request.oob:
            return Refused("You did not let the app in. You can close this page.")
        told = {"error": "access_denied", "error_description": "The user denied the request."}
        return _sent(request.redirect_uri, told, request.state, base, hybrid=request.hybrid)

    async def _stale(self, user: int, app: int, now: int) -> list[int]:
        """What the person allowed the same app before, and the app never fetched."""
        unfetched = (equals("redeemed_at", None), Compare("created_at", "<", now - CODE_MS))
        where = (equals("user", user), equals("app", app), *unfetched)
        return [row[0] for row in await self.store.select(Query("grant", where, visible=False), 0, ())]


def _checked(app: App, params: dict[str, str]) -> AuthorizationRequest:
    if any(not value.isprintable() for value in params.values()):
        raise _Fault("invalid_request", "A parameter holds characters that can't be printed.")
    kinds = frozenset(params.get("response_type", "").split())
    if not kinds:
        raise _Fault("invalid_request", "response_type is missing.")
    if kinds not in RESPONSE_TYPES:
        raise _Fault("unsupported_response_type", "response_type must be `code` or `code id_token`.")
    hybrid = kinds == HYBRID
    if params.get("response_mode", "fragment" if hybrid else "query") != ("fragment" if hybrid else "query"):
        raise _Fault("invalid_request", "response_mode is not supported.")
    prompt = frozenset(params.get("prompt", "").split())
    if "none" in prompt:
        raise _Fault("interaction_required", "The user is always asked.")
    scopes = _scopes(app, params.get("scope", ""))
    nonce = params.get("nonce")
    if hybrid and (OPENID not in scopes or not nonce):
        raise _Fault("invalid_request", "An id_token needs the scope `openid` and a nonce.")
    if hybrid and params["redirect_uri"] == OOB:
        raise _Fault("invalid_request", "An id_token can't be shown: ask for `code`.")
    if nonce is not None and len(nonce) > LONGEST:
        raise _Fault("invalid_request", "The nonce is too long.")
    return AuthorizationRequest(
        app, params["redirect_uri"], hybrid, scopes, params.get("state"), nonce, _challenge(app, params), prompt
    )


def _scopes(app: App, text: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(text.split())) or (EVERYTHING,)
    unknown = [each for each in scopes if each not in SCOPES]
    if unknown:
        raise _Fault("invalid_scope", "There is no such scope.")
    if not all(app.may_ask(each) for each in scopes):
        raise _Fault("forbidden_scopes", "The app isn't registered for all of these scopes.")
    return scopes


def _challenge(app: App, params: dict[str, str]) -> str:
    challenge, method = params.get("code_challenge", ""), params.get("code_challenge_method", "")
    if not challenge and not method and app.confidential:
        return ""
    if not challenge:
        raise _Fault("invalid_request", "code_challenge is missing.")
    if method != "S256":
        raise _Fault("invalid_request", "code_challenge_method must be S256.")
    if not _CHALLENGE.fullmatch(challenge):
        raise _Fault("invalid_request", "code_challenge is not a SHA-256 in base64url.")
    return challenge


def _sent(uri: str, told: dict[str, str], state: str | None, base: str, *, hybrid: bool) -> Redirect | Refused:
    if uri == OOB:
        return Refused(told["error_description"])
    query = urlencode(told | ({} if state is None else {"state": state}) | {"iss": issuer(base)})
    if hybrid:
        return Redirect(f"{uri}#{query}")
    return Redirect(f"{uri}{'&' if '?' in uri else '?'}{query}")
