"""Indexes of the parts of words: where texts are looked through, they leave out what can't hold the words.

Whether a row does is still decided by its texts, so what is found is the same with and without. SQLite keeps all
sequences of three characters of a kind's `searched` columns in an FTS5 table, by triggers; PostgreSQL in a GIN index.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import sqlalchemy as sa

from batchwright.model.conditions import Condition, Contains
from batchwright.model.kinds import Kind, Kinds

MOST_WORDS, LONGEST_WORD = 50, 1_000  # of a text that is looked for; what follows narrows no further
PART = 3  # characters; a word that has fewer is looked for in all rows
MOST_PARTS = 60  # of the words that are looked for; more of them hardly narrow further
SEARCHED = "words"  # a statement's parameter


def words(text: str) -> list[str]:
    """The words to look for, as rows are compared with them."""
    return [word[:LONGEST_WORD].casefold() for word in list(dict.fromkeys(text.split()))[:MOST_WORDS]]


def sought(kind: Kind, where: Iterable[Condition]) -> str:
    """What to ask the FTS5 table for the rows that may fulfil all conditions; "" where it knows nothing of them."""
    texts = [each.text for each in where if isinstance(each, Contains) and {*each.columns} <= {*kind.searched}]
    parts = (word[at : at + PART] for text in texts for word in words(text) for at in range(len(word) - PART + 1))
    # SQLite's texts end where a NUL is, and so do those in the table.
    kept = islice((part for part in dict.fromkeys(parts) if "\0" not in part), MOST_PARTS)
    return " AND ".join('"' + part.replace('"', '""') + '"' for part in kept)


def narrowed(kind: str, gid: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """The condition that the FTS5 table has found the row."""
    name = _name(kind)
    asked = sa.literal_column(name).op("MATCH", is_comparison=True)(sa.bindparam(SEARCHED))
    return gid.in_(sa.select(sa.literal_column("rowid", sa.Integer)).select_from(sa.table(name)).where(asked))


def on_sqlite(kinds: Kinds) -> list[str]:
    """The FTS5 tables, and the triggers that keep them. `fold` makes no difference of case, so FTS5 makes one."""
    made: list[str] = []
    for kind in kinds.of:
        if kind.searched:
            made += _fts5(kind.name, kind.searched)
    return made


def on_postgres(kinds: Kinds) -> list[str]:
    """The extension that cuts texts into parts, and the indexes."""
    made = ["CREATE EXTENSION IF NOT EXISTS pg_trgm"]
    for kind in kinds.of:
        if kind.searched:
            columns = ", ".join(f"fold({column}) gin_trgm_ops" for column in kind.searched)
            made.append(f'CREATE INDEX ix_{_name(kind.name)} ON "{kind.name}" USING gin ({columns})')
    return made


def _name(kind: str) -> str:
    return f"{kind}_words"


def _fts5(kind: str, columns: tuple[str, ...]) -> list[str]:
    # No texts (content) and no places within them (detail): the texts are in the kind's own table.
    name, listed = _name(kind), ", ".join(columns)
    new, old = (", ".join(f"fold({which}.{column})" for column in columns) for which in ("new", "old"))
    differs = " OR ".join(f"new.{column} IS NOT old.{column}" for column in columns)
    insert = f"INSERT INTO {name} (rowid, {listed}) VALUES (new.gid, {new});"
    delete = f"INSERT INTO {name} ({name}, rowid, {listed}) VALUES ('delete', old.gid, {old});"
    options = "content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1'"
    return [
        f"CREATE VIRTUAL TABLE {name} USING fts5({listed}, {options})",
        f'CREATE TRIGGER {name}_insert AFTER INSERT ON "{kind}" BEGIN {insert} END',
        f'CREATE TRIGGER {name}_delete AFTER DELETE ON "{kind}" BEGIN {delete} END',
        f'CREATE TRIGGER {name}_update AFTER UPDATE OF {listed} ON "{kind}" WHEN {differs} BEGIN {delete} {insert} END',
    ]
