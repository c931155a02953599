"""Tokens: what callers prove themselves with: people's own, and those that apps are given. No operation shows one."""

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
        ref("grant", "grant", belongs=True),
        ref("app", "app", belongs=True),
        text("scopes", nullable=True),
    ),
    unique=(("digest",),),
)

KINDS = (TOKEN,)
OPERATIONS: tuple[Operation, ...] = ()
