"""PostgreSQL's layout: created and upgraded on request (`batchwright db upgrade`), by one process at a time."""

from __future__ import annotations

import secrets
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg as dialect
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from batchwright.model.kinds import Kinds
from batchwright.store import words
from batchwright.store.schema import VERSION, Newer
from batchwright.store.tables import tables

LOCK = 0x6261746368  # "batch": the advisory lock of whoever writes
# As Python's casefold, which folds what is looked for; of the letters that lower leaves apart only this one is common.
FOLD = """CREATE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(lower($1), 'ß', 'ss')"""


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection in autocommit mode that prepares every statement it runs."""
    return psycopg.connect(url, autocommit=True, prepare_threshold=0)


def upgrade(url: str, kinds: Kinds) -> str:
    """Creates or upgrades the tables in one transaction; tells what was done."""
    with connect(url) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        version = layout(connection)
        if version > VERSION:
            raise Newer(f"it has layout {version}, and this release knows layouts up to {VERSION}")
        if version == VERSION:
            return f"has layout {VERSION} already"
        for statement in _create(kinds):
            connection.execute(statement.encode())
        meta = (("secret", secrets.token_hex(32)), ("layout", str(VERSION)))
        connection.cursor().executemany("INSERT INTO meta (key, value) VALUES (%s, %s)", meta)
    return f"created with layout {VERSION}"


def layout(connection: psycopg.Connection[Any]) -> int:
    """The number of the layout, 0 for an empty database."""
    found = connection.execute("SELECT to_regclass('meta')").fetchone()
    if found is None or found[0] is None:
        return 0
    row = connection.execute("SELECT value FROM meta WHERE key = 'layout'").fetchone()
    return int(row[0]) if row else 0


def check(url: str, kinds: Kinds) -> list[str]:
    """What is wrong: the layout's number, missing columns. PostgreSQL itself guards references."""
    with connect(url) as connection:
        version = layout(connection)
        problems = [] if version == VERSION else [f"layout {version}, expected {VERSION}"]
        rows = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        )
        found = {(row[0], row[1]) for row in rows}
    expected = [(table.name, column.name) for table in tables(kinds).tables.values() for column in table.columns]
    return problems + [f"column {table}.{name} is missing" for table, name in expected if (table, name) not in found]


def secret(connection: psycopg.Connection[Any]) -> bytes:
    """The database's signing key."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()
    assert row is not None
    return bytes.fromhex(row[0])


def _create(kinds: Kinds) -> list[str]:
    every = list(tables(kinds).tables.values())
    made: list[sa.schema.ExecutableDDLElement] = [
        CreateTable(table, include_foreign_key_constraints=[]) for table in every
    ]
    made += [CreateIndex(index) for table in every for index in table.indexes]
    made += [AddConstraint(key, isolate_from_table=False) for table in every for key in table.foreign_key_constraints]
    postgresql = dialect.dialect()  # type: ignore[no-untyped-call]
    return [FOLD, *(str(each.compile(dialect=postgresql)) for each in made), *words.on_postgres(kinds)]
