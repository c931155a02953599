"""The embedded database's layout: created on first use, found out about, checked on request."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite as dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from batchwright.model.kinds import Kinds
from batchwright.store import editions, words
from batchwright.store.migrations import HEAD, STAMP, known, undated
from batchwright.store.tables import tables

BUSY_SECONDS = 30


def connect(path: str) -> sqlite3.Connection:
    """A connection in autocommit mode with our pragmas."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=-49152")  # KiB; the loop's reader and the writer fill theirs
    connection.execute("PRAGMA wal_autocheckpoint=4000")  # pages; a page that many commits change is copied less often
    connection.create_function("fold", 1, _fold, deterministic=True)
    return connection


def layout(connection: sqlite3.Connection) -> str:
    """The revision, "" for a database without tables. Raises OtherLayout."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "alembic_version" in names:
        return known(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    if "meta" in names:
        raise undated()
    return ""


def created(connection: sqlite3.Connection, kinds: Kinds) -> str:
    """Creates everything where there is nothing, in one transaction; the layout before."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = layout(connection)
        for statement in () if found else (*create(kinds), *STAMP):
            connection.execute(statement)
        if not found:
            new_secret(connection)
        connection.execute("COMMIT")
        return found
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def check(path: Path, kinds: Kinds) -> list[str]:
    """What is wrong with the file: integrity, foreign keys, columns and indexes that it lacks.

    Raises OtherLayout.
    """
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = layout(connection)
        problems = [] if found == HEAD else [f"layout {found or 'missing'}, expected {HEAD}"]
        problems += [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        problems += [
            f"dangling reference in {row[0]}, row {row[1]}" for row in connection.execute("PRAGMA foreign_key_check")
        ]
        for table in _in_order(tables(kinds)):
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
            missing = {column.name for column in table.columns} - columns
            problems += [f"column {table.name}.{name} is missing" for name in sorted(missing)]
            there = {row[1] for row in connection.execute(f"PRAGMA index_list({table.name})")}
            lost = {str(index.name) for index in table.indexes} - there
            problems += [f"index {name} is missing" for name in sorted(lost)]
    return problems


def secret(connection: sqlite3.Connection) -> bytes:
    """The database's signing key."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()
    return bytes.fromhex(row[0])


def new_secret(connection: sqlite3.Connection) -> None:
    """Gives the database a signing key that no other has."""
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('secret', ?)", (secrets.token_hex(32),))


def create(kinds: Kinds) -> list[str]:
    """The statements that make everything the kinds need."""
    made: list[str] = []
    for table in _in_order(tables(kinds)):
        made.append(str(CreateTable(table).compile(dialect=dialect.dialect())).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made += [str(CreateIndex(index).compile(dialect=dialect.dialect())) for index in indexes]
    return made + words.on_sqlite(kinds) + editions.on_sqlite(kinds)


def _in_order(metadata: sa.MetaData) -> list[sa.Table]:
    return [metadata.tables[name] for name in sorted(metadata.tables)]


def _fold(text: str | None) -> str | None:
    return None if text is None else text.casefold()
