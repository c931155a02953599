"""PostgreSQL's layout: created and upgraded on request (`batchwright db upgrade`), by one process at a time."""

from __future__ import annotations

import secrets
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg as dialect
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from batchwright.model.kinds import Kinds
from batchwright.store import editions, words
from batchwright.store.migrations import HEAD, STAMP, known, migrate, undated
from batchwright.store.tables import tables

LOCK = 0x6261746368  # "batch": the advisory lock of whoever writes
# As Python's casefold, which folds what is looked for; of the letters that lower leaves apart only this one is common.
FOLD = """CREATE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(lower($1), 'ß', 'ss')"""


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection in autocommit mode that prepares every statement it runs."""
    return psycopg.connect(url, autocommit=True, prepare_threshold=0)


def upgrade(url: str, kinds: Kinds) -> str:
    """Creates or upgrades everything in one transaction; tells what was done. Raises OtherLayout."""
    with connect(url) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        found = layout(connection)
        if not found:
            for statement in (*create(kinds), *STAMP):
                connection.execute(statement.encode())
            connection.execute("INSERT INTO meta (key, value) VALUES ('secret', %s)", (secrets.token_hex(32),))
    if found and found != HEAD:
        _migrate(url)
        return f"upgraded from layout {found} to {HEAD}"
    return f"has layout {HEAD} already" if found else f"created with layout {HEAD}"


def _migrate(url: str) -> None:
    engine = sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        migrate(connection)


def layout(connection: psycopg.Connection[Any]) -> str:
    """The revision, "" for a database without our tables. Raises OtherLayout."""
    found = connection.execute("SELECT to_regclass('alembic_version'), to_regclass('meta')").fetchone()
    assert found is not None
    if found[0] is None and found[1] is not None:
        raise undated()
    row = found[0] and connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return known(row[0]) if row else ""


def check(url: str, kinds: Kinds) -> list[str]:
    """What is wrong: the layout, missing columns and indexes. PostgreSQL itself guards references.

    Raises OtherLayout.
    """
    with connect(url) as connection:
        found = layout(connection)
        problems = [] if found == HEAD else [f"layout {found or 'missing'}, expected {HEAD}"]
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        ).fetchall()
        indexes = connection.execute("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()").fetchall()
    for table in tables(kinds).tables.values():
        missing = [column.name for column in table.columns if (table.name, column.name) not in columns]
        problems += [f"column {table.name}.{name} is missing" for name in missing]
        lost = [index.name for index in table.indexes if (index.name,) not in indexes]
        problems += [f"index {name} is missing" for name in lost]
    return problems


def secret(connection: psycopg.Connection[Any]) -> bytes:
    """The database's signing key."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()
    assert row is not None
    return bytes.fromhex(row[0])


def create(kinds: Kinds) -> list[str]:
    """The statements that make everything the kinds need."""
    every = list(tables(kinds).tables.values())
    made: list[sa.schema.ExecutableDDLElement] = [
        CreateTable(table, include_foreign_key_constraints=[]) for table in every
    ]
    # Sets, in an order of chance: the script of the initial layout would be another each time it is written.
    indexes = (index for table in every for index in sorted(table.indexes, key=lambda each: str(each.name)))
    keys = (
        key
        for table in every
        for key in sorted(table.foreign_key_constraints, key=lambda each: tuple(each.column_keys))
    )
    made += [CreateIndex(index) for index in indexes]
    made += [AddConstraint(key, isolate_from_table=False) for key in keys]
    postgresql = dialect.dialect()  # type: ignore[no-untyped-call]
    texts = [str(each.compile(dialect=postgresql)).strip() for each in made]
    return [FOLD, *texts, *words.on_postgres(kinds), *editions.on_postgres(kinds)]
