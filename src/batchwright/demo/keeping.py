"""Keeps a copy of the day's demo, so that a server's second start need not load it again.

It lies in the user's cache, named after the day and the code that made it: whatever changes, it is made anew.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from batchwright.model import moments
from batchwright.store.copies import copy

NAME = "demo-"


def bring(database: Path) -> bool:
    """Whether the database is new; where the day's demo is kept, it then begins as a copy of it."""
    if database.exists():
        return False
    kept = _kept()
    if kept is not None and kept.exists():
        with suppress(OSError):
            copy(kept, database)
    return True


def keep(database: Path) -> None:
    """Keeps a copy of a database that holds the demo and nothing else; what was kept before goes."""
    kept = _kept()
    if kept is None:
        return
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob(f"{NAME}*"):
            old.unlink(missing_ok=True)
        copy(database, kept)


def _kept() -> Path | None:
    with suppress(OSError, RuntimeError):  # RuntimeError: nobody's home is known
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(cache) / "batchwright" / f"{NAME}{moments.day_of(moments.now())}-{_code()}.db"
    return None


def _code() -> str:
    """A name for the code as it is now, by its files' sizes and times."""
    found = hashlib.sha256()
    package = Path(__file__).parent.parent
    for file in sorted(package.rglob("*.py")) + sorted(package.rglob("*.toml")):
        state = file.stat()
        found.update(f"{file} {state.st_size} {state.st_mtime_ns}\n".encode())
    return found.hexdigest()[:16]
