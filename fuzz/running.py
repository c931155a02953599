"""One run: a source of requests, a few connections, a server that is watched, and what came of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx2
from tests.api.invariants import wrongs
from tests.world import World, settled
from torture.servers import Server

from batchwright import app
from batchwright.accounts import Accounts
from batchwright.engine.passwords import Passwords
from batchwright.settings import Settings
from fuzz.asking import Source
from fuzz.drawing import Drawing
from fuzz.judging import actions_of, faults
from fuzz.messages import Message, Sent, sound
from fuzz.pages import BACK, EMAIL, PASSWORD, Visitor
from fuzz.shrinking import smallest
from fuzz.start import begun
from fuzz.talking import PATIENCE, Hanging, Hungup, Line, Reply
from fuzz.watching import PARTS, Watch, logged

LINES = 4
MOST_TOLD = 20  # faults of one sort are alike
RENEW_EVERY = 1_000  # requests, by which people have been thrown out and their things deleted


@dataclass
class Tally:
    """What came of it. faults: in words; empty when all is well."""

    requests: int = 0
    actions: int = 0
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    of_actions: Counter[int] = field(default_factory=Counter)
    sorts: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    slowest: tuple[float, str] = (0.0, "")
    faults: list[str] = field(default_factory=list)
    watch: Watch = field(default_factory=lambda: Watch(0))


@dataclass
class Run:
    """Requests until there were enough, or the time is over. saved: where those go that showed a fault."""

    server: Server
    source: Source
    http: httpx2.AsyncClient
    requests: int
    seconds: float
    saved: Path
    tally: Tally = field(default_factory=Tally)
    begun: int = 0

    async def done(self) -> Tally:
        """All of it, and the verdict."""
        self.tally.watch = Watch(self.server.pid)
        self.tally.watch.look()
        started = time.monotonic()
        lines = [Line(self.server.port) for _ in range(LINES)]
        while self._goes_on(started):
            enough = min(self.requests, self.begun + RENEW_EVERY)
            await asyncio.gather(*(self._ask(line, enough) for line in lines))
            while self.tally.requests * PARTS >= self.requests * len(self.tally.watch.memory):
                self.tally.watch.look()
            await renewed(self.source, self.server.db, self.http)
        for line in lines:
            line.close()
        self.tally.seconds = time.monotonic() - started
        self.tally.faults += [*self.tally.watch.faults(), *logged(self.server.log)]
        if not self.server.alive():
            self.tally.faults.append("the server ended")
        self.tally.faults += [f"{name}: {rows[:3]}" for name, rows in wrongs(self.server.db).items()]
        return self.tally

    def _goes_on(self, started: float) -> bool:
        late = time.monotonic() > started + self.seconds
        return self.begun < self.requests and not late and len(self.tally.faults) < MOST_TOLD

    async def _ask(self, line: Line, enough: int) -> None:
        while self.begun < enough:
            self.begun += 1
            await self._one(line, self.source.next())

    async def _one(self, line: Line, sent: Sent) -> None:
        begun, tally = time.monotonic(), self.tally
        found: list[str] = []
        try:
            replies = await line.tell(sent)
        except (Hanging, Hungup) as problem:
            replies, found = [], [_words(problem)]
        took = time.monotonic() - begun
        tally.requests += 1
        tally.sorts[sent.sort] += 1
        tally.slowest = max(tally.slowest, (took, f"{sent.sort}: {sent.data[:100]!r}"))
        tally.unanswered += not replies
        for reply in replies:
            tally.statuses[reply.status] += 1
            found += faults(sent, reply)
        if replies:
            self._learn(sent, replies[-1])
        if found:
            await self._keep(sent, sorted(set(found)))

    def _learn(self, sent: Sent, reply: Reply) -> None:
        """Note what there is, so that later requests name it."""
        if sent.message is None or not reply.headers.get("content-type", "").startswith("application/json"):
            return
        body = json.loads(reply.body or b"{}")
        actions = actions_of(sent, reply, body)
        self.tally.actions += len(actions)
        self.tally.of_actions.update(status for status, _ in actions)
        if reply.status in (403, 404):
            self.source.drawing.forget(sent.target.decode("latin-1").partition("?")[0])
        for status, inner in actions or [(reply.status, body)]:
            if status < 300 and isinstance(inner, dict):
                self.source.drawing.learn(inner.get("data"))

    async def _keep(self, sent: Sent, found: list[str]) -> None:
        """Save the request, as small as it can be made."""
        data = sent.data
        if sent.message is not None:
            data = (await smallest(sent.message, lambda each: self._shows(each, sent.sort, found))).written()
        self.saved.mkdir(parents=True, exist_ok=True)
        file = self.saved / f"{len(list(self.saved.iterdir())) + 1}.http"
        file.write_bytes(data)
        self.tally.faults.append(f"{sent.sort}: {'; '.join(found)}: {data[:200]!r}... ({file})")

    async def _shows(self, message: Message, sort: str, found: list[str]) -> bool:
        sent, line = sound(sort, message), Line(self.server.port)
        try:
            seen = [each for reply in await line.tell(sent) for each in faults(sent, reply)]
        except (Hanging, Hungup) as problem:
            seen = [_words(problem)]
        line.close()
        return found[0] in seen


def _words(problem: Exception) -> str:
    return f"no answer within {PATIENCE:.0f} s" if isinstance(problem, Hanging) else f"hung up: {problem}"


@asynccontextmanager
async def prepared(server: Server, seed: str, *, requests: int, minutes: float, saved: Path) -> AsyncIterator[Run]:
    """A run against a server that is up: people, their things, an app, somebody who is signed in."""
    chance = Random(seed)
    visitor = Visitor(chance, await app.create_app(Settings(db=server.db), "Fuzz", [BACK]))
    source = Source(chance, Drawing(chance), visitor, ())
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=PATIENCE) as http:
        await renewed(source, server.db, http)
        yield Run(server, source, http, requests, minutes * 60, saved)


async def renewed(source: Source, db: str, http: httpx2.AsyncClient) -> None:
    """The people are back where they belong, and have new things."""
    store = app.open_store(Settings(db=db))
    try:
        world = await settled(store, http)
        await Accounts(store).set_password(EMAIL, PASSWORD, Passwords())
        source.drawing.known = (await begun(world, source.chance)).known
    finally:
        await store.close()
    source.tokens = tokens(world)
    await source.visitor.sign_in(http)


def tokens(world: World) -> tuple[str, ...]:
    """Mostly of those who may; and of nobody."""
    ann, others = world.ann.token, (world.bob.token, world.gus.token, world.eve.token)
    return (*(ann,) * 16, *others, ann[:-1], "")
