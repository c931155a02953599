"""The composition root: the only place that wires the parts together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

from batchwright import demo
from batchwright.accounts import Refused
from batchwright.app.opening import open_store as open_store
from batchwright.app.upkeep import accounts_of
from batchwright.app.upkeep import add_user as add_user
from batchwright.app.upkeep import check as check
from batchwright.app.upkeep import create_app as create_app
from batchwright.app.upkeep import create_token as create_token
from batchwright.app.upkeep import delete_app as delete_app
from batchwright.app.upkeep import list_apps as list_apps
from batchwright.app.upkeep import list_tokens as list_tokens
from batchwright.app.upkeep import revoke_token as revoke_token
from batchwright.app.upkeep import rotate_app as rotate_app
from batchwright.app.upkeep import set_password as set_password
from batchwright.app.upkeep import upgrade as upgrade
from batchwright.console.site import console
from batchwright.console.throttle import BY_ADDRESS, BY_EMAIL, Throttle
from batchwright.engine.batch import Batches, batch
from batchwright.engine.bulk import Bulk
from batchwright.engine.bulk import operations as bulk_operations
from batchwright.engine.drafting import Perform
from batchwright.engine.limits import Limiter
from batchwright.engine.limits.memory import MemoryLimiter, Unlimited, in_memory
from batchwright.engine.limits.profiles import Profile, chosen
from batchwright.engine.passwords import Passwords
from batchwright.engine.pipeline import Pipeline
from batchwright.engine.replies import BASE_PATH
from batchwright.engine.routes import Routes
from batchwright.http.api import Api, unknown
from batchwright.http.cors import Cors
from batchwright.http.docs import Docs
from batchwright.http.front import Front
from batchwright.http.health import Readiness, healthy
from batchwright.http.oauth import Endpoints
from batchwright.model.operations import Operation
from batchwright.oauth.authorizing import Authorizing
from batchwright.oauth.clients import Clients
from batchwright.oauth.exchanging import Exchanging
from batchwright.oauth.grants import Grants
from batchwright.oauth.identity import Identity
from batchwright.oauth.revoking import Revoking
from batchwright.oauth.signing import Signer
from batchwright.openapi import document
from batchwright.resources import KINDS, OPERATIONS
from batchwright.settings import Settings
from batchwright.store import databases
from batchwright.store.interface import Draft, Store

if TYPE_CHECKING:
    from batchwright.app.telemetry import Tracing
    from batchwright.engine.limits.line import Line

__all__ = ["Refused", "build"]

log = structlog.get_logger("batchwright")


async def load_demo(settings: Settings) -> str:
    """A fresh token of the demo's administrator; the demo is loaded first where the database lacks it."""
    path = Path(settings.db) if databases.is_file(settings.db) else None
    new = path is not None and demo.bring(path)
    async with accounts_of(settings) as accounts:
        loaded = await demo.load(accounts, pipeline(settings, accounts.store, Unlimited()).perform)
        if path is not None and new and loaded:
            demo.keep(path)
        return await accounts.create_token(demo.administrator(), name="demo")


async def welcome(settings: Settings) -> dict[str, str]:
    """A password for the web pages, new at each start and the same for all people of the demo, and whose it is."""
    password, passwords = demo.password(), Passwords()
    async with accounts_of(settings) as accounts:
        await asyncio.gather(*(accounts.set_password(email, password, passwords) for email in demo.emails()))
    return {"email": demo.administrator(), "password": password}


async def prepare(settings: Settings) -> dict[str, str] | None:
    """What is done once before a server serves, however many processes it has.

    If the demo is asked for, answers a fresh token of its administrator, their email and password.
    """
    if settings.redis and settings.limits != "off":
        await _reach_redis(settings)
    return {"token": await load_demo(settings), **await welcome(settings)} if settings.demo else None


async def _reach_redis(settings: Settings) -> None:
    from batchwright.engine.limits.line import Unreachable

    line = _line(settings.redis)
    try:
        await line.ask("PING")
    except Unreachable as problem:
        if settings.limits_without_redis == "refuse":
            raise Refused(f"can't reach Redis: {problem}") from None
        log.warning("limits: Redis can't be reached", reason=str(problem))
    finally:
        await line.close()


def _line(url: str) -> Line:
    # The driver is only loaded by those who use it: it takes a tenth of a second.
    from batchwright.engine.limits.line import Line

    try:
        return Line(url)
    except ValueError as problem:
        raise Refused(f"not the URL of a Redis: {problem}") from None


