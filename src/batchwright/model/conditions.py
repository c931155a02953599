"""Conditions on rows as data: who may see a row, which rows a list holds. The store turns them into SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec


@dataclass(frozen=True, slots=True)
class Me:
    """Stands for the caller's gid wherever a value may stand."""


ME: Final = Me()

Operator = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """`column op value`; a value of None asks for null (= and != only)."""

    column: str
    op: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column holds one of these values."""

    column: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Contains:
    """For each word of the text one of the text columns contains it, ignoring case; leading: where a word begins."""

    columns: tuple[str, ...]
    text: str
    leading: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """Some row of `table` has `own` equal to this row's `column`, and fulfils `where`."""

    table: str
    own: str
    where: Condition | None = None
    column: str = "gid"


@dataclass(frozen=True, slots=True)
class Visible:
    """The row of `kind` that `column` names is visible to the caller."""

    kind: str
    column: str


@dataclass(frozen=True, slots=True)
class May:
    """The caller may do the deed to the row of `kind` that `column` names, whether or not they see it."""

    kind: str
    column: str
    deed: str


@dataclass(frozen=True, slots=True)
class Above:
    """Some row further up, which this one is led to by `column` of its own kind, fulfils `where`."""

    column: str
    where: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one holds; true when empty."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one holds; false when empty."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The condition doesn't hold (an unknown counts as not holding)."""

    of: Condition


Condition = Compare | OneOf | Contains | Exists | Visible | May | Above | AllOf | AnyOf | Not


def equals(column: str, value: Any) -> Compare:
    """`column = value`."""
    return Compare(column, "=", value)


def all_of(*of: Condition) -> AllOf:
    """Every one holds."""
    return AllOf(of)


def any_of(*of: Condition) -> AnyOf:
    """At least one holds."""
    return AnyOf(of)


@dataclass(frozen=True, slots=True)
class Join:
    """Another table in a query: its `column` equals `to`, a column of a table before it ("table.column").

    optional: a row without a match stays, and sorts before the others.
    """

    table: str
    column: str
    to: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of `table` have `own` equal to this row's gid."""

    table: str
    own: str


@dataclass(frozen=True, slots=True)
class Order:
    """What to sort by: a column ("table.column" for a joined table), a count, or whether a condition holds (1 or 0).

    folded: a text, as people sort, whatever its case. nullable: null comes last in either direction; a list that is
    sorted so has one page.
    """

    column: str | Count | Condition
    descending: bool = False
    folded: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Rows of a kind, in an order that ends with a unique column, a page at a time.

    `after` holds the order's values of the last row already given. `visible` filters by what the caller may see;
    it is left out where seeing the list's owner implies seeing its rows.
    """

    kind: str
    where: tuple[Condition, ...] = ()
    joins: tuple[Join, ...] = ()
    order: tuple[Order, ...] = (Order("gid"),)
    visible: bool = True
    after: tuple[Any, ...] = ()
    limit: int = 0


class Reading(msgspec.Struct, frozen=True, cache_hash=True):
    """Rows of `table` whose `by` column is one of the asked keys: its `columns`, in `order`.

    visible: only those the caller may see (the table is a kind's). deed: of those, only those the caller may do this
    to. mine: only those whose column of that name holds the caller. count: how many rows instead, for each combination
    of the columns. joins: tables that the columns may be of ("table.column"). A reading has one array parameter, so it
    is one statement however many keys are asked for, and equal readings of one moment are merged.
    """

    table: str
    by: str = "gid"
    columns: tuple[str, ...] = ()
    order: str = ""
    visible: bool = False
    deed: str = ""
    mine: str = ""
    count: bool = False
    joins: tuple[Join, ...] = ()
