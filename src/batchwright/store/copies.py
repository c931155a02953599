"""Whole copies of a database."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from batchwright.store.schema import new_secret


def copy(source: Path, target: Path, *, same: bool = False) -> None:
    """A copy of a database, in use or not; it appears whole or not at all.

    It has a signing key of its own, unless it is to be the same.

    Raises OSError, also for a source that is no database.
    """
    part = target.with_name(f"{target.name}.{secrets.token_hex(8)}")
    try:
        reading = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)
        with closing(reading), closing(sqlite3.connect(part, isolation_level=None)) as writing:
            reading.backup(writing)
            if not same:
                new_secret(writing)
            writing.execute("PRAGMA journal_mode=DELETE")  # a single file; whoever opens it as a store turns to WAL
        part.replace(target)
    except sqlite3.Error as problem:
        raise OSError(f"can't copy {source}: {problem}") from None
    finally:
        for ending in ("", "-wal", "-shm"):
            part.with_name(part.name + ending).unlink(missing_ok=True)
