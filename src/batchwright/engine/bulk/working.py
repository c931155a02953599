"""Who works batch jobs off: each process, each job by the one that claimed it and for as long as it renews its claim.

What a process leaves, when it is stopped or killed, another goes on with, or the same one after its next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from batchwright.engine.bulk.job import Job
from batchwright.engine.bulk.operations import OPEN, OVER
from batchwright.engine.pipeline import Pipeline
from batchwright.engine.running import ended
from batchwright.model import moments
from batchwright.model.calls import Caller
from batchwright.model.changes import Change, Changes, Conflict, Remove, Set
from batchwright.model.conditions import Compare, Query, equals
from batchwright.store.interface import Open
from batchwright.store.views import Committed

log = structlog.get_logger("batchwright")
POLL: Final = 5.0  # seconds between two looks for jobs that nobody works off
RUNG: Final = (0.0, 0.05, 0.5)  # pauses before looking when there is a new job: it is committed by then
RENEW: Final = 2.0  # seconds between two reports of how far a job is
CLAIM_MS: Final = 20_000  # how long a process may be silent before another takes its jobs over
JOBS: Final = 8  # of one process at once, each of another caller: who waits for limits must not keep others waiting
SEEN: Final = 1_000  # jobs of a status that are looked through
KEPT_MS: Final = moments.DAY_MS  # how long results are kept


@dataclass
class Bulk:
    """Works jobs off until it is closed."""

    store: Open
    me: int = field(default_factory=lambda: secrets.randbits(62))
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _jobs: dict[int, asyncio.Task[None]] = field(default_factory=dict)  # by whose they are
    _running: asyncio.Task[None] | None = None

    def start(self, pipeline: Pipeline) -> None:
        """Begins, in a task of its own."""
        self._running = asyncio.ensure_future(self._run(pipeline))

    def ring(self) -> None:
        """There is going to be a new job."""
        self._bell.set()

    async def close(self) -> None:
        """Leaves what isn't done to others, or to the next start."""
        if self._running is not None:
            await ended((self._running,))  # first, as it begins others
        await ended(tuple(self._jobs.values()))

    async def _run(self, pipeline: Pipeline) -> None:
        while True:
            pauses = RUNG if self._bell.is_set() else (0.0,)
            self._bell.clear()
            for pause in pauses:
                await asyncio.sleep(pause)
                try:
                    await self._look(pipeline)
                except Exception as problem:
                    log.warning("batch jobs can't be looked for", reason=repr(problem))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):  # wait_for loses a cancel that comes together with the bell
                    await self._bell.wait()

    async def _look(self, pipeline: Pipeline) -> None:
        """Claims jobs that nobody works off, and lets go of results that are old."""
        now, view = moments.now(), Committed(self.store, Caller(0, ""))
        for status in OVER:
            old = (equals("status", status), Compare("ended_at", "<", now - KEPT_MS))
            gone = await view.select(Query("batch_job", old, visible=False, limit=10))
            if gone:
                await self._write(*(Remove("batch_job", row[0]) for row in gone))
        for status in OPEN:
            query = Query("batch_job", (equals("status", status),), visible=False, limit=SEEN)
            for gid, _, claimed_until, caller in await view.select(query, "claimed_until", "created_by"):
                if len(self._jobs) < JOBS and caller not in self._jobs and (claimed_until or 0) < now:
                    await self._claim(pipeline, gid, claimed_until, caller)

    async def _claim(self, pipeline: Pipeline, gid: int, claimed_until: int | None, caller: int) -> None:
        mine = {"status": "running", "worker": self.me, "claimed_until": moments.now() + CLAIM_MS}
        with contextlib.suppress(Conflict):  # somebody was quicker, or it was cancelled
            await self._write(Set("batch_job", gid, mine, {"claimed_until": claimed_until, "ended_at": None}))
            task = self._jobs[caller] = asyncio.ensure_future(self._worked_off(pipeline, gid))
            task.add_done_callback(lambda _: self._left(caller))

    def _left(self, caller: int) -> None:
        del self._jobs[caller]
        self.ring()

    async def _worked_off(self, pipeline: Pipeline, gid: int) -> None:
        try:
            await self._claimed(await Job.read(self.store, pipeline, gid))
        except Exception as problem:
            log.error("a batch job was left until its claim has run out", job=str(gid), reason=repr(problem))

    async def _claimed(self, job: Job) -> None:
        """Works a job off, and tells from time to time how far it is."""
        working = asyncio.ensure_future(job.work())
        try:
            while not (await asyncio.wait((working,), timeout=RENEW))[0]:
                await self._renew(job, claimed_until=moments.now() + CLAIM_MS)
            working.result()
            await self._renew(job, status="succeeded", ended_at=moments.now(), claimed_until=None)
        except Conflict:
            pass  # it was cancelled, or taken over by another
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await self._renew(job, claimed_until=0)  # others needn't wait
            raise
        finally:
            await ended((working,))

    async def _renew(self, job: Job, **values: Any) -> None:
        """Raises Conflict where the job is no longer ours to work off."""
        mine = {"worker": self.me, "status": "running"}
        await self._write(Set("batch_job", job.gid, {**values, "done": job.done, "failed": job.failed}, mine))

    async def _write(self, *changes: Change) -> None:
        await self.store.commit(Changes(changes, 0, moments.now()))
