"""The layouts that databases have had, one a revision, and the way from each to the next by alembic.

Only who upgrades an old database needs alembic, which takes a tenth of a second to load: new ones are created from the
kinds. A test holds both ways against each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

HERE = Path(__file__).parent
REVISIONS = tuple(sorted(file.name.partition("_")[0] for file in HERE.glob("versions/[0-9]*.py")))
HEAD = REVISIONS[-1]
# As alembic makes its table.
STAMP = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
    f"INSERT INTO alembic_version (version_num) VALUES ('{HEAD}')",
)


class OtherLayout(Exception):
    """The database has a layout that this release doesn't know."""


def known(layout: str) -> str:
    """The layout. Raises OtherLayout."""
    if layout not in REVISIONS:
        raise OtherLayout(f"it has layout {layout}, and this release knows layouts up to {HEAD}")
    return layout


def undated() -> OtherLayout:
    """What to raise for a database that has our tables and doesn't tell its layout."""
    return OtherLayout("it was made by a development version before the first release, so it must be made anew")


def migrate(connection: sa.Connection, to: str = "head") -> None:
    """Upgrades step by step within the connection's transaction; from nothing, if there is nothing."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    command.upgrade(config, to)
