"""The composition root: the only place that wires the parts together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from batchwright import demo
from batchwright.accounts import Accounts, Refused
from batchwright.engine.batch import batch
from batchwright.engine.deriving import composed, touching
from batchwright.engine.events import Announcer
from batchwright.engine.limits.memory import in_memory
from batchwright.engine.limits.profiles import PROFILES
from batchwright.engine.pipeline import Pipeline
from batchwright.engine.replies import BASE_PATH
from batchwright.engine.routes import Routes
from batchwright.http.api import Api, unknown
from batchwright.http.docs import Docs
from batchwright.http.front import Front
from batchwright.http.health import Readiness, healthy
from batchwright.openapi import document
from batchwright.resources import KINDS, OPERATIONS
from batchwright.resources.stories.system import telling
from batchwright.settings import Settings
from batchwright.store import databases
from batchwright.store.interface import Store

__all__ = ["Refused", "build"]


def open_store(settings: Settings) -> Store:
    """The database that the settings name; a file is created and upgraded on the way."""
    try:
        # In this order: a story touches its task and is an event, a modification time is neither.
        return databases.open_store(settings.db, KINDS, composed(KINDS, telling, touching, Announcer()))
    except databases.Unusable as problem:
        raise Refused(str(problem)) from None


@asynccontextmanager
async def _accounts(settings: Settings) -> AsyncIterator[Accounts]:
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
    async with _accounts(settings) as accounts:
        return await accounts.add_user(email, name, workspace, organization=organization, admin=admin, guest=guest)


async def create_token(settings: Settings, email: str, *, name: str = "", expires_in_days: int | None = None) -> str:
    """A new token, told this once."""
    async with _accounts(settings) as accounts:
        return await accounts.create_token(email, name=name, expires_in_days=expires_in_days)


async def list_tokens(settings: Settings, email: str) -> list[dict[str, Any]]:
    """A user's tokens, without their secrets."""
    async with _accounts(settings) as accounts:
        return await accounts.list_tokens(email)


async def revoke_token(settings: Settings, gid: str) -> None:
    """Ends a token at once, in running servers too."""
    async with _accounts(settings) as accounts:
        await accounts.revoke_token(gid)


async def load_demo(settings: Settings) -> str:
    """A fresh token of the demo's administrator; the demo is loaded first where the database lacks it."""
    path = Path(settings.db) if databases.is_file(settings.db) else None
    new = path is not None and demo.bring(path)
    async with _accounts(settings) as accounts:
        loaded = await demo.load(accounts, pipeline(settings, accounts.store).perform)
        if path is not None and new and loaded:
            demo.keep(path)
        return await accounts.create_token(demo.administrator(), name="demo")


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


def pipeline(settings: Settings, store: Store) -> Pipeline:
    """All operations over a store, within the settings' limits."""
    made: list[Pipeline] = []
    entry = batch(lambda call: made[0].perform(call), lambda: made[0].routes, settings.max_batch_actions)
    limiter = in_memory(PROFILES[settings.limits])
    made.append(Pipeline(Routes((entry, *OPERATIONS)), store, limiter, settings.max_batch_actions))
    return made[0]


def build(settings: Settings, store: Store | None = None) -> Starlette:
    """The ASGI application; it opens the settings' database when it starts, unless it is given a store."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        opened = store or open_store(settings)
        app.router.routes.append(Route("/readyz", Readiness(opened).answer))
        api = Api(pipeline(settings, opened), settings)
        docs = Docs(lambda: document(KINDS, api.pipeline.routes.operations))
        app.router.routes += [Route(f"{BASE_PATH}/openapi.json", docs.document), Route("/docs", docs.page)]
        app.mount(BASE_PATH, api)
        app.mount("/", unknown)
        app.router.default = unknown  # a mount takes no path with a line break in it
        yield
        await opened.close()

    return Starlette(routes=[Route("/healthz", healthy)], middleware=[Middleware(Front)], lifespan=lifespan)
