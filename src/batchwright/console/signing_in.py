"""Signing in and out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

import structlog
from starlette.responses import Response

from batchwright.accounts import Accounts
from batchwright.console.pages import page, redirect
from batchwright.console.sessions import Sessions
from batchwright.console.throttle import Throttle
from batchwright.console.visits import Visit, own_path
from batchwright.engine.limits import Limited
from batchwright.engine.passwords import LONGEST, Passwords

LOGIN = "/-/login"
AUTHORIZE = "/-/oauth_authorize"
WRONG = "That e-mail address and password don't go together."
log = structlog.get_logger("batchwright")


@dataclass(frozen=True)
class SigningIn:
    """The pages for it. app_named: the name of the app that an authorization request is of."""

    accounts: Accounts
    passwords: Passwords
    sessions: Sessions
    throttle: Throttle
    app_named: Callable[[list[tuple[str, str]], str], Awaitable[str]]

    async def form(self, visit: Visit) -> Response:
        """GET /-/login: the form; who is signed in already is sent on."""
        going = own_path(visit.asked("next"))
        if visit.session.person is not None and not going.startswith(AUTHORIZE):
            return redirect(going)
        return await self._form(visit, going)

    async def sign_in(self, visit: Visit) -> Response:
        """POST /-/login: a session, or the form again with one and the same answer to whatever was wrong."""
        going = own_path(visit.form.get("next", ""))
        email, password = visit.form.get("email", "").strip(), visit.form.get("password", "")
        faults = {} if email else {"email": "Enter your e-mail address."}
        faults |= {} if password else {"password": "Enter your password."}
        if faults:
            return await self._form(visit, going, 422, email=email, faults=faults)
        try:
            async with await self.throttle.take(visit.address, email):
                user = await self._who(email, password)
        except Limited as limited:
            log.warning("sign-in refused: too many tries", address=visit.address, limiter=limited.limiter)
            wait = f"Too many tries. Please wait {_seconds(limited.retry_after)} and try again."
            answer = await self._form(visit, going, 429, email=email, faults={"": wait})
            answer.headers["retry-after"] = str(limited.retry_after)
            return answer
        if user is None:
            log.warning("sign-in refused", address=visit.address)
            return await self._form(visit, going, 422, email=email, faults={"": WRONG})
        log.info("signed in", user=str(user), address=visit.address)
        answer = redirect(going)
        answer.headers["set-cookie"] = self.sessions.kept(await self.sessions.begin(visit.session, user))
        return answer

    async def sign_out(self, visit: Visit) -> Response:
        """POST /-/logout: here, or with `everywhere` in every browser."""
        if visit.session.person is not None and visit.form.get("everywhere"):
            await self.sessions.end_all(visit.session.person.gid)
        elif visit.session.person is not None:
            await self.sessions.end(visit.session)
        going = visit.form.get("next", "")
        answer = redirect(f"{LOGIN}?{urlencode({'next': own_path(going)} if going else {'done': 'signed-out'})}")
        answer.headers["set-cookie"] = self.sessions.forgotten()
        return answer

    async def _who(self, email: str, password: str) -> int | None:
        # A longer one is nobody's, and costs no more to refuse than any other.
        return await self.accounts.signs_in(email, password[: LONGEST + 1], self.passwords)

    async def _form(
        self, visit: Visit, going: str, status: int = 200, *, email: str = "", faults: dict[str, str] | None = None
    ) -> Response:
        parts = urlsplit(going)
        for_app = parts.path == AUTHORIZE
        pairs = parse_qsl(parts.query, keep_blank_values=True) if for_app else []
        return page(
            "login.html",
            status,
            person=None,
            form_token=self.sessions.form_token(visit.session),
            app=await self.app_named(pairs, visit.base) if for_app else "",
            going=going,
            email=email,
            faults=faults or {},
            done=visit.asked("done"),
        )


def _seconds(count: int) -> str:
    return "a second" if count == 1 else f"{count} seconds"
