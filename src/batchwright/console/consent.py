"""The page on which a person lets an app in, or doesn't; what follows is decided by `oauth/authorizing.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.responses import Response

from batchwright.console.pages import page, redirect
from batchwright.console.sessions import Sessions
from batchwright.console.signing_in import LOGIN
from batchwright.console.visits import Visit
from batchwright.model import moments
from batchwright.oauth.authorizing import AuthorizationRequest, Authorizing, Redirect, Refused, Shown

JUST_NOW = 2 * 60_000  # ms: how long nobody has to sign in anew for an app that wants it


@dataclass(frozen=True)
class Consent:
    """The pages for it."""

    authorizing: Authorizing
    sessions: Sessions

    async def ask(self, visit: Visit) -> Response:
        """GET /-/oauth_authorize: what the app asks for. A request that isn't in order is answered before anything."""
        checked = await self.authorizing.check(visit.pairs(), visit.base)
        if not isinstance(checked, AuthorizationRequest):
            return self._ended(visit, checked)
        again = "login" in checked.prompt and visit.session.begun < moments.now() - JUST_NOW
        if visit.session.person is None or again:
            return redirect(f"{LOGIN}?{urlencode({'next': visit.here()})}")
        return page(
            "consent.html",
            leads_to=checked.redirect_uri,
            person=visit.session.person,
            form_token=self.sessions.form_token(visit.session),
            request=checked,
            host=urlsplit(checked.redirect_uri).netloc,
            here=visit.here(),
        )

    async def answer(self, visit: Visit) -> Response:
        """POST /-/oauth_authorize: the request is checked again, for it came back from a browser."""
        checked = await self.authorizing.check(visit.pairs(), visit.base)
        if not isinstance(checked, AuthorizationRequest):
            return self._ended(visit, checked)
        if visit.session.person is None:
            return redirect(f"{LOGIN}?{urlencode({'next': visit.here()})}")
        if visit.form.get("answer") != "allow":
            return self._ended(visit, self.authorizing.deny(checked, visit.base), checked)
        return self._ended(visit, await self.authorizing.approve(checked, visit.person.gid, visit.base), checked)

    async def app_named(self, pairs: list[tuple[str, str]], base: str) -> str:
        """The name of the app that asks, "" where the request isn't in order."""
        checked = await self.authorizing.check(pairs, base)
        return checked.app.name if isinstance(checked, AuthorizationRequest) else ""

    def _ended(
        self, visit: Visit, end: Redirect | Shown | Refused, request: AuthorizationRequest | None = None
    ) -> Response:
        if isinstance(end, Redirect):
            return redirect(end.url)
        common: dict[str, Any] = {"person": visit.session.person, "form_token": self.sessions.form_token(visit.session)}
        if isinstance(end, Shown):
            return page("code.html", code=end.code, app=request.app.name if request else "", **common)
        title = "The app wasn't let in" if request else "The app can't be let in"
        return page("message.html", 400, title=title, message=end.message, **common)
