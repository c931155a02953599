"""A small world to test in: a fresh database, four people, a client for each that speaks to the app in process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from batchwright import app
from batchwright.accounts import Accounts
from batchwright.engine.replies import BASE_PATH
from batchwright.model import gids, moments
from batchwright.model.changes import Changes, Insert
from batchwright.model.kinds import Kind
from batchwright.settings import Settings
from batchwright.store.interface import Store
from tests.contract.replies import check

if TYPE_CHECKING:
    from batchwright.app.telemetry import Tracing


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: httpx2.Headers

    @property
    def data(self) -> Any:
        """The body's data; fails, showing the body, when there is none."""
        assert "data" in self.body, self.body
        return self.body["data"]

    @property
    def message(self) -> str:
        """The first error's message."""
        assert "errors" in self.body, self.body
        return str(self.body["errors"][0]["message"])


@dataclass(frozen=True)
class Client:
    """One person's way in. Paths are relative to the API's base; gids may be numbers."""

    http: httpx2.AsyncClient
    token: str
    gid: str

    async def send(
        self, method: str, path: str, *, query: dict[str, Any] | None = None, json: Any = None, key: str | None = None
    ) -> Answer:
        """Any request, maybe with an idempotency key; fails when the reply isn't what the contract promises."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {} if key is None else {"Idempotency-Key": key}
        response = await self.http.request(method, BASE_PATH + path, params=query, json=json, headers=headers)
        answer = Answer(response.status_code, response.json() if response.content else None, response.headers)
        check(method, path, json, answer.status, answer.body)
        return answer

    async def get(self, path: str, **query: Any) -> Answer:
        """GET; write `assignee__any` for `assignee.any`."""
        return await self.send("GET", path, query={name.replace("__", "."): value for name, value in query.items()})

    async def post(self, path: str, data: Any = None, **query: Any) -> Answer:
        """POST."""
        return await self.send("POST", path, query=query, json={"data": data or {}})

    async def put(self, path: str, data: Any, **query: Any) -> Answer:
        """PUT."""
        return await self.send("PUT", path, query=query, json={"data": data})

    async def delete(self, path: str) -> Answer:
        """DELETE."""
        return await self.send("DELETE", path, json={})

    async def batch(self, *actions: dict[str, Any], **query: Any) -> Answer:
        """POST /batch."""
        return await self.send("POST", "/batch", query=query, json={"data": {"actions": list(actions)}})


@dataclass(frozen=True)
class World:
    """ann administers the organization, bob is a member, gus a guest, eve a stranger in a workspace of her own."""

    store: Store
    workspace: str
    elsewhere: str
    ann: Client
    bob: Client
    gus: Client
    eve: Client

    @property
    def nobody(self) -> Client:
        """A client without a token."""
        return replace(self.ann, token="", gid="")

    async def make(self, kind: Kind, **values: Any) -> str:
        """A row of the kind, straight into the store: its gid. References are given as gids, in text or number."""
        known = {"created_at": moments.now(), "modified_at": moments.now(), "created_by": int(self.ann.gid)}
        row = {each.name: known.get(each.name, each.default) for each in kind.columns}
        row |= {name: int(value) if kind.by_name[name].target and value else value for name, value in values.items()}
        gid = gids.make()
        await self.store.commit(Changes((Insert(kind.name, gid, row),), 0, moments.now()))
        return str(gid)


@asynccontextmanager
async def open_world(
    folder: Path, settings: Settings | None = None, store: Store | None = None, tracing: Tracing | None = None
) -> AsyncIterator[World]:
    """A world over a fresh database in the folder, or over a store that is given."""
    settings = settings or Settings(db=str(folder / "world.db"), limits="off")
    opened = store or app.open_store(settings)
    asgi = app.build(settings, opened, tracing)
    transport = httpx2.ASGITransport(asgi)
    async with (
        asgi.router.lifespan_context(asgi),
        httpx2.AsyncClient(transport=transport, base_url="http://server.test") as http,
    ):
        yield await settled(opened, http)


async def settled(store: Store, http: httpx2.AsyncClient) -> World:
    """The four people in an empty store. http: the way to the server that uses it."""
    accounts = Accounts(store)
    home = await accounts.add_user("ann@acme.example", "Ann Archer", "Acme", organization=True, admin=True)
    people = {"ann": home}
    people["bob"] = await accounts.add_user("bob@acme.example", "Bob Baker", "Acme")
    people["gus"] = await accounts.add_user("gus@guests.example", "Gus Green", "Acme", guest=True)
    people["eve"] = await accounts.add_user("eve@else.example", "Eve Egan", "Elsewhere", admin=True)
    tokens = {name: await accounts.create_token(each["user"]["email"]) for name, each in people.items()}
    clients = {name: Client(http, tokens[name], each["user"]["gid"]) for name, each in people.items()}
    return World(store, home["workspace"]["gid"], people["eve"]["workspace"]["gid"], **clients)
