"""What whoever keeps the server asks of it: people, tokens and apps, and the database's layout."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from batchwright.accounts import Accounts, Refused
from batchwright.app.opening import open_store
from batchwright.engine.passwords import Passwords
from batchwright.oauth.registering import Apps, BadApp
from batchwright.resources import KINDS
from batchwright.settings import Settings
from batchwright.store import databases


@asynccontextmanager
async def accounts_of(settings: Settings) -> AsyncIterator[Accounts]:
    """The accounts of the settings' database, which is closed at the end."""
    store = open_store(settings)
    try:
        yield Accounts(store)
    finally:
        await store.close()


async def add_user(
    settings: Settings,
    email: str,
    name: str,
    workspace: str,
    *,
    organization: bool = False,
    admin: bool = False,
    guest: bool = False,
) -> dict[str, Any]:
    """A member of a workspace; both are made when new. Answers their gids and names."""
    async with accounts_of(settings) as accounts:
        return await accounts.add_user(email, name, workspace, organization=organization, admin=admin, guest=guest)


async def set_password(settings: Settings, email: str, password: str) -> int:
    """A user's new password for the web pages; how many sessions of theirs that ended."""
    passwords = Passwords()
    async with accounts_of(settings) as accounts:
        return await accounts.set_password(email, password, passwords)


async def create_token(settings: Settings, email: str, *, name: str = "", expires_in_days: int | None = None) -> str:
    """A new token, told this once."""
    async with accounts_of(settings) as accounts:
        return await accounts.create_token(email, name=name, expires_in_days=expires_in_days)


async def list_tokens(settings: Settings, email: str) -> list[dict[str, Any]]:
    """A user's tokens, without their secrets."""
    async with accounts_of(settings) as accounts:
        return await accounts.list_tokens(email)


async def revoke_token(settings: Settings, gid: str) -> None:
    """Ends a token at once, in running servers too."""
    async with accounts_of(settings) as accounts:
        await accounts.revoke_token(gid)


@asynccontextmanager
async def _apps(settings: Settings) -> AsyncIterator[Apps]:
    store = open_store(settings)
    try:
        yield Apps(store)
    except BadApp as problem:
        raise Refused(str(problem)) from None
    finally:
        await store.close()


async def create_app(
    settings: Settings, name: str, redirect_uris: Sequence[str], scopes: Sequence[str] = (), *, public: bool = False
) -> dict[str, Any]:
    """A new app; its secret is told this once."""
    async with _apps(settings) as apps:
        return await apps.create(name, redirect_uris, scopes, public=public)


async def list_apps(settings: Settings) -> list[dict[str, Any]]:
    """All apps, without their secrets."""
    async with _apps(settings) as apps:
        return await apps.listed()


async def rotate_app(settings: Settings, gid: str) -> str:
    """A new secret of an app, told this once; the old one is good for nothing."""
    async with _apps(settings) as apps:
        return await apps.rotate(gid)


async def delete_app(settings: Settings, gid: str) -> None:
    """Ends an app and all that people let it do, at once."""
    async with _apps(settings) as apps:
        await apps.delete(gid)


async def upgrade(settings: Settings) -> str:
    """Creates or upgrades the database; tells what was done."""
    try:
        return f"The database {await asyncio.to_thread(databases.upgrade, settings.db, KINDS)}."
    except databases.Unusable as problem:
        raise Refused(str(problem)) from None


async def check(settings: Settings) -> list[str]:
    """What is wrong with the database; empty when all is well."""
    try:
        return await asyncio.to_thread(databases.check, settings.db, KINDS)
    except databases.Unusable as problem:
        raise Refused(str(problem)) from None
