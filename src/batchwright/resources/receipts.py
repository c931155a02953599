"""Receipts: that a request with an idempotency key was performed, and what was answered. No operation shows one."""

from __future__ import annotations

from batchwright.model.fields import moment, ref, text
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation

RECEIPT = Kind(
    "receipt",
    "receipts",
    (
        ref("user", "user", required=True),
        text("digest"),
        text("request"),
        text("outcome"),
        text("reply"),
        moment("created_at"),
    ),
    unique=(("digest",),),
)

KINDS = (RECEIPT,)
OPERATIONS: tuple[Operation, ...] = ()
