"""People, their tokens and their passwords, as whoever keeps the server manages them, and as they do themselves."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from batchwright.engine.auth import digest, make_token
from batchwright.engine.passwords import Passwords, fault
from batchwright.model import gids, moments
from batchwright.model.calls import Caller
from batchwright.model.changes import Change, Changes, Conflict, Insert, Remove, Set
from batchwright.model.conditions import Join, Query, Reading, equals
from batchwright.model.views import Row
from batchwright.resources.users.joining import joining
from batchwright.steps.people import member
from batchwright.steps.writing import fresh
from batchwright.store.interface import Store
from batchwright.store.views import Committed

# In one statement, so that it takes the same whether somebody has the address or not.
SIGNING_IN = Reading(
    "user", "email", ("gid", "password.gid", "password.hash"), joins=(Join("password", "user", "user.gid", True),)
)


class Refused(Exception):
    """What was asked for can't be done; the message is one line for the person who asked."""


@dataclass(frozen=True)
class Accounts:
    """Reads and writes accounts on the server's own behalf."""

    store: Store

    @property
    def _view(self) -> Committed:
        return Committed(self.store, Caller(0, ""))

    async def add_user(
        self,
        email: str,
        name: str,
        workspace: str,
        *,
        organization: bool = False,
        admin: bool = False,
        guest: bool = False,
    ) -> dict[str, Any]:
        """A member of a workspace; both are made when new. Answers their gids and names.

        Raises Refused for marks that an old member or an old workspace hasn't got: nothing here changes them.
        """
        email = email.strip().casefold()
        if "@" not in email[1:-1]:
            raise Refused(f"not an e-mail address: {email}")
        if not name.strip() or not workspace.strip():
            raise Refused("a user and a workspace need a name")
        if admin and guest:
            raise Refused("a guest can't be an admin")
        now = moments.now()
        changes: list[Change] = []
        home = await self._workspace(workspace, organization, email, changes)
        user = await self._user(email, name, changes)
        held = await member(self._view, "workspace", home, user)
        if held and (admin > held.is_admin or guest > held.is_guest):
            raise Refused(f"{email} is in {workspace} already, not as {'an admin' if admin else 'a guest'}")
        if held is None:
            changes += joining(self.store.kinds, user, home, workspace, now, is_admin=admin, is_guest=guest)
        await self.store.commit(Changes(tuple(changes), 0, now))
        return {
            "user": {"gid": str(user), "email": email},
            "workspace": {"gid": str(home), "name": workspace},
        }

    async def known(self, email: str) -> bool:
        """Whether somebody has this e-mail address."""
        return await self._gid(email) is not None

    async def create_token(self, email: str, *, name: str = "", expires_in_days: int | None = None) -> str:
        """A new token, told this once."""
        return await self.create_token_of(await self._known(email), name=name, expires_in_days=expires_in_days)

    async def create_token_of(self, user: int, *, name: str = "", expires_in_days: int | None = None) -> str:
        """The same for a user with this gid."""
        token, now = make_token(), moments.now()
        expires_at = None if expires_in_days is None else now + expires_in_days * moments.DAY_MS
        kind = self.store.kinds["token"]
        made = fresh(kind, now, None, user=user, digest=digest(token), name=name, expires_at=expires_at)
        await self.store.commit(Changes((made,), 0, now))
        return token

    async def list_tokens(self, email: str) -> list[dict[str, Any]]:
        """A user's tokens: gid, name, when made, when they end, when they were last used."""
        return [
            {
                "gid": str(each["gid"]),
                "name": each["name"],
                "created_at": moments.show(each["created_at"]),
                "expires_at": _shown(each["expires_at"]),
                "last_used_at": _shown(each["used_at"]),
            }
            for each in await self.tokens_of(await self._known(email))
        ]

    async def tokens_of(self, user: int) -> list[Row]:
        """A user's own tokens, not those of apps, the oldest first: gid, name, and moments in milliseconds."""
        found = await self._view.find("token", "user", user, "name", "created_at", "expires_at", "used_at", "grant")
        return sorted((each for each in found if each["grant"] is None), key=lambda each: int(each["gid"]))

    async def revoke_token(self, gid: str, *, of: int | None = None) -> None:
        """Ends a token at once; `of`: only if it is this user's."""
        number = gids.parse(gid)
        found = await self._view.rows("token", (number,), "user") if number is not None else {}
        if number is None or not found or of not in (None, found[number]["user"]):
            raise Refused(f"no token has the gid {gid}")
        await self.store.commit(Changes((Remove("token", number),), 0, moments.now()))

    async def set_password(self, email: str, password: str, passwords: Passwords) -> int:
        """A user's new password, for the web pages; how many sessions of theirs that ended."""
        user = await self._known(email)
        if wrong := fault(password, email):
            raise Refused(wrong)
        stored, now = await passwords.hash(password), moments.now()
        ended = await self._view.find("session", "user", user)
        changes: list[Change] = [Remove("session", each["gid"]) for each in ended]
        changes.append(await self._password(user, stored, now))
        try:
            await self.store.commit(Changes(tuple(changes), 0, now))
        except Conflict:
            raise Refused(f"the password of {email} was set by somebody else at the same moment") from None
        return len(ended)

    async def signs_in(self, email: str, password: str, passwords: Passwords) -> int | None:
        """The user who has this e-mail address and this password; None for all else, after as much time."""
        key = email.strip().casefold()
        found = (await self.store.fetch(SIGNING_IN, 0, (key,)))[key]
        user, gid, stored = found[0] if found else (None, None, None)
        if not await passwords.matches(stored, password) or user is None:
            return None
        if passwords.outdated(stored):
            again = Set("password", gid, {"hash": await passwords.hash(password)}, expect={"hash": stored})
            with suppress(Conflict):  # a newer password was set meanwhile
                await self.store.commit(Changes((again,), 0, moments.now()))
        return int(user)

    async def _password(self, user: int, stored: str, now: int) -> Insert | Set:
        if known := await self._view.find("password", "user", user):
            return Set("password", known[0]["gid"], {"hash": stored, "created_at": now})
        return fresh(self.store.kinds["password"], now, None, user=user, hash=stored)

    async def _gid(self, email: str) -> int | None:
        found = await self._view.find("user", "email", email.strip().casefold())
        return found[0]["gid"] if found else None

    async def _known(self, email: str) -> int:
        found = await self._gid(email)
        if found is None:
            raise Refused(f"no user has the e-mail address {email}")
        return found

    async def _workspace(self, name: str, organization: bool, email: str, changes: list[Change]) -> int:
        found = await self._view.select(Query("workspace", (equals("name", name),), visible=False), "is_organization")
        if found and organization > found[0][2]:
            raise Refused(f"{name} is there already, and no organization")
        if found:
            return int(found[0][0])
        domains = f'["{email.rpartition("@")[2]}"]' if organization else "[]"
        kind = self.store.kinds["workspace"]
        made = fresh(kind, moments.now(), None, name=name, is_organization=organization, email_domains=domains)
        changes.append(made)
        return made.gid

    async def _user(self, email: str, name: str, changes: list[Change]) -> int:
        found = await self._gid(email)
        if found is not None:
            return found
        made = fresh(self.store.kinds["user"], moments.now(), None, name=name, email=email)
        changes.append(made)
        return made.gid


def _shown(ms: int | None) -> str | None:
    return None if ms is None else moments.show(ms)
