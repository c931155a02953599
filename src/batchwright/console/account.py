"""The page of one's own account: tokens, apps that were let in, the password, sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.responses import Response

from batchwright.accounts import Accounts, Refused
from batchwright.console.pages import page, redirect
from batchwright.console.sessions import Person, Sessions
from batchwright.console.throttle import Throttle
from batchwright.console.visits import HOME, Visit
from batchwright.engine.limits import Limited
from batchwright.engine.passwords import LONGEST, SHORTEST, Passwords, fault
from batchwright.model import moments
from batchwright.oauth.grants import Grants

LONGEST_LABEL = 100
LIFETIMES = {"7": "in 7 days", "30": "in 30 days", "90": "in 90 days", "365": "in a year", "": "never"}
DONE = {
    "revoked": "The token was revoked. Whatever used it gets no further.",
    "disconnected": "The app was disconnected. It gets no further.",
    "changed": "Your password was changed. You stay signed in here, and were signed out everywhere else.",
}
Faults = Mapping[str, str]
log = structlog.get_logger("batchwright")


@dataclass(frozen=True)
class Account:
    """The pages for it; all but the first answer forms of that one."""

    accounts: Accounts
    grants: Grants
    passwords: Passwords
    sessions: Sessions
    throttle: Throttle

    async def show(self, visit: Visit) -> Response:
        """GET /-/account."""
        return await self._page(visit, done=DONE.get(visit.asked("done"), ""))

    async def create_token(self, visit: Visit) -> Response:
        """POST /-/account/tokens: the new token is shown with the answer, and never again."""
        label, lifetime = visit.form.get("label", "").strip(), visit.form.get("lifetime", "30")
        faults = {} if label else {"label": "Give the token a label, to know it by."}
        if len(label) > LONGEST_LABEL:
            faults["label"] = f"A label can have at most {LONGEST_LABEL} characters."
        if lifetime not in LIFETIMES:
            faults["lifetime"] = "Choose when the token expires."
        if faults:
            return await self._page(visit, 422, faults=faults, label=label, lifetime=lifetime)
        days = int(lifetime) if lifetime else None
        token = await self.accounts.create_token_of(visit.person.gid, name=label, expires_in_days=days)
        return await self._page(visit, token=token, token_label=label)

    async def revoke_token(self, visit: Visit) -> Response:
        """POST /-/account/tokens/revoke: the token ends at once."""
        try:
            await self.accounts.revoke_token(visit.form.get("gid", ""), of=visit.person.gid)
        except Refused:
            return await self._page(visit, 404, faults={"": "That token is no longer there."})
        return redirect(f"{HOME}?done=revoked")

    async def disconnect(self, visit: Visit) -> Response:
        """POST /-/account/apps/revoke: all that the app was given ends at once."""
        if not await self.grants.end(visit.person.gid, visit.form.get("gid", "")):
            return await self._page(visit, 404, faults={"": "That app is no longer connected."})
        return redirect(f"{HOME}?done=disconnected")

    async def change_password(self, visit: Visit) -> Response:
        """POST /-/account/password: the old one is asked for, and all other sessions end."""
        old, new = visit.form.get("old", "")[: LONGEST + 1], visit.form.get("new", "")
        person = visit.person
        try:
            async with await self.throttle.take(visit.address, person.email):
                faults = await self._wrong(person, old, new, visit.form.get("again", ""))
                if not faults:
                    await self.accounts.set_password(person.email, new, self.passwords)
        except Limited as limited:
            faults = {"old": f"Too many tries. Please wait {limited.retry_after} seconds and try again."}
        except Refused as refused:  # somebody else has set it meanwhile
            faults = {"new": f"{refused}."}
        if faults:
            return await self._page(visit, 422, faults=faults)
        log.info("password changed", user=str(person.gid), address=visit.address)
        answer = redirect(f"{HOME}?done=changed")
        answer.headers["set-cookie"] = self.sessions.kept(await self.sessions.begin(visit.session, person.gid))
        return answer

    async def _wrong(self, person: Person, old: str, new: str, again: str) -> Faults:
        right = await self.accounts.signs_in(person.email, old, self.passwords) == person.gid
        faults = {} if right else {"old": "This isn't your present password."}
        if told := fault(new, person.email):
            faults["new"] = f"{told}."
        return faults if new == again else faults | {"again": "This isn't the same password."}

    async def _page(self, visit: Visit, status: int = 200, **values: Any) -> Response:
        given = {"faults": {}, "label": "", "lifetime": "30", "token": "", "token_label": "", "done": ""} | values
        return page(
            "account.html",
            status,
            person=visit.session.person,
            form_token=self.sessions.form_token(visit.session),
            tokens=await self.accounts.tokens_of(visit.person.gid),
            apps=await self.grants.of(visit.person.gid),
            lifetimes=LIFETIMES,
            shortest=SHORTEST,
            longest_label=LONGEST_LABEL,
            now=moments.now(),
            **given,
        )
