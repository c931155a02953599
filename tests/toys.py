"""A toy catalogue for testing the kernel apart from Asana's resources: boxes that hold things, owned by users."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from batchwright.model import gids
from batchwright.model.calls import Caller
from batchwright.model.changes import Change, Changes, Insert
from batchwright.model.conditions import ME, Exists, Visible, any_of, equals
from batchwright.model.fields import Relation, computed, count, flag, mine, moment, rank, ref, refs, text
from batchwright.model.kinds import Kind, Kinds
from batchwright.store.interface import Before
from batchwright.store.sqlite import SqliteStore
from batchwright.store.views import Committed

USER = Kind("user", "users", (text("name", compact=True), text("email")), open=True, steady=True)
BOX = Kind(
    "box",
    "boxes",
    (
        text("name", compact=True),
        text("notes", opt_in=True),
        flag("sealed"),
        moment("created_at", read_only=True),
        ref("owner", "user"),
        ref("outer", "box", create_only=True),
        refs("keepers", "user", create_only=True),
        refs("things", "thing", Relation("thing", "box", "gid", "rank")),
        count("num_things", Relation("thing", "box", "gid")),
        mine("kept", Relation("box_keepers", "owner", "target")),
        computed("url", lambda base, gid: f"{base}/{gid}", needs=("base", "gid")),
    ),
    visible=any_of(equals("owner", ME), Exists("box_keepers", "owner", equals("target", ME)), Visible("box", "outer")),
)
THING = Kind(
    "thing",
    "things",
    (text("name", compact=True), ref("box", "box", required=True), rank()),
    visible=Visible("box", "box"),
    unique=(("box", "name"),),
    indexes=(("box", "rank"),),
)
KINDS = Kinds((USER, BOX, THING))


def nothing(changes: Changes, before: Before) -> tuple[Change, ...]:
    """Derives nothing."""
    return ()


def open_toys(folder: Path) -> SqliteStore:
    """A fresh store of toys."""
    return SqliteStore(folder / "toys.db", KINDS, nothing)


async def put(store: SqliteStore, kind: Kind, **values: Any) -> int:
    """A row; its gid."""
    gid = gids.make()
    row = {each.name: each.default for each in kind.columns} | {"created_at": 0}
    row = {name: value for name, value in (row | values).items() if kind.has(name)}
    await write(store, Insert(kind.name, gid, row))
    return gid


async def write(store: SqliteStore, *changes: Change) -> None:
    """Commits changes together."""
    await store.commit(Changes(tuple(changes), 0, 0))


def seen_by(store: SqliteStore, user: int = 0) -> Committed:
    """A user's view."""
    return Committed(store, Caller(user, "token"))


def only(rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """The first column."""
    return [row[0] for row in rows]
