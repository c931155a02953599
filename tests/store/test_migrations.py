"""Migrations: they lead to what the kinds describe, they keep what is there, and nobody else needs alembic."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from tests import postgres
from tests.conftest import POSTGRES
from tests.store.layouts import Layout, layout

from batchwright.model.fields import text
from batchwright.model.kinds import Kinds
from batchwright.resources import KINDS
from batchwright.store import databases, migrations, postgres_schema, schema, upgrading
from batchwright.store.databases import Unusable

CHANGED = (
    "the kinds and the layout differ: write a migration (until there is a first release, let "
    "`python -m tests.store.initial` write the initial one anew)"
)
LATER = """
import sqlalchemy as sa
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    with op.batch_alter_table("tag") as table:
        table.add_column(sa.Column("mood", sa.Text()))
"""


@dataclass(frozen=True)
class Databases:
    """Makes empty databases of one sort."""

    folder: Path
    urls: str  # "" for SQLite
    worker: str  # of the test run

    def new(self, name: str) -> str:
        """What the setting `db` says of a new one."""
        if not self.urls:
            return str(self.folder / f"{name}.db")
        name = f"{name}_{self.worker}"
        with psycopg.connect(self.urls % "postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.urls % name

    def migrated(self, name: str, to: str = "head") -> str:
        """One that was made by migrations alone."""
        db = self.new(name)
        if self.urls:
            engine = sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(db))
        else:
            engine = sa.create_engine("sqlite://", creator=lambda: schema.connect(db), poolclass=sa.NullPool)
        with engine.begin() as connection:
            migrations.migrate(connection, to)
        engine.dispose()
        return db


@pytest.fixture(params=["sqlite", "postgres"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """Databases of either sort."""
    urls = request.config.stash[POSTGRES] if request.param == "postgres" else ""
    if request.param == "postgres" and not urls:
        pytest.skip(postgres.MISSING)
    return Databases(tmp_path, urls, os.environ.get("PYTEST_XDIST_WORKER", "main"))


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later release, whose layout has one more column."""
    here = tmp_path / "migrations"
    shutil.copytree(migrations.HERE, here)
    (here / "versions" / "0002_later.py").write_text(LATER)
    monkeypatch.setattr(migrations, "HERE", here)
    monkeypatch.setattr(migrations, "REVISIONS", ("0001", "0002"))
    for module in (migrations, schema, postgres_schema, upgrading, databases):
        monkeypatch.setattr(module, "HEAD", "0002")


def test_migrations_lead_to_what_the_kinds_describe(made: Databases) -> None:
    direct, migrated = made.new("direct"), made.migrated("migrated")
    assert databases.upgrade(direct, KINDS) == f"created with layout {migrations.HEAD}"
    assert _differences(layout(direct), layout(migrated)) == [], CHANGED
    assert databases.check(direct, KINDS) == databases.check(migrated, KINDS) == []


def test_a_kind_that_changes_without_a_migration_is_noticed(made: Databases) -> None:
    tag = KINDS["tag"]
    for changed in (
        replace(tag, fields=(*tag.fields, text("mood"))),
        replace(tag, fields=tuple(replace(each, nullable=not each.nullable) for each in tag.fields)),
        replace(tag, indexes=(*tag.indexes, ("name", "color"))),
        replace(tag, unique=(("workspace", "name"),)),
        replace(tag, searched=("name",)),
    ):
        direct = made.new("changed")
        Path(direct).unlink(missing_ok=True)
        databases.upgrade(direct, Kinds(tuple(changed if each is tag else each for each in KINDS.of)))
        assert _differences(layout(direct), layout(made.migrated("as_it_was"))), changed
        Path(made.folder / "as_it_was.db").unlink(missing_ok=True)


def _differences(one: Layout, other: Layout) -> list[str]:
    return sorted(map(repr, one ^ other))


def test_the_revisions_are_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    scripts = ScriptDirectory.from_config(config)
    assert [each.revision for each in scripts.walk_revisions()] == [*reversed(migrations.REVISIONS)]


