"""POST /batch: up to ten actions dispatched in parallel, each answered with its status, headers and body, in order.

It is an ordinary operation that was handed `perform`. What an action may be is in contract/asana-behaviour.md,
section 8; which faults refuse the whole batch and which only the action is in docs/decisions/.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
import structlog

from batchwright.engine.actions import actions_of
from batchwright.engine.calling import LONGEST_PATH, call_of
from batchwright.engine.drafting import Drafting, Perform, in_draft
from batchwright.engine.extensions import Extended, extended
from batchwright.engine.keys import keyed, within
from batchwright.engine.results import ordered, parts_of, plain, streamed
from batchwright.engine.routes import Routes
from batchwright.engine.running import Action, Running, Start
from batchwright.engine.timing import refused
from batchwright.engine.weighing import weigh
from batchwright.model.calls import Call, Reply, Timing
from batchwright.model.fields import record
from batchwright.model.operations import Operation, Outcome
from batchwright.model.problems import Problem
from batchwright.model.views import View

log = structlog.get_logger("batchwright")
LONGEST_METHOD = 10  # characters in the log


@dataclass(frozen=True)
class Batches:
    """Runs batches. most: how many actions one may have. drafting: opens what an atomic one is written to.

    claim: takes a batch's idempotency key for it. strict: what Asana's batch doesn't know is refused.
    """

    perform: Perform
    routes: Callable[[], Routes]
    most: int
    drafting: Drafting
    claim: Callable[[Call], Awaitable[object]]
    strict: bool = False

    async def run(self, call: Call, view: View) -> Outcome:
        """All actions of one batch, and their results in the order of the actions."""
        actions, parts = actions_of(call.data, self.most), parts_of(call.options)
        asked = extended(call.data, actions, strict=self.strict)
        if call.key and not (asked and asked.dry_run):
            await self.claim(call)
        if asked is None and not call.stream:
            return Outcome(data=await plain(actions, self._starting(call, actions, None, self.perform), parts))
        return await self._more(call, actions, asked or Extended.plain(len(actions)))

    async def _more(self, call: Call, actions: list[Action], asked: Extended) -> Outcome:
        """The same of a batch that asks for more than Asana has."""
        parts, beside = parts_of(call.options), dict[str, Any]()
        if asked.atomic or asked.dry_run:
            starting = partial(self._starting, call, actions, asked)
            replies, made = await in_draft(actions, asked, self.drafting, starting)
            beside = self._tried(call, made) if asked.dry_run else {}
        else:
            running = Running(actions, asked, self._starting(call, actions, asked, self.perform))
            if call.stream and not self.strict:
                return Outcome(stream=streamed(running, asked, parts))
            replies = await running.replies()
        return Outcome(data=ordered(replies, asked, parts), beside=beside)

    def _starting(self, call: Call, actions: list[Action], asked: Extended | None, perform: Perform) -> Start:
        def start(index: int, action: Action) -> Awaitable[Reply]:
            each = call_of(call, action, self.routes(), actions[index])
            if isinstance(each, Call):
                each = keyed(each, _key(call, asked, index), action, actions[index])
            timing = None if call.timing is None else call.timing.of(index)
            return _logged(_reply(perform, each, timing), call.request_id, index, action)

        return start

    def _tried(self, call: Call, made: list[int]) -> dict[str, Any]:
        """What a dry run tells beside its results: gids that will be others, what the batch weighs in the limits."""
        cost = msgspec.structs.asdict(weigh(self.routes(), call, self.most))
        return {"dry_run": {"provisional": [str(gid) for gid in made], "cost": cost}}


def batch(batches: Batches) -> Operation:
    """The operation."""
    return Operation(
        id="createBatchRequest",
        method="POST",
        path="/batch",
        run=batches.run,
        tag="Batch API",
        about="Runs up to ten actions in parallel and answers each with its own status, headers and body, in order.",
        body=(record("actions", many=True, about="The actions to run, at most ten."),),
        batchable=False,
        keyed=False,
        streams=True,
        weight="batch",
        raw=True,
    )


def _key(batch: Call, asked: Extended | None, index: int) -> str:
    """An action's idempotency key: its own, or made of the batch's. In a dry run nothing happens, even once."""
    if asked is None or not asked.dry_run:
        return (asked and asked.each[index].key) or within(batch.key, index)
    return ""


async def _reply(perform: Perform, call: Call | Problem, timing: Timing | None) -> Reply:
    if isinstance(call, Problem):
        return call.reply() if timing is None else refused(call, timing)
    return await perform(call if timing is None else msgspec.structs.replace(call, timing=timing))


async def _logged(reply: Awaitable[Reply], request_id: str, number: int, action: Action) -> Reply:
    """The reply, with a line in the log: of the path only so much as names what was called, never a query."""
    begun = time.perf_counter()
    answered = await reply
    log.info(
        "action",
        request_id=request_id,
        index=number,
        method=action["method"][:LONGEST_METHOD].upper(),
        path=action["relative_path"].partition("?")[0][:LONGEST_PATH],
        status=answered.status,
        ms=round((time.perf_counter() - begun) * 1000, 1),
    )
    return answered
