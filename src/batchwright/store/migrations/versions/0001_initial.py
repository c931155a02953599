"""The layout of the first release: a file of SQL for each sort of database, its statements apart by a blank line."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates everything."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0001_initial.{connection.dialect.name}.sql")
    for statement in script.read_text("utf-8").split("\n\n"):
        connection.exec_driver_sql(statement)
