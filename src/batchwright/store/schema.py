"""The database's layout: created on first use, upgraded by numbered migrations, checked on request."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite as dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from batchwright.model.kinds import Kinds
from batchwright.store import words
from batchwright.store.tables import tables

VERSION = 1


class Newer(Exception):
    """The database was written by a later release."""


def upgrade(path: Path, kinds: Kinds) -> str:
    """Creates or upgrades the database in one transaction; tells what was done."""
    with sqlite3.connect(path, timeout=30, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            connection.execute("ROLLBACK")
            raise Newer(f"it has layout {version}, and this release knows layouts up to {VERSION}")
        if version == 0:
            for statement in _create(kinds):
                connection.execute(statement)
            new_secret(connection)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    connection.close()
    return f"created with layout {VERSION}" if version == 0 else f"has layout {VERSION} already"


def check(path: Path, kinds: Kinds) -> list[str]:
    """What is wrong with the file: integrity, foreign keys, tables and columns that differ from the kinds."""
    problems: list[str] = []
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        problems.append(f"layout {version}, expected {VERSION}")
    problems += [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    problems += [
        f"dangling reference in {row[0]}, row {row[1]}" for row in connection.execute("PRAGMA foreign_key_check")
    ]
    for table in _in_order(tables(kinds)):
        found = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
        missing = {column.name for column in table.columns} - found
        problems += [f"column {table.name}.{name} is missing" for name in sorted(missing)]
    connection.close()
    return problems


def secret(connection: sqlite3.Connection) -> bytes:
    """The database's signing key."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()
    return bytes.fromhex(row[0])


def new_secret(connection: sqlite3.Connection) -> None:
    """Gives the database a signing key that no other has."""
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('secret', ?)", (secrets.token_hex(32),))


def _create(kinds: Kinds) -> list[str]:
    made: list[str] = []
    for table in _in_order(tables(kinds)):
        made.append(str(CreateTable(table).compile(dialect=dialect.dialect())))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made += [str(CreateIndex(index).compile(dialect=dialect.dialect())) for index in indexes]
    return made + words.on_sqlite(kinds)


def _in_order(metadata: sa.MetaData) -> list[sa.Table]:
    return [metadata.tables[name] for name in sorted(metadata.tables)]
