"""What an operation wants written, as data. Only the store writes; events and stories are derived from these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from batchwright.model.conditions import Reading


@dataclass(frozen=True, slots=True)
class Insert:
    """A new row."""

    kind: str
    gid: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Set:
    """New values in columns of a row that must exist and, where `expect` names columns, still hold these values."""

    kind: str
    gid: int
    values: Mapping[str, Any]
    expect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remove:
    """A row goes, and with it what belongs to it. A row that is gone already is no fault."""

    kind: str
    gid: int


@dataclass(frozen=True, slots=True)
class Link:
    """Two rows are linked in a link table; linked already is no fault."""

    table: str
    owner: int
    target: int


@dataclass(frozen=True, slots=True)
class Unlink:
    """Two rows are no longer linked; not linked is no fault."""

    table: str
    owner: int
    target: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell in the event log and stories that no row shows (a mention, a merge); writes nothing itself."""

    kind: str
    gid: int
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Still:
    """Writes nothing: before these changes the reading must still give these rows, or the operation is decided again.

    For decisions about rows that aren't there (an empty section, the last one), which no row's `expect` can guard.
    """

    reading: Reading
    key: int
    rows: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Trim:
    """The oldest rows of a log go: those with a gid less than `below`, at most so many at a time."""

    kind: str
    below: int
    most: int


Change = Insert | Set | Remove | Link | Unlink | Notice | Still | Trim


@dataclass(frozen=True, slots=True)
class Changes:
    """One operation's changes, committed together: who made them (a user's gid, 0 for the server) and when (ms)."""

    of: tuple[Change, ...]
    actor: int
    at: int


class Conflict(Exception):
    """A precondition no longer holds: the operation is to be decided again."""