@pytest.mark.usefixtures("later")
def test_an_older_database_is_upgraded(made: Databases) -> None:
    db = made.migrated("older", to="0001")
    _run(db, "INSERT INTO meta (key, value) VALUES ('secret', 'ab')")
    _run(db, "INSERT INTO workspace (gid, name, is_organization, email_domains) VALUES (1, 'Acme', true, '[]')")
    _run(db, "INSERT INTO tag (gid, name, workspace, notes) VALUES (2, 'kept', 1, '')")
    told = databases.upgrade(db, KINDS)
    assert told.startswith("upgraded from layout 0001 to 0002")
    assert _run(db, "SELECT name, workspace, mood FROM tag") == [("kept", 1, None)]
    assert databases.upgrade(db, KINDS) == "has layout 0002 already"
    if not made.urls:
        assert _run(f"{db}.0001", "SELECT version_num, value FROM alembic_version, meta") == [("0001", "ab")]


@pytest.mark.usefixtures("later")
async def test_who_opens_an_older_database(made: Databases, caplog: pytest.LogCaptureFixture) -> None:
    """A file is upgraded on the way, and the log says so; PostgreSQL waits to be told."""
    db = made.migrated("older", to="0001")
    _run(db, "INSERT INTO meta (key, value) VALUES ('secret', 'ab')")
    if made.urls:
        with pytest.raises(Unusable, match="not up to date: run `batchwright db upgrade` first"):
            databases.open_store(db, KINDS, lambda changes, before: ())
        return
    await databases.open_store(db, KINDS, lambda changes, before: ()).close()
    kept = f"{db}.0001"
    assert caplog.messages == [f"the database was upgraded from layout 0001 to 0002; as it was before, it is in {kept}"]


@pytest.mark.usefixtures("later")
def test_what_fails_leaves_the_database_as_it_was(made: Databases) -> None:
    db = made.migrated("older", to="0001")
    file = migrations.HERE / "versions" / "0002_later.py"
    file.write_text(LATER + '    op.execute("INSERT INTO nowhere VALUES (1)")\n')
    before = layout(db)
    with pytest.raises(Exception, match="nowhere"):
        databases.upgrade(db, KINDS)
    assert layout(db) == before


def test_layouts_that_this_release_does_not_know(made: Databases) -> None:
    db = made.migrated("other")
    _run(db, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unusable, match="it has layout 9999, and this release knows layouts up to "):
        databases.upgrade(db, KINDS)
    _run(db, "DROP TABLE alembic_version")
    with pytest.raises(Unusable, match="must be made anew"):
        databases.open_store(db, KINDS, lambda changes, before: ())


def test_the_check_misses_an_index(made: Databases) -> None:
    db = made.migrated("checked")
    _run(db, "DROP INDEX ix_task_workspace_modified_at")
    assert databases.check(db, KINDS) == ["index ix_task_workspace_modified_at is missing"]


@pytest.mark.parametrize("made", ["postgres"], indirect=True)
def test_who_may_not_have_the_extension_is_told(made: Databases) -> None:
    """Whoever owns a database may; who doesn't must ask its owner."""
    db, role = made.new("poor"), f"poor_{made.worker}"
    _run(db, f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN; GRANT CREATE ON SCHEMA public TO {role}")
    with pytest.raises(Unusable, match='permission denied to create extension "pg_trgm"'):
        databases.upgrade(db.replace("user=postgres", f"user={role}"), KINDS)
    _run(db, f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_nobody_loads_alembic_for_a_database_that_is_up_to_date(tmp_path: Path) -> None:
    db = str(tmp_path / "new.db")
    code = (
        "import sys; from batchwright import app; from batchwright.settings import Settings\n"
        "for _ in range(2): app.open_store(Settings(db=sys.argv[1]))\n"
        "assert not [name for name in sys.modules if name.startswith('alembic')]"
    )
    subprocess.run([sys.executable, "-c", code, db], check=True, timeout=60)


def _run(db: str, statement: str) -> list[tuple[object, ...]]:
    if "://" in db:
        with psycopg.connect(db) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(db)) as file, file:
        file.create_function("fold", 1, str.casefold)
        return file.execute(statement).fetchall()
