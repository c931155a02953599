"""Brings an embedded database to the layout of this release; an old one is copied aside first."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from batchwright.model.kinds import Kinds
from batchwright.store import schema
from batchwright.store.copies import copy
from batchwright.store.migrations import HEAD, migrate

log = logging.getLogger("batchwright")


def upgrade(path: Path, kinds: Kinds) -> str:
    """Creates or upgrades the database, all or nothing; tells what was done. Raises OtherLayout, OSError."""
    with closing(schema.connect(str(path))) as connection:
        found = schema.layout(connection)
        if found == HEAD:
            return f"has layout {HEAD} already"
        if not found and not schema.created(connection, kinds):
            return f"created with layout {HEAD}"
    kept = path.with_name(f"{path.name}.{found}")
    copy(path, kept, same=True)
    _migrate(path)
    log.warning("the database was upgraded from layout %s to %s; as it was before, it is in %s", found, HEAD, kept)
    return f"upgraded from layout {found} to {HEAD}; as it was before, it is in {kept}"


def _migrate(path: Path) -> None:
    import sqlalchemy as sa

    def connect() -> sqlite3.Connection:
        connection = schema.connect(str(path))
        # A table that is made anew is dropped first, which must not take along what refers to it.
        connection.execute("PRAGMA foreign_keys=OFF")
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        migrate(connection)