def limiter(settings: Settings, secret: bytes) -> Limiter:
    """The limiter that the settings name; secret: the database's own, so that two of them can share a Redis."""
    return _limiter(chosen(settings), settings, secret)


def throttle(settings: Settings, secret: bytes) -> Throttle:
    """How often people may try to sign in, whatever the limits of the API are."""
    return Throttle(_limiter(BY_ADDRESS, settings, secret), _limiter(BY_EMAIL, settings, secret))


def _limiter(profile: Profile | None, settings: Settings, secret: bytes) -> Limiter:
    if profile is None or not settings.redis:
        return in_memory(profile)
    from batchwright.engine.limits.redis import RedisLimiter, Refusing

    otherwise = MemoryLimiter(profile) if settings.limits_without_redis == "alone" else Refusing()
    return RedisLimiter(profile, _line(settings.redis), sha256(secret).hexdigest()[:16], otherwise)


def pipeline(settings: Settings, store: Store, limits: Limiter, more: Sequence[Operation] = ()) -> Pipeline:
    """All operations over a store, within the limits. more: those that take part in the running of the server."""
    made: list[Pipeline] = []

    @asynccontextmanager
    async def drafting() -> AsyncIterator[tuple[Draft, Perform]]:
        async with store.draft() as draft:
            yield draft, made[0].within(draft).perform

    most = settings.max_batch_actions
    batches = Batches(
        perform=lambda call: made[0].perform(call),
        routes=lambda: made[0].routes,
        most=most,
        drafting=drafting,
        claim=lambda call: made[0].claim(call),
        strict=settings.strict,
    )
    made.append(Pipeline(Routes((batch(batches), *more, *OPERATIONS)), store, limits, most))
    return made[0]


def oauth(settings: Settings, store: Store, limits: Limiter) -> Endpoints:
    """What apps call to be given tokens."""
    clients, grants, signer = Clients(store, limits), Grants(store), Signer(store)
    exchanging, revoking = Exchanging(store, clients, grants, signer), Revoking(store, clients, grants)
    identity = Identity(store, limits, signer)
    return Endpoints(settings, exchanging.token, revoking.revoke, identity.userinfo, identity.discovery, identity.keys)


def _traces(settings: Settings) -> Tracing | None:
    # Neither loaded nor needed where traces are off.
    if not settings.traces:
        return None
    try:
        from batchwright.app.telemetry import exported

        return exported(settings.traces)
    except ImportError as problem:
        raise Refused(f"traces need the extra `telemetry`: pip install 'batchwright[telemetry]' ({problem})") from None
    except ValueError as problem:
        raise Refused(f"traces: {problem}") from None


def build(settings: Settings, store: Store | None = None, tracing: Tracing | None = None) -> Starlette:
    """The ASGI application; it opens the settings' database when it starts, unless it is given a store.

    tracing: where spans go, if not to where the settings have them.
    """
    tracing = tracing or _traces(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        opened = store or open_store(settings)
        limits = limiter(settings, opened.secret)
        bulk = Bulk(opened)
        more = () if settings.strict else bulk_operations(KINDS["batch_job"], bulk.ring)
        api = Api(pipeline(settings, opened, limits, more), settings, tracing.tell if tracing else None)
        bulk.start(api.pipeline)
        docs = Docs(lambda: document(KINDS, api.pipeline.routes.operations, strict=settings.strict))
        site = console(opened, Authorizing(opened, Signer(opened)), throttle(settings, opened.secret), settings)
        single = [
            Route("/healthz", healthy),
            Route("/readyz", Readiness(opened).answer),
            Route(f"{BASE_PATH}/openapi.json", docs.document),
            Route("/docs", docs.page),
            *site.routes,
            *oauth(settings, opened, limits).routes,
        ]
        app.router.routes += _routes(single, api)
        app.router.default = unknown  # a mount takes no path with a line break in it
        try:
            yield
        finally:
            await bulk.close()
            await site.close()
            await limits.close()
            await opened.close()
            if tracing:
                await tracing.close()

    front = Middleware(Front, cors=Cors.of(settings.cors_origins), https=settings.public_url.startswith("https://"))
    traced = [tracing.middleware] if tracing else []
    return Starlette(middleware=[*traced, front], lifespan=lifespan)


def _routes(single: Sequence[Route], api: Api) -> list[BaseRoute]:
    """All routes; they are tried one after the other, so the API's come first, for which most requests are."""
    below = [each for each in single if each.path.startswith(BASE_PATH)]
    others = [each for each in single if each not in below]
    return [*below, Mount(BASE_PATH, api), *others, Mount("/", unknown)]
