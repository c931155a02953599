"""One batch job under way: its actions within their caller's limits, those that are answered already left out."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import msgspec

from batchwright.engine.bulk.acting import acting_as
from batchwright.engine.calling import call_of
from batchwright.engine.costs import Bill
from batchwright.engine.extensions import Extended, extended
from batchwright.engine.keys import keyed
from batchwright.engine.limits import Lease, Limited, Weight
from batchwright.engine.pipeline import Pipeline
from batchwright.engine.running import Action, Running
from batchwright.engine.weighing import single
from batchwright.model import moments
from batchwright.model.calls import Call, Caller, Reply
from batchwright.model.changes import Changes, Conflict, Set
from batchwright.model.conditions import Order, Query, Reading, equals
from batchwright.model.problems import Problem, unauthorized
from batchwright.store.interface import Open
from batchwright.store.views import Committed

AT_ONCE: Final = 10  # actions
COLUMNS: Final = ("asked", "base", "holder", "created_by")
READS: Final = ("GET", "HEAD")
BODY: Final = Reading("batch_action", columns=("body",))


@dataclass
class Job:
    """A job. rows: the gid of each action's row, and its status if it was answered by an earlier process.

    done, failed: how many actions have been answered, how many of these with an error.
    """

    store: Open
    pipeline: Pipeline
    gid: int
    call: Call
    actions: list[Action]
    rows: list[tuple[int, int | None]]
    asked: Extended
    done: int = 0
    failed: int = 0
    _begun: set[int] = field(default_factory=set)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @cached_property
    def _referred(self) -> frozenset[int]:
        return self.asked.referred  # gone through once, and not for each of the actions

    @staticmethod
    async def read(store: Open, pipeline: Pipeline, gid: int) -> Job:
        """As it stands in the database."""
        view = Committed(store, Caller(0, ""))
        row = await view.row("batch_job", gid, *COLUMNS)
        query = Query("batch_action", (equals("job", gid),), order=(Order("index"),), visible=False)
        found = await view.select(query, "action", "status_code")
        actions = [msgspec.json.decode(each[2]) for each in found]
        asked = extended(msgspec.json.decode(row["asked"]), actions, strict=False) or Extended.plain(len(actions))
        caller = Caller(row["created_by"], str(row["holder"]))
        call = Call(caller=caller, method="POST", relative_path="/batch", base=row["base"], request_id=f"job-{gid}")
        known = [each[3] for each in found if each[3] is not None]
        done, failed = len(known), sum(status >= 400 for status in known)
        return Job(store, pipeline, gid, call, actions, [(each[0], each[3]) for each in found], asked, done, failed)

    async def work(self) -> None:
        """Runs what isn't answered yet."""
        running = Running(self.actions, self.asked, self._start, most=AT_ONCE)
        async with contextlib.aclosing(running.finished()) as finished:
            async for index, reply in finished:
                if self.rows[index][1] is not None:
                    continue  # it was answered by an earlier process, and counted
                if index not in self._begun:
                    await self._keep(index, reply)  # it was refused before it was started
                self.done += 1
                self.failed += reply.status >= 400

    async def _start(self, index: int, action: Action) -> Reply:
        self._begun.add(index)
        gid, status = self.rows[index]
        if status is not None:
            return await self._kept(index, gid, status)
        reply = await self._performed(index, action)
        await self._keep(index, reply)
        return self._remembered(index, reply)

    async def _performed(self, index: int, action: Action) -> Reply:
        caller = await acting_as(self.store, int(self.call.caller.token))
        if caller is None:
            return unauthorized().reply()  # the token was taken back, or has ended
        base = msgspec.structs.replace(self.call, caller=caller)
        call = call_of(base, action, self.pipeline.routes, self.actions[index])
        if isinstance(call, Problem):
            return call.reply()
        call = keyed(call, self.asked.each[index].key or self._key(call, index), action, self.actions[index])
        lease = await self._paced(caller.token, single(self.pipeline.routes, call.method, call.relative_path))
        async with Bill(lease, counts=self.pipeline.limiter.costs) as bill:
            return bill.charged(await self.pipeline.perform(call))

    def _key(self, call: Call, index: int) -> str:
        """By which it is known that an action was performed whose result wasn't kept; nobody can send one like it."""
        return "" if call.method in READS else f"\njob {self.gid}\n{index}"

    async def _paced(self, token: str, weight: Weight) -> Lease:
        """The lease for an action, as soon as the caller's limits have room for it."""
        async with self._turn:  # one waits for all: requests that are refused count, too
            while True:
                try:
                    return await self.pipeline.limiter.take(token, weight)
                except Limited as refused:
                    await asyncio.sleep(refused.retry_after)

    async def _keep(self, index: int, reply: Reply) -> None:
        values = {
            "status_code": reply.status,
            "headers": msgspec.json.encode(dict(reply.headers)).decode(),
            "body": msgspec.json.encode(reply.body).decode(),
        }
        change = Set("batch_action", self.rows[index][0], values, {"status_code": None})
        with contextlib.suppress(Conflict):  # another process took the job over, and was quicker
            await self.store.commit(Changes((change,), 0, moments.now()))

    async def _kept(self, index: int, gid: int, status: int) -> Reply:
        """The reply of an action that was answered by an earlier process."""
        if index not in self._referred:
            return Reply(status, None)
        found = await self.store.fetch(BODY, 0, (gid,))
        return Reply(status, msgspec.json.decode(found[gid][0][0]))

    def _remembered(self, index: int, reply: Reply) -> Reply:
        """The reply, without its body where nobody is going to ask for it: ten thousand of them are much."""
        return reply if index in self._referred else Reply(reply.status, None)
