"""The kinds as tables: a table a kind, a link table for each `refs` field that has no relation of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from batchwright.model.fields import Field, Type
from batchwright.model.kinds import Kind, Kinds

GID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # one order of texts on every database

OWN = ("edition", "meta")  # the store's own tables; their first rows come with the layout

TYPES: Mapping[Type, TypeEngine[Any]] = {
    Type.TEXT: TEXT,
    Type.FLAG: sa.Boolean(),
    Type.MOMENT: GID,
    Type.DATE: TEXT,
    Type.NUMBER: sa.Float(),
    Type.WHOLE: GID,
    Type.CHOICE: TEXT,
    Type.REF: GID,
    Type.JSON: TEXT,
    Type.RANK: TEXT,
}


@lru_cache(maxsize=8)
def tables(kinds: Kinds) -> sa.MetaData:
    """All tables; the same for every database."""
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        }
    )
    for kind in kinds.of:
        _kind_table(metadata, kind)
    for name, kind, each in kinds.links():
        _link_table(metadata, name, kind.name, each.target)
    sa.Table("edition", metadata, sa.Column("gid", GID, primary_key=True), sa.Column("number", GID, nullable=False))
    sa.Table(
        "meta",
        metadata,
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    return metadata


def _kind_table(metadata: sa.MetaData, kind: Kind) -> None:
    columns: list[sa.Column[Any]] = [sa.Column("gid", GID, primary_key=True, autoincrement=False)]
    columns += [_column(each) for each in kind.columns]
    unique = [sa.UniqueConstraint(*names) for names in kind.unique]
    table = sa.Table(kind.name, metadata, *columns, *unique)
    for names in kind.indexes:
        _index(*(table.c[name] for name in names))
    first = {names[0] for names in (*kind.unique, *kind.indexes)}
    for each in kind.columns:
        if each.type is Type.REF and not each.loose and each.name not in first:
            _index(table.c[each.name])


def _column(each: Field) -> sa.Column[Any]:
    if each.type is not Type.REF or each.loose:
        return sa.Column(each.name, TYPES[each.type], nullable=each.nullable)
    gone = "SET NULL" if each.nullable and not each.belongs else "CASCADE"
    return sa.Column(each.name, GID, sa.ForeignKey(f"{each.target}.gid", ondelete=gone), nullable=each.nullable)


def _index(*columns: sa.Column[Any]) -> None:
    # Most rows of a kind with many references (a story) leave most of them empty: those cost the index nothing.
    known = columns[0].is_not(None) if columns[0].nullable else None
    sa.Index(None, *columns, sqlite_where=known, postgresql_where=known)


def _link_table(metadata: sa.MetaData, name: str, owner: str, target: str) -> None:
    sa.Table(
        name,
        metadata,
        sa.Column("owner", GID, sa.ForeignKey(f"{owner}.gid", ondelete="CASCADE"), primary_key=True),
        sa.Column("target", GID, sa.ForeignKey(f"{target}.gid", ondelete="CASCADE"), primary_key=True, index=True),
        sa.Column("position", GID, nullable=False),
        sqlite_with_rowid=False,  # one tree less to keep
    )
