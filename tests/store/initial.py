"""Writes the initial layout anew from the kinds: `python -m tests.store.initial`, until there is a first release."""

from __future__ import annotations

from pathlib import Path

from batchwright.resources import KINDS
from batchwright.store import postgres_schema, schema
from batchwright.store.migrations import HERE


def script(dialect: str) -> Path:
    """The file of a sort of database."""
    return HERE / "versions" / f"0001_initial.{dialect}.sql"


if __name__ == "__main__":
    for dialect, create in (("sqlite", schema.create), ("postgresql", postgres_schema.create)):
        statements = (statement.replace("\t", "    ").replace(", \n", ",\n") for statement in create(KINDS))
        script(dialect).write_text("\n\n".join(statements) + "\n", "utf-8")
