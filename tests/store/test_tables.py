"""The tables that every database shares."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from batchwright.resources import KINDS
from batchwright.store.postgres_schema import create as statements_for_postgresql
from batchwright.store.upgrading import upgrade


def test_making_them_on_one_database_leaves_those_of_the_other_as_they_are(tmp_path: Path) -> None:
    """They are described once a process, and what writes out a foreign key may mark it as written."""
    assert any("FOREIGN KEY" in statement for statement in statements_for_postgresql(KINDS))
    path = tmp_path / "after.db"
    upgrade(path, KINDS)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA foreign_key_list(membership)").fetchall()
    connection.close()
