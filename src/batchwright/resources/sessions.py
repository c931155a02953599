"""Sessions: who is signed in on the web pages. A browser holds the key, the row its digest; no row, no session."""

from __future__ import annotations

from batchwright.model.fields import moment, ref, text
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation

SESSION = Kind(
    "session",
    "sessions",
    (
        ref("user", "user", required=True),
        text("digest"),
        moment("created_at"),
        moment("expires_at"),
    ),
    unique=(("digest",),),
)

KINDS = (SESSION,)
OPERATIONS: tuple[Operation, ...] = ()
