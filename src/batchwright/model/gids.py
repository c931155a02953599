"""gids: time-ordered 63-bit integers made in the process, so that changes can name rows that don't exist yet.

41 bits of milliseconds since 2020, 10 bits of node (drawn per process), 12 bits of sequence: 18 digits today.
"""

from __future__ import annotations

import secrets
import threading
import time

_EPOCH_MS = 1_577_836_800_000
_NODE = secrets.randbits(10)
_lock = threading.Lock()
_last = 0


def make() -> int:
    """A new gid, greater than every gid this process made before."""
    global _last
    now = int(time.time() * 1000) - _EPOCH_MS
    fresh = (now << 22) | (_NODE << 12)
    with _lock:
        _last = fresh if fresh > _last else _last + 1
        return _last


def floor(ms: int) -> int:
    """The least gid that could be made at a moment (milliseconds since 1970)."""
    return max(ms - _EPOCH_MS, 0) << 22


def parse(text: str) -> int | None:
    """The number of a gid written in digits; None for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    number = int(text)
    return number if number < 2**63 else None
