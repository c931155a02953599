"""The pages as one ASGI endpoint: who comes, whether the form is theirs, the page, and nothing kept by caches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from batchwright.accounts import Accounts
from batchwright.console.account import Account
from batchwright.console.consent import Consent
from batchwright.console.pages import STYLE, page, redirect, style
from batchwright.console.sessions import Session, Sessions
from batchwright.console.signing_in import AUTHORIZE, LOGIN, SigningIn
from batchwright.console.throttle import Throttle
from batchwright.console.visits import HOME, Handler, Visit, address_of
from batchwright.engine.passwords import Passwords
from batchwright.http.arrivals import BODIES, Arriving, Room
from batchwright.http.forms import pairs
from batchwright.http.replying import deliver
from batchwright.model.problems import Problem
from batchwright.oauth.authorizing import Authorizing
from batchwright.oauth.grants import Grants
from batchwright.settings import Settings
from batchwright.store.interface import Store

FORM_BYTES = 64 * 1024
KEPT = "".join(chr(each) for each in range(33, 127) if chr(each) != "\\")  # what a query may hold as it is
STALE = (
    "It was opened before you signed in or out, or a while ago, or your browser keeps no cookies for this site. "
    "Nothing was changed."
)


@dataclass(frozen=True)
class Console:
    """The ASGI application behind all pages."""

    signing_in: SigningIn
    consent: Consent
    account: Account
    sessions: Sessions
    settings: Settings

    async def close(self) -> None:
        """Lets go of what the pages hold outside the store."""
        await self.signing_in.throttle.close()
        self.signing_in.passwords.close()

    @property
    def routes(self) -> list[Route]:
        """Where it is reached."""
        return [Route(path, self) for path in (STYLE, *self._handlers)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        request = Request(scope)
        body = Arriving(scope, receive, self._bounds, self._room)
        try:
            response = await self._answer(request, body)
        except Problem as problem:
            response = _told(problem.status, "That didn't work", problem.messages[0])
            response.headers.update({name.lower(): str(value) for name, value in problem.headers.items()})
        finally:
            body.release()
        await deliver(response, body, send, head=request.method == "HEAD")

    async def _answer(self, request: Request, body: Arriving) -> Response:
        path = request.scope["path"]
        if path == STYLE:
            return style()
        method = "GET" if request.method == "HEAD" else request.method
        known = self._handlers[path]
        if method not in known:
            allowed = ", ".join(known)
            raise Problem(405, "This page takes no such request.", headers={"Allow": allowed})
        form = pairs(await body.read(), "form") if method == "POST" else {}
        session = await self.sessions.find(request)
        visit = self._visit(request, form, session)
        if session.person is not None:
            bind_contextvars(user=str(session.person.gid))
        if method == "POST" and not self.sessions.is_form_token(session, form.get("form_token", "")):
            return _told(403, "This form can't be used any more", STALE, link=LOGIN)
        if session.person is None and path.startswith(HOME):
            return redirect(f"{LOGIN}?{urlencode({'next': HOME})}")
        response = await known[method](visit)
        if session.person is None and "set-cookie" not in response.headers:
            response.headers["set-cookie"] = self.sessions.kept(session)
        return response

    def _visit(self, request: Request, form: Mapping[str, str], session: Session) -> Visit:
        query = quote(request.scope["query_string"], safe=KEPT)
        base = self.settings.public_url or str(request.base_url).rstrip("/")
        return Visit(request.scope["path"], query, form, session, address_of(request), base)

    @cached_property
    def _handlers(self) -> Mapping[str, Mapping[str, Handler]]:
        return {
            LOGIN: {"GET": self.signing_in.form, "POST": self.signing_in.sign_in},
            "/-/logout": {"POST": self.signing_in.sign_out},
            AUTHORIZE: {"GET": self.consent.ask, "POST": self.consent.answer},
            HOME: {"GET": self.account.show},
            f"{HOME}/tokens": {"POST": self.account.create_token},
            f"{HOME}/tokens/revoke": {"POST": self.account.revoke_token},
            f"{HOME}/apps/revoke": {"POST": self.account.disconnect},
            f"{HOME}/password": {"POST": self.account.change_password},
        }

    @cached_property
    def _bounds(self) -> Settings:
        return replace(self.settings, max_body_bytes=FORM_BYTES)

    @cached_property
    def _room(self) -> Room:
        return Room(BODIES * FORM_BYTES)


def console(store: Store, authorizing: Authorizing, throttle: Throttle, settings: Settings) -> Console:
    """All pages over a store."""
    accounts, passwords, sessions = Accounts(store), Passwords(), Sessions(store, _is_secure(settings))
    consent = Consent(authorizing, sessions)
    return Console(
        SigningIn(accounts, passwords, sessions, throttle, consent.app_named),
        consent,
        Account(accounts, Grants(store), passwords, sessions, throttle),
        sessions,
        settings,
    )


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def _told(status: int, title: str, message: str, link: str = "") -> Response:
    return page("message.html", status, person=None, form_token="", title=title, message=message, link=link)
