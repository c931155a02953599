"""Our own catalogue and document, as tests compare them with the contract."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from functools import cache

from tests.contract.reference import Described

from batchwright.engine.batch import Batches, batch
from batchwright.engine.bulk import operations as bulk_operations
from batchwright.engine.drafting import Perform
from batchwright.engine.routes import Routes
from batchwright.model.calls import Call, Reply
from batchwright.model.operations import Operation
from batchwright.openapi import document
from batchwright.resources import KINDS, OPERATIONS
from batchwright.store.interface import Draft


async def _never(call: Call) -> Reply:
    raise AssertionError(call)


def _nowhere() -> AbstractAsyncContextManager[tuple[Draft, Perform]]:
    raise AssertionError


@cache
def catalogue() -> tuple[Operation, ...]:
    """Every operation of the contract that we know, built or not, and those beyond it."""
    entry = batch(Batches(_never, lambda: Routes(()), 10, _nowhere, _never))
    jobs = bulk_operations(KINDS["batch_job"], lambda: None)
    return tuple(each for each in (entry, *jobs, *OPERATIONS) if not each.alias)


@cache
def built() -> dict[str, Operation]:
    """The built operations by id."""
    return {each.id: each for each in catalogue() if each.built}


@cache
def ours(*, strict: bool = False) -> Described:
    """Our document. strict: that of a server that has nothing beyond Asana."""
    return Described(document(KINDS, catalogue(), strict=strict))
