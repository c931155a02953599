"""Receipts: what is remembered of a call with an idempotency key, so that it happens once however often it is sent.

A receipt is written with the changes that it is for, in one transaction; the reply is added when it is made. Who
sends the same again is given that reply. What is decided where Asana is silent is in docs/decisions/.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, Final
from weakref import WeakValueDictionary

import msgspec
import structlog

from batchwright.engine.headers import REPLAYED
from batchwright.engine.keys import digest_of, request_of
from batchwright.engine.replies import done, reply_to
from batchwright.model import gids, moments
from batchwright.model.calls import Call, Reply
from batchwright.model.changes import Change, Changes, Insert, Remove, Set, Trim
from batchwright.model.conditions import Reading
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import Problem
from batchwright.store.views import Committed

KEPT_MS: Final = moments.DAY_MS
TRIM_EVERY = 200  # receipts between two trims
TRIM_MOST = 1_000  # receipts of one trim: more than come in between
LARGEST = 262_144  # bytes of a reply that is stored; a larger one is made again of what it shows
UNSURE = (424, 429)  # with all from 500 on: statuses that say nothing of what comes of it at another time
ANOTHER = "The idempotency key was sent with another request before. Use a new one for a new request."
AGAIN = {REPLAYED.lower(): "true"}
READING = Reading("receipt", "digest", ("gid", "request", "created_at", "outcome", "reply"))

log = structlog.get_logger("batchwright")
Decide = Callable[[], Awaitable[tuple[Call, Outcome]]]


class Receipt(msgspec.Struct, frozen=True):
    """What is known of a key: its request; in JSON what came of it (`_Shown`), and what was answered (`_Said`)."""

    gid: int
    request: str
    outcome: str
    reply: str


class _Shown(msgspec.Struct):
    show: Show | None
    data: msgspec.Raw
    beside: dict[str, msgspec.Raw]


class _Said(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: msgspec.Raw


class Receipts:
    """The receipts of one store, or of a draft of it."""

    def __init__(self, written: count[int] | None = None) -> None:
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._written = written or count(1)

    def within(self) -> Receipts:
        """For a draft: who waits for the draft's turn to write may hold a key's turn that an action of it needs."""
        return Receipts(self._written)

    def turn(self, call: Call) -> asyncio.Lock:
        """Held by the one call of a key that is being performed by this process, for the others to wait."""
        return self._turns.setdefault(digest_of(call), asyncio.Lock())

    async def claim(self, view: Committed, call: Call) -> None:
        """A batch takes its key, before anything of it runs. Raises Problem 409; Conflict, to be tried again."""
        receipt, expired = await self._found(view, call)
        if receipt is None:
            await commit(view, call, self._issued(call, expired, gids.make()))

    async def reply(self, view: Committed, operation: Operation, call: Call, decide: Decide) -> Reply:
        """The reply of a call with a key: what was answered before, or else what comes of it. Raises as `claim`."""
        receipt, expired = await self._found(view, call)
        if receipt is not None:
            return await _again(view, operation, call, receipt)
        gid, shown = gids.make(), ""
        outcome: Outcome | None = None
        try:
            checked, outcome = await decide()
            if outcome.changes and outcome.show is not None:
                issued = self._issued(call, expired, gid, outcome=_encoded(outcome))
                await commit(view, call, (*outcome.changes, *issued))
                return await done(lambda: _told(view, operation, checked, outcome, gid))
            reply = await reply_to(view, operation, checked, outcome)
        except Problem as problem:
            reply = problem.reply()
        if reply.stream is None and reply.status < 500 and reply.status not in UNSURE:
            said, known = _said(reply), outcome or Outcome()
            if len(said) > LARGEST and known.show is not None:
                said, shown = "", _encoded(known)
            await commit(view, call, (*known.changes, *self._issued(call, expired, gid, outcome=shown, reply=said)))
        return reply

    async def _found(self, view: Committed, call: Call) -> tuple[Receipt | None, int]:
        """The key's receipt; else the gid of an expired one (0: none). Raises Problem 409."""
        digest = digest_of(call)
        rows = (await view.fetch(READING, (digest,)))[digest]
        if not rows:
            return None, 0
        gid, request, created_at, outcome, reply = rows[0]
        if created_at <= call.now - KEPT_MS:
            return None, gid
        if request != request_of(call):
            raise Problem(409, ANOTHER)
        return Receipt(gid, request, outcome, reply), 0

    def _issued(self, call: Call, expired: int, gid: int, outcome: str = "", reply: str = "") -> tuple[Change, ...]:
        """The change of a new receipt; now and then the oldest go with it."""
        values = {"user": call.caller.user, "digest": digest_of(call), "request": request_of(call)}
        values |= {"outcome": outcome, "reply": reply, "created_at": call.now}
        changes: tuple[Change, ...] = (Insert("receipt", gid, values),)
        if expired:
            changes = (Remove("receipt", expired), *changes)
        if next(self._written) % TRIM_EVERY == 0:
            changes = (*changes, Trim("receipt", gids.floor(call.now - KEPT_MS), TRIM_MOST))
        return changes


async def _again(view: Committed, operation: Operation, call: Call, receipt: Receipt) -> Reply:
    """What was answered; where a crash came before that was known, it is made anew of what there is to show."""
    if receipt.reply:
        said = msgspec.json.decode(receipt.reply, type=_Said)
        return Reply(said.status, said.body, said.headers | AGAIN)
    shown = msgspec.json.decode(receipt.outcome, type=_Shown)
    outcome = Outcome(show=shown.show, data=shown.data, beside=shown.beside)
    reply = await _told(view, operation, call, outcome, receipt.gid)
    return msgspec.structs.replace(reply, headers={**reply.headers, **AGAIN})


async def _told(view: Committed, operation: Operation, call: Call, outcome: Outcome, gid: int) -> Reply:
    """The reply to what is written, which the receipt is to hold from now on; without that it would be made again."""
    try:
        reply = await reply_to(view, operation, call, outcome)
    except Problem:
        reply = Reply(operation.status, {"data": _stubs(outcome.show)})  # it is gone again, and yet it was done
    said = _said(reply)
    if len(said) > LARGEST:
        return reply
    try:
        await commit(view, call, (Set("receipt", gid, {"reply": said}),))
    except Exception as problem:
        log.warning("a reply was not kept for its key", request_id=call.request_id, reason=repr(problem))
    return reply


def _stubs(show: Show | None) -> Any:
    stubs = [{"gid": str(gid), "resource_type": show.kind} for gid in show.gids] if show else []
    return stubs if show and show.many else next(iter(stubs), {})


def _encoded(outcome: Outcome) -> str:
    return msgspec.json.encode({"show": outcome.show, "data": outcome.data, "beside": outcome.beside}).decode()


def _said(reply: Reply) -> str:
    said = {"status": reply.status, "headers": dict(reply.headers), "body": reply.body}
    return msgspec.json.encode(said).decode()


async def commit(view: Committed, call: Call, changes: tuple[Change, ...]) -> None:
    """Writes what a call changes, taking note of how long it took. Raises Conflict."""
    begun = time.perf_counter()
    await view.store.commit(Changes(changes, call.caller.user, call.now))
    if call.timing is not None:
        call.timing.commits.append((begun, time.perf_counter()))
