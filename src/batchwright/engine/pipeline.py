"""The whole story of a call in two functions: `answer`, once per HTTP request; `perform`, once per action."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial

import msgspec
import structlog

from batchwright.engine import checking
from batchwright.engine.costs import Bill
from batchwright.engine.explaining import too_many
from batchwright.engine.limits import Limited, Limiter
from batchwright.engine.phrases import phrase
from batchwright.engine.receipts import Receipts, commit
from batchwright.engine.replies import done, reply_to
from batchwright.engine.routes import Routes
from batchwright.engine.timing import timed
from batchwright.engine.weighing import total, weights
from batchwright.model import moments
from batchwright.model.calls import Call, Reply
from batchwright.model.changes import Conflict
from batchwright.model.operations import Operation, Outcome
from batchwright.model.problems import Problem, forbidden
from batchwright.store.interface import Open
from batchwright.store.kept import Kept
from batchwright.store.merging import Merger
from batchwright.store.views import Committed

log = structlog.get_logger("batchwright")
DECISIONS = 20  # how often an operation is decided again when others keep changing what it read
HASTY = 3  # how often of these at the same time as others


@dataclass(frozen=True)
class Pipeline:
    """Answers calls from the operations of the routes, over a store, within the limits."""

    routes: Routes
    store: Open
    limiter: Limiter
    most_actions: int
    merger: Merger = field(default_factory=Merger)
    kept: Kept = field(default_factory=Kept)
    turns: asyncio.Lock = field(default_factory=asyncio.Lock)
    receipts: Receipts = field(default_factory=Receipts)

    def within(self, draft: Open) -> Pipeline:
        """The same over a draft. What is read there isn't everybody's to know."""
        turns, receipts = asyncio.Lock(), self.receipts.within()
        return replace(self, store=draft, merger=Merger(), kept=Kept(), turns=turns, receipts=receipts)

    async def answer(self, call: Call) -> Reply:
        """Takes all that the call weighs from its token's limits, or refuses it before anything ran; performs it."""
        try:
            actions = weights(self.routes, call, self.most_actions)
            lease = await self.limiter.take(call.caller.token, total(actions), actions if call.explained else ())
        except Problem as problem:
            return problem.reply()
        except Limited as refused:
            return too_many(refused, explained=call.explained).reply()
        async with Bill(lease, counts=self.limiter.costs) as bill:
            return bill.charged(await self.perform(call))

    async def perform(self, call: Call) -> Reply:
        """Routes, checks, decides, commits and shows one action. Never raises."""
        return await (self._performed(call) if call.timing is None else timed(self._performed, call))

    async def _performed(self, call: Call) -> Reply:
        try:
            operation, path = self.routes.match(call.method, call.relative_path)
            if call.timing is not None:
                call.timing.operation = operation
            _allow(operation, call)
            call = msgspec.structs.replace(call, path=path, now=call.now or moments.now())
            if not (call.key and operation.keyed):
                return await self._settled(operation, call)
            async with self.receipts.turn(call):
                return await self._settled(operation, call)
        except Problem as problem:
            return problem.reply()
        except Exception:
            words = phrase()
            log.exception("server error", request_id=call.request_id, path=call.relative_path, phrase=words)
            return Problem(500, "Server Error", phrase=words).reply()

    async def claim(self, call: Call) -> None:
        """Takes its key for a batch, of which nothing has run. Raises Problem 409; Conflict, to be decided again."""
        await self.receipts.claim(self._view(call), call)

    async def _settled(self, operation: Operation, call: Call) -> Reply:
        for attempt in range(DECISIONS):
            try:
                if attempt < HASTY:
                    return await self._once(operation, call)
                async with self.turns:  # many who keep undoing each other's decisions get on one at a time
                    return await self._once(operation, call)
            except Conflict:
                continue
        raise Problem(503, "The object is being changed by too many others at the moment. Please retry.")

    async def _once(self, operation: Operation, call: Call) -> Reply:
        view = self._view(call)
        if call.key and operation.keyed:
            return await self.receipts.reply(view, operation, call, partial(_decided, view, operation, call))
        checked, outcome = await _decided(view, operation, call)
        if not outcome.changes:
            return await reply_to(view, operation, checked, outcome)
        await commit(view, checked, outcome.changes)
        return await done(lambda: reply_to(view, operation, checked, outcome))

    def _view(self, call: Call) -> Committed:
        return Committed(self.store, call.caller, self.merger, self.kept)


async def _decided(view: Committed, operation: Operation, call: Call) -> tuple[Call, Outcome]:
    checked = await checking.checked(view, operation, call)
    return checked, await operation.run(checked, view)


def _allow(operation: Operation, call: Call) -> None:
    scopes = call.caller.scopes
    if scopes is not None and operation.needs and operation.needs not in scopes:
        raise forbidden(f"The following scopes must be present to fulfill this request: {operation.needs}")
