"""What tests of idempotency keys share: requests with keys, other servers on the same database, stores that fail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import httpx2
from tests.world import Answer, Client, World

from batchwright import app
from batchwright.model.changes import Changes, Insert
from batchwright.settings import Settings
from batchwright.store.interface import Draft, Store

REPLAYED = "idempotency-replayed"


class Failure(Exception):
    """What a failing store fails with."""


class Failing:
    """A store whose commits with a receipt fail, before or after they are durable: `fates`, one after the other."""

    def __init__(self, store: Store, *fates: str) -> None:
        self._store = store
        self.fates = list(fates)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, changes: Changes) -> None:
        """As a store's."""
        counts = any(isinstance(each, Insert) and each.kind == "receipt" for each in changes.of)
        await self._fated(partial(self._store.commit, changes), counts=counts)

    @asynccontextmanager
    async def draft(self) -> AsyncIterator[Draft]:
        """As a store's; what may fail is to keep it."""
        async with self._store.draft() as draft:
            keep = draft.keep
            draft.keep = lambda: self._fated(keep, counts=True)  # type: ignore[method-assign]  # of this one alone
            yield draft

    async def _fated(self, work: Callable[[], Awaitable[None]], *, counts: bool) -> None:
        fate = self.fates.pop(0) if counts and self.fates else ""
        if fate == "before":
            raise Failure
        await work()
        if fate == "after":
            raise Failure


@asynccontextmanager
async def beside(who: Client, database: str) -> AsyncIterator[Client]:
    """The same person at another server on the same database, which knows nothing but what is written there."""
    settings = Settings(db=database, limits="off")
    asgi = app.build(settings, app.open_store(settings))
    async with (
        asgi.router.lifespan_context(asgi),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(asgi), base_url="http://server.test") as http,
    ):
        yield replace(who, http=http)


def task(world: World, name: str, **rest: Any) -> dict[str, Any]:
    """A task of Ann's."""
    return {"name": name, "workspace": world.workspace, "assignee": world.ann.gid, **rest}


async def create(world: World, key: str | None, name: str = "t", who: Client | None = None, **rest: Any) -> Answer:
    """POST /tasks."""
    return await (who or world.ann).send("POST", "/tasks", json={"data": task(world, name, **rest)}, key=key)


async def batch(who: Client, key: str | None, *actions: dict[str, Any], **rest: Any) -> Answer:
    """POST /batch."""
    return await who.send("POST", "/batch", json={"data": {"actions": list(actions), **rest}}, key=key)


def bodies(answer: Answer) -> list[Any]:
    """What each action was answered, without what tells that it was answered before."""
    return [(each["status_code"], each["body"]) for each in answer.data]


def replayed(answer: Answer) -> list[bool]:
    """Which actions had been answered before."""
    return [each["headers"].get(REPLAYED) == "true" for each in answer.data]


async def names(world: World) -> list[str]:
    """The names of Ann's tasks, in alphabetical order."""
    listed = await world.ann.get("/tasks", assignee="me", workspace=world.workspace, limit=100)
    return sorted(each["name"] for each in listed.data)
