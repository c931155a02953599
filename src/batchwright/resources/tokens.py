"""Tokens: what callers prove themselves with. Commands make and revoke them, so there is no operation yet."""

from __future__ import annotations

from batchwright.model.fields import moment, ref, text
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation

TOKEN = Kind(
    "token",
    "tokens",
    (
        ref("user", "user", required=True),
        text("digest"),
        text("name"),
        moment("created_at"),
        moment("expires_at"),
        moment("used_at"),
    ),
    unique=(("digest",),),
)

KINDS = (TOKEN,)
OPERATIONS: tuple[Operation, ...] = ()
