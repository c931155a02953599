"""What a database is made of, in a form that can be compared: names and definitions, in no order."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from batchwright.store import postgres_schema

Layout = frozenset[tuple[object, ...]]

COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name
    FROM information_schema.columns WHERE table_schema = current_schema()"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
FUNCTIONS = "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'fold'"
EXTENSIONS = "SELECT extname FROM pg_extension"


def layout(db: str) -> Layout:
    """All of it."""
    if "://" not in db:
        return _on_sqlite(db)
    with postgres_schema.connect(db) as connection:
        asked = (COLUMNS, CONSTRAINTS, INDEXES, FUNCTIONS, EXTENSIONS)
        return frozenset(row for query in asked for row in connection.execute(query.encode()))


def _on_sqlite(db: str) -> Layout:
    found: set[tuple[object, ...]] = set()
    with closing(sqlite3.connect(db)) as connection:
        listed = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        for type, name, text in listed:
            if type != "table" or "VIRTUAL" in text:
                found.add((type, name, " ".join(re.sub(r'["(),]', r" \g<0> ", text or "").split())))
                continue
            for pragma, kept in (("table_info", slice(1, 6)), ("foreign_key_list", slice(2, 7))):
                rows = connection.execute(f"PRAGMA {pragma}({name})")
                found |= {(name, pragma, *row[kept]) for row in rows}
            for index in connection.execute(f"PRAGMA index_list({name})").fetchall():
                columns = connection.execute(f"PRAGMA index_info({index[1]})").fetchall()
                found.add((name, "index", *index[2:5], *(row[2] for row in columns)))
    return frozenset(found)
