"""People and tokens, as whoever keeps the server manages them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from batchwright.engine.auth import digest, make_token
from batchwright.model import gids, moments
from batchwright.model.calls import Caller
from batchwright.model.changes import Change, Changes, Remove
from batchwright.model.conditions import Query, equals
from batchwright.resources.users.joining import joining
from batchwright.steps.people import member
from batchwright.steps.writing import fresh
from batchwright.store.interface import Store
from batchwright.store.views import Committed


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
        user = await self._known(email)
        token, now = make_token(), moments.now()
        expires_at = None if expires_in_days is None else now + expires_in_days * moments.DAY_MS
        kind = self.store.kinds["token"]
        made = fresh(kind, now, None, user=user, digest=digest(token), name=name, expires_at=expires_at)
        await self.store.commit(Changes((made,), 0, now))
        return token

    async def list_tokens(self, email: str) -> list[dict[str, Any]]:
        """A user's tokens: gid, name, when made, when they end."""
        user = await self._known(email)
        query = Query("token", (equals("user", user),), visible=False)
        rows = await self._view.select(query, "name", "created_at", "expires_at")
        return [
            {
                "gid": str(row[0]),
                "name": row[2],
                "created_at": moments.show(row[3]),
                "expires_at": _shown(row[4]),
            }
            for row in rows
        ]

    async def revoke_token(self, gid: str) -> None:
        """Ends a token at once."""
        number = gids.parse(gid)
        if number is None or not await self._view.rows("token", (number,)):
            raise Refused(f"no token has the gid {gid}")
        await self.store.commit(Changes((Remove("token", number),), 0, moments.now()))

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
