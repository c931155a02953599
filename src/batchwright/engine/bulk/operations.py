"""Takes a batch in as a job, tells its results and its progress, cancels it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final

import msgspec

from batchwright.engine.actions import actions_of
from batchwright.engine.extensions import OF_BATCHES, extended
from batchwright.model.calls import Call
from batchwright.model.changes import Change, Set
from batchwright.model.conditions import Compare, OneOf, Order, Query, equals
from batchwright.model.fields import record, whole
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation, Outcome, Run, Show
from batchwright.model.problems import Problem, bad_request
from batchwright.model.views import View
from batchwright.projection import plan, project
from batchwright.shapes import getting, listing
from batchwright.steps.writing import insert, unchanged

MOST: Final = 10_000  # actions of a job
MOST_OPEN: Final = 20  # jobs of a person that aren't over
WAIT: Final = "60"  # seconds, for who has so many
PAGE: Final = 500  # results read at once
USUAL: Final = 100  # results of one answer
SHORT: Final = ("atomic", "dry_run", "results", "timeout_ms")  # what belongs to batches that are answered at once
OPEN: Final = ("running", "waiting")
OVER: Final = ("succeeded", "cancelled")
TAG: Final = "Batch API"
RESULT: Final = ("index", "status_code", "headers", "body")
TICK: Final = 0.5  # seconds between two looks at how far a job is
AFTER: Final = whole("after", nullable=False, about="The index of the last result that is known already.")
LAST: Final = whole(
    "after", about="What to send as `after` for the results that follow; null where there are none yet."
)
TAKES_IN: Final = (
    f"Takes in a batch of up to {MOST:,} actions, to be worked off behind the scenes within the caller's limits. "
    "Sent to `/batch` with `Prefer: respond-async`, it is the same."
)
OF_JOBS: Final = "How far a batch job of the caller's is. It and its results are kept for 24 hours after its end."


def operations(kind: Kind, ring: Callable[[], None]) -> tuple[Operation, ...]:
    """All operations on jobs; `ring` tells who works them off that there is a new one."""

    async def create(call: Call, view: View) -> Outcome:
        outcome = await _taken_in(call, view)
        ring()
        return outcome

    return (
        _creating(create),
        listing(
            kind,
            "getBatchJobs",
            "/batch_jobs",
            where=lambda call: (equals("created_by", call.caller.user),),
            order=(Order("gid", descending=True),),
            tag=TAG,
            beyond=True,
            about="The caller's batch jobs, the newest first.",
        ),
        getting(kind, "getBatchJob", tag=TAG, beyond=True, about=OF_JOBS),
        *_of_one(),
    )


def _creating(run: Run) -> Operation:
    return Operation(
        id="createBatchJob",
        method="POST",
        path="/batch_jobs",
        run=run,
        kind="batch_job",
        tag=TAG,
        about=TAKES_IN,
        body=(record("actions", many=True, about=f"The actions to run, at most {MOST:,}."),),
        status=202,
        raw=True,
        batchable=False,
        beyond=True,
    )


def _of_one() -> tuple[Operation, ...]:
    path = "/batch_jobs/{batch_job_gid}"
    return (
        Operation(
            id="getBatchJobResults",
            method="GET",
            path=f"{path}/results",
            run=_results,
            tag=TAG,
            about="What came of a batch job's actions so far, in their order.",
            params=(AFTER,),
            beside=(LAST,),
            batchable=False,
            limited=True,
            streams=True,
            beyond=True,
        ),
        Operation(
            id="getBatchJobProgress",
            method="GET",
            path=f"{path}/progress",
            run=_progress,
            kind="batch_job",
            tag=TAG,
            about="How far a batch job is, told until it is over where a stream is asked for.",
            batchable=False,
            streams=True,
            beyond=True,
        ),
        Operation(
            id="cancelBatchJob",
            method="POST",
            path=f"{path}/cancel",
            run=_cancel,
            kind="batch_job",
            tag=TAG,
            about="Ends a batch job; what is done stays done.",
            beyond=True,
        ),
    )


async def _taken_in(call: Call, view: View) -> Outcome:
    """Raises Problem 429 where too many jobs of the caller's are waiting: they fill the database."""
    open = (equals("created_by", call.caller.user), OneOf("status", OPEN))
    if len(await view.select(Query("batch_job", open, visible=False, limit=MOST_OPEN))) == MOST_OPEN:
        told = f"At most {MOST_OPEN} batch jobs may be open at once. Please wait until one is over, or cancel one."
        raise Problem(429, told, headers={"Retry-After": WAIT})
    actions = actions_of(call.data, MOST)
    for name in SHORT:
        if name in call.data or any(name in action for action in actions):
            raise bad_request(f"{name}: A batch that is worked off behind the scenes can't have it")
    extended(call.data, actions, strict=False)  # refused now, where it can't be understood
    asked = {name: call.data[name] for name in OF_BATCHES if name in call.data}
    jobs, kind = view.kinds["batch_job"], view.kinds["batch_action"]
    holder, base = int(call.caller.token), call.base
    job = insert(jobs, call, actions=len(actions), asked=_json(asked), base=base, holder=holder)
    rows = (insert(kind, call, job=job.gid, index=index, action=_json(action)) for index, action in enumerate(actions))
    return Outcome((job, *rows), Show("batch_job", (job.gid,)))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def _results(call: Call, view: View) -> Outcome:
    job, after = call.at["batch_job"], call.params.get("after", -1)
    if call.stream:
        return Outcome(stream=_all_results(view, job, after))
    size = call.options.rows(USUAL)
    found = await _page(view, job, after, size)
    return Outcome(data=found, beside={"after": found[-1]["index"] if len(found) == size else None})


