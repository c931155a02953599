"""All rows of a database, to compare it with itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import psycopg

from batchwright.resources import KINDS
from batchwright.store import databases
from batchwright.store.tables import tables

PASSING = {"token": ("used_at",)}  # what changes by itself


def dump(database: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each table in the order of their values."""
    found = {}
    connect: Any = sqlite3.connect if databases.is_file(database) else psycopg.connect
    with closing(connect(database)) as connection:
        for table in tables(KINDS).sorted_tables:
            names = [each.name for each in table.columns if each.name not in PASSING.get(table.name, ())]
            columns = ", ".join(f'"{name}"' for name in names)
            rows = connection.execute(f'SELECT {columns} FROM "{table.name}"').fetchall()
            found[table.name] = sorted(rows, key=repr)
    return found
