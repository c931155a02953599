"""Signing keys: what ID tokens are signed with, kept here so that all processes sign with the same one."""

from __future__ import annotations

from batchwright.model.fields import json, moment, text
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation

SIGNING_KEY = Kind(
    "signing_key",
    "signing_keys",
    (
        text("algorithm"),
        json("private"),
        moment("created_at"),
    ),
    unique=(("algorithm",),),
)

KINDS = (SIGNING_KEY,)
OPERATIONS: tuple[Operation, ...] = ()