async def _all_results(view: View, job: int, after: int) -> AsyncGenerator[dict[str, Any]]:
    while found := await _page(view, job, after, PAGE):
        for each in found:
            yield each
        after = found[-1]["index"]


async def _page(view: View, job: int, after: int, size: int) -> list[dict[str, Any]]:
    answered = (equals("job", job), Compare("index", ">", after), Compare("status_code", "!=", None))
    query = Query("batch_action", answered, order=(Order("index"),), visible=False, limit=size)
    return [_result(*row[2:]) for row in await view.select(query, "action", *RESULT)]


def _result(action: str, index: int, status: int, headers: str, body: str) -> dict[str, Any]:
    id = msgspec.json.decode(action).get("id")
    known = {"status_code": status, "headers": msgspec.json.decode(headers), "body": msgspec.Raw(body)}
    return {"index": index, **({"id": id} if id else {}), **known}


async def _progress(call: Call, view: View) -> Outcome:
    job = call.at["batch_job"]
    return Outcome(stream=_told(call, view, job)) if call.stream else Outcome(show=Show("batch_job", (job,)))


async def _told(call: Call, view: View, job: int) -> AsyncGenerator[dict[str, Any]]:
    """The job's record, each time that it has changed, until it is over."""
    chosen, last = plan(view.kinds, "batch_job", call.options.fields, "full"), None
    while True:
        status = (await view.rows("batch_job", (job,), "status")).get(job, {}).get("status")
        now = (await project(view, chosen, (job,), call.base)).get(job)
        if now is not None and now != last:
            yield now
            last = now
        if now is None or status in OVER:
            return
        await asyncio.sleep(TICK)


async def _cancel(call: Call, view: View) -> Outcome:
    job = call.at["batch_job"]
    row = await view.row("batch_job", job, "status")
    changes: tuple[Change, ...] = ()
    if row["status"] not in OVER:
        ended = {"status": "cancelled", "ended_at": call.now, "claimed_until": None}
        changes = (unchanged("batch_job", job, row), Set("batch_job", job, ended))
    return Outcome(changes, Show("batch_job", (job,)))
