"""Passwords: what people sign in with on the web pages. Only slow, salted hashes are stored; no operation shows one."""

from __future__ import annotations

from batchwright.model.fields import moment, ref, text
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation

PASSWORD = Kind(
    "password",
    "passwords",
    (
        ref("user", "user", required=True),
        text("hash"),
        moment("created_at"),
    ),
    unique=(("user",),),
)

KINDS = (PASSWORD,)
OPERATIONS: tuple[Operation, ...] = ()
