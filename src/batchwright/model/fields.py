"""A field of a kind, and the words a resource file declares it with.

One declaration serves the table's column, the request's validation, the compact and the full record,
the `opt_fields` vocabulary and the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypedDict, Unpack


class Type(StrEnum):
    """How a field is kept and shown. Those of the first group have a column of their own."""

    TEXT = "text"
    FLAG = "flag"
    MOMENT = "moment"  # whole milliseconds since 1970 in the store, ISO 8601 in UTC outside
    DATE = "date"  # yyyy-mm-dd on both sides
    NUMBER = "number"
    WHOLE = "whole"
    CHOICE = "choice"
    REF = "ref"  # the gid of a row of the target kind
    JSON = "json"  # a small document kept as text
    RANK = "rank"  # a sort key, never shown

    REFS = "refs"  # rows of the target kind, found through a relation
    COUNT = "count"  # how many rows a relation has
    MINE = "mine"  # whether the caller is among a relation's rows
    COMPUTED = "computed"  # a pure function of columns
    RECORD = "record"  # an object inside a request body


COLUMNS = frozenset(
    (
        Type.TEXT,
        Type.FLAG,
        Type.MOMENT,
        Type.DATE,
        Type.NUMBER,
        Type.WHOLE,
        Type.CHOICE,
        Type.REF,
        Type.JSON,
        Type.RANK,
    )
)


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of `table` whose `own` column names this row; `other` names the row to show; ordered by `order`."""

    table: str
    own: str
    other: str
    order: str = ""


class Marks(TypedDict, total=False):
    """What may be said of any field."""

    compact: bool
    read_only: bool
    create_only: bool
    opt_in: bool
    hidden: bool
    required: bool
    nullable: bool
    conditional: bool
    default: Any
    longest: int
    belongs: bool
    loose: bool
    as_sent: bool
    or_null: bool
    deed: str
    asks: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. What it is made of:

    target: the kind of the rows it names. relation: the rows behind it. choices: the words it may be.
    fields: those of the object it is in a body. many: it is a list. needs, value: the columns a computed field is made
    of, and how. rich: the flavour of a rich text; plain: the field that says the same in plain text.

    In a request: read_only: refused. create_only: refused in an update. required: refused when absent, but in an
    update. nullable: may be null. longest: characters of a text, at most. as_sent: a reference stays as the client
    wrote it, for the operation to look up by `references.named`. or_null: a filter, where the word `null` asks for rows
    without a value. deed: what the caller must be allowed to do to a row in order to give it this field, where that is
    not what the operation says. asks: what they must be allowed to do to the row that it names.

    In the table: nullable. default: the value of a new row that isn't given one. belongs: of a nullable reference: the
    row goes with the row it names, where others forget it. loose: of a nullable reference: the database guards it by
    neither a key nor an index; what it names may be gone, and it is then shown as null.

    In a record: compact: in the compact one too. opt_in: only when named. hidden: never. conditional: not when null.
    """

    name: str
    type: Type
    target: str = ""
    relation: Relation | None = None
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    many: bool = False
    needs: tuple[str, ...] = ()
    value: Callable[..., Any] | None = None
    rich: str = ""
    plain: str = ""
    compact: bool = False
    read_only: bool = False
    create_only: bool = False
    opt_in: bool = False
    hidden: bool = False
    required: bool = False
    nullable: bool = False
    conditional: bool = False
    default: Any = None
    longest: int = 0
    belongs: bool = False
    loose: bool = False
    as_sent: bool = False
    or_null: bool = False
    deed: str = ""
    asks: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        firm = self.required or self.belongs or not self.nullable
        if self.loose and (firm or self.type is not Type.REF):
            raise ValueError(f"{self.name}: only a reference that may be null, and belongs to nothing, can be loose")

    @property
    def stored(self) -> bool:
        """Whether the kind's table has a column of this name."""
        return self.type in COLUMNS


def text(name: str, **marks: Unpack[Marks]) -> Field:
    """Text, "" by default; a nullable one is null by default."""
    marks.setdefault("default", None if marks.get("nullable") else "")
    marks.setdefault("longest", 65_535)
    return Field(name=name, type=Type.TEXT, **marks)


