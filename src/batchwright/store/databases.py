"""Which database a setting names: the path of a file, or the URL of a PostgreSQL database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batchwright.model.kinds import Kinds
from batchwright.store import schema, upgrading
from batchwright.store.interface import Derive, Foresee, Store, unforeseen
from batchwright.store.migrations import HEAD, OtherLayout
from batchwright.store.sqlite import SqliteStore

POSTGRESQL = ("postgresql://", "postgres://")


class Unusable(Exception):
    """The database can't be used; the message says why in one line."""


def is_file(db: str) -> bool:
    """Whether the database is embedded, in a file of its own."""
    return "://" not in db


def open_store(db: str, kinds: Kinds, derive: Derive, foresee: Foresee = unforeseen) -> Store:
    """The store of a database. A file is created and upgraded on the way; PostgreSQL must be upgraded before.

    Raises Unusable.
    """
    with _told(db):
        if is_file(db):
            return SqliteStore(Path(db), kinds, derive, foresee)
        # The driver is only loaded by those who use it: it takes a tenth of a second.
        from batchwright.store import postgres_schema
        from batchwright.store.postgres import PostgresStore

        with postgres_schema.connect(db) as connection:
            if postgres_schema.layout(connection) != HEAD:
                raise Unusable(f"the database at {_shown(db)} is not up to date: run `batchwright db upgrade` first")
        return PostgresStore(db, kinds, derive, foresee)


def upgrade(db: str, kinds: Kinds) -> str:
    """Creates or upgrades the tables; tells what was done. Raises Unusable."""
    with _told(db):
        if is_file(db):
            return upgrading.upgrade(Path(db), kinds)
        from batchwright.store import postgres_schema

        return postgres_schema.upgrade(db, kinds)


def check(db: str, kinds: Kinds) -> list[str]:
    """What is wrong with the database; empty when all is well. Raises Unusable."""
    with _told(db):
        if is_file(db):
            return schema.check(Path(db), kinds)
        from batchwright.store import postgres_schema

        return postgres_schema.check(db, kinds)


@contextmanager
def _told(db: str) -> Iterator[None]:
    if not is_file(db) and not db.startswith(POSTGRESQL):
        raise Unusable(f"not the path of a file nor a postgresql:// URL: {_shown(db)}")
    try:
        yield
    except (OtherLayout, OSError, sqlite3.Error) as problem:
        raise Unusable(f"can't use the database at {_shown(db)}: {problem}") from None
    except Exception as problem:
        if not _from_psycopg(problem):
            raise
        reason = " ".join(str(problem).split())
        raise Unusable(f"can't use the database at {_shown(db)}: {reason}") from None


def _from_psycopg(problem: Exception) -> bool:
    return type(problem).__module__.partition(".")[0] == "psycopg"


def _shown(db: str) -> str:
    """The database without the password that its URL may hold."""
    scheme, mark, rest = db.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else db
