"""The headers that requests and replies have beside those of every HTTP: named once, for `http/` and the document."""

from __future__ import annotations

from typing import Final

EXPLAIN: Final = "Batchwright-Explain"  # beyond Asana: what a reply shall say more about
EXPLAINED: Final = ("limits", "timing")
KEY: Final = "Idempotency-Key"
PREFER: Final = "Prefer"  # RFC 7240: what isn't known in it is ignored
LATER: Final = "respond-async"

API_VERSION: Final = "X-Asana-Api-Version"
LOCATION: Final = "Location"
REPLAYED: Final = "Idempotency-Replayed"
REQUEST_ID: Final = "X-Request-Id"
RETRY_AFTER: Final = "Retry-After"
TIMING: Final = "Server-Timing"
UNBUFFERED: Final = "X-Accel-Buffering"  # for proxies, which hold a stream back otherwise
TOLD: Final = (REPLAYED, LOCATION, RETRY_AFTER, TIMING, API_VERSION, REQUEST_ID)  # of use to who asked