def html(name: str, plain: str, flavour: str, **marks: Unpack[Marks]) -> Field:
    """Rich text of a flavour (`model.richtext`) that says what the field `plain` says, shown as a reader may see it."""
    marks.setdefault("default", "<body></body>")
    marks.setdefault("longest", 65_535)
    return Field(name=name, type=Type.TEXT, rich=flavour, plain=plain, **marks)


def flag(name: str, **marks: Unpack[Marks]) -> Field:
    """True or false, false by default."""
    marks.setdefault("default", False)
    return Field(name=name, type=Type.FLAG, **marks)


def moment(name: str, **marks: Unpack[Marks]) -> Field:
    """A point in time, null by default."""
    marks.setdefault("nullable", True)
    return Field(name=name, type=Type.MOMENT, **marks)


def date(name: str, **marks: Unpack[Marks]) -> Field:
    """A day of the calendar, null by default."""
    marks.setdefault("nullable", True)
    return Field(name=name, type=Type.DATE, **marks)


def number(name: str, **marks: Unpack[Marks]) -> Field:
    """A JSON number, null by default."""
    marks.setdefault("nullable", True)
    return Field(name=name, type=Type.NUMBER, **marks)


def whole(name: str, **marks: Unpack[Marks]) -> Field:
    """A whole number of at most 64 bits, null by default."""
    marks.setdefault("nullable", True)
    return Field(name=name, type=Type.WHOLE, **marks)


def choice(name: str, *choices: str, **marks: Unpack[Marks]) -> Field:
    """One of a few words; the first is the default unless the field is nullable."""
    marks.setdefault("default", None if marks.get("nullable") else choices[0])
    return Field(name=name, type=Type.CHOICE, choices=choices, **marks)


def json(name: str, **marks: Unpack[Marks]) -> Field:
    """A small document, shown as it was stored."""
    marks.setdefault("nullable", True)
    return Field(name=name, type=Type.JSON, **marks)


def rank(name: str = "rank") -> Field:
    """A sort key made by `model.ranks`."""
    return Field(name=name, type=Type.RANK, hidden=True, default="")


def ref(name: str, target: str, **marks: Unpack[Marks]) -> Field:
    """A reference to a row of another kind, null by default."""
    marks.setdefault("nullable", not marks.get("required", False))
    return Field(name=name, type=Type.REF, target=target, **marks)


def refs(name: str, target: str, relation: Relation | None = None, **marks: Unpack[Marks]) -> Field:
    """Rows of another kind: through a relation of rows, or (none given) through a link table of its own."""
    marks.setdefault("read_only", relation is not None)
    return Field(name=name, type=Type.REFS, target=target, relation=relation, many=True, **marks)


def count(name: str, relation: Relation, **marks: Unpack[Marks]) -> Field:
    """How many rows a relation has."""
    marks.setdefault("read_only", True)
    return Field(name=name, type=Type.COUNT, relation=relation, **marks)


def mine(name: str, relation: Relation, **marks: Unpack[Marks]) -> Field:
    """Whether the caller is the `other` of one of the relation's rows."""
    marks.setdefault("read_only", True)
    return Field(name=name, type=Type.MINE, relation=relation, **marks)


def computed(name: str, value: Callable[..., Any], *, needs: tuple[str, ...] = (), **marks: Unpack[Marks]) -> Field:
    """A pure function of the columns it needs, given in that order; "base" stands for the server's own URL."""
    marks.setdefault("read_only", True)
    return Field(name=name, type=Type.COMPUTED, value=value, needs=needs, **marks)


def record(name: str, *fields: Field, many: bool = False, **marks: Unpack[Marks]) -> Field:
    """An object (or a list of them) inside a request body."""
    marks.setdefault("hidden", True)
    return Field(name=name, type=Type.RECORD, fields=fields, many=many, **marks)


def same_as(field: Field, name: str) -> Field:
    """A second, older name of a field that has no column."""
    return replace(field, name=name)
