"""Sessions: a random key in a signed cookie, its digest in a row. Without the row the key opens nothing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from starlette.requests import Request

from batchwright.engine.auth import digest
from batchwright.model import moments
from batchwright.model.calls import Caller
from batchwright.model.changes import Change, Changes, Remove
from batchwright.model.conditions import Join, Reading
from batchwright.model.sealing import seal, unseal
from batchwright.steps.writing import fresh
from batchwright.store.interface import Store
from batchwright.store.views import Committed

DAYS = 14  # that a session lasts
COLUMNS = ("gid", "user", "created_at", "expires_at", "user.name", "user.email")
SESSIONS = Reading("session", "digest", COLUMNS, joins=(Join("user", "gid", "session.user"),))


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    gid: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Session:
    """A browser's session. Before somebody signs in it has a key, for the forms, and no row.

    begun: when the person signed in, in milliseconds.
    """

    key: str
    gid: int = 0
    begun: int = 0
    person: Person | None = None


@dataclass(frozen=True)
class Sessions:
    """Finds, begins and ends sessions. secure: whether the server is reached by https alone."""

    store: Store
    secure: bool

    @property
    def cookie(self) -> str:
        """The cookie's name. With `__Host-`, no other host of the domain can put one in its place."""
        return "__Host-batchwright" if self.secure else "batchwright"

    async def find(self, request: Request) -> Session:
        """The session that a request came with; a new one where its cookie isn't of our making."""
        values = unseal(self.store.secret, "session", request.cookies.get(self.cookie, ""))
        if values is None:
            return Session(secrets.token_urlsafe(24))
        key = str(values[0])
        found = (await self.store.fetch(SESSIONS, 0, (digest(key),)))[digest(key)]
        if not found or found[0][3] <= moments.now():
            return Session(key)
        gid, user, begun, _, name, email = found[0]
        return Session(key, gid, begun, Person(user, name, email))

    async def begin(self, session: Session, user: int) -> Session:
        """The user's session from now on, under a new key: whoever knew the old one knows nothing of it."""
        key, now = secrets.token_urlsafe(24), moments.now()
        ends = now + DAYS * moments.DAY_MS
        made = fresh(self.store.kinds["session"], now, None, user=user, digest=digest(key), expires_at=ends)
        over: list[Change] = [
            Remove("session", each["gid"])
            for each in await self._view.find("session", "user", user, "expires_at")
            if each["expires_at"] <= now
        ]
        over += [Remove("session", session.gid)] if session.gid else []
        await self.store.commit(Changes((*over, made), 0, now))
        return Session(key, made.gid, now)

    async def end(self, session: Session) -> None:
        """Signs this browser out."""
        await self.store.commit(Changes((Remove("session", session.gid),), 0, moments.now()))

    async def end_all(self, user: int) -> None:
        """Signs the user out in every browser."""
        found = await self._view.find("session", "user", user)
        await self.store.commit(Changes(tuple(Remove("session", each["gid"]) for each in found), 0, moments.now()))

    def kept(self, session: Session) -> str:
        """The header by which a browser keeps the session: until it is closed, or for as long as the row lasts."""
        return self._header(seal(self.store.secret, "session", session.key), DAYS * 86_400 if session.gid else None)

    def forgotten(self) -> str:
        """The header by which a browser forgets it."""
        return self._header("", 0)

    def form_token(self, session: Session) -> str:
        """What our forms carry, so that no other site's form counts as the person's."""
        return seal(self.store.secret, f"form {session.key}")

    def is_form_token(self, session: Session, token: str) -> bool:
        """Whether a form was one of this session's."""
        return unseal(self.store.secret, f"form {session.key}", token) is not None

    def _header(self, value: str, seconds: int | None) -> str:
        marks = ["Path=/", "HttpOnly", "SameSite=Lax", *(["Secure"] if self.secure else [])]
        marks += [] if seconds is None else [f"Max-Age={seconds}"]
        return "; ".join([f"{self.cookie}={value}", *marks])

    @property
    def _view(self) -> Committed:
        return Committed(self.store, Caller(0, ""))
