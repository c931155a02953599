"""A kind: a sort of resource, declared once. Tables, records, vocabulary and documents follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from batchwright.model.conditions import Condition, Reading
from batchwright.model.fields import Field, Relation, Type


@dataclass(frozen=True)
class Deed:
    """What may be done to a row by those who see it and for whom the rule holds. words: said to everybody else."""

    name: str
    rule: Condition
    words: str = ""


@dataclass(frozen=True)
class Kind:
    """A sort of resource.

    visible: who may see a row; None means everybody who found it through something visible.
    deeds: who may do what to a row; whoever sees it may do what isn't named here.
    steady: rows change seldom and are shown often, so that their compact records are worth keeping.
    open: who sees a reference to a row may see the row (a task's people, whoever they are).
    nested: rows are shown inside others only and carry neither gid nor resource_type unless asked.
    unique, indexes: tuples of column names. searched: the texts that are looked through for parts of words.
    """

    name: str
    plural: str
    fields: tuple[Field, ...] = ()
    visible: Condition | None = None
    deeds: tuple[Deed, ...] = ()
    open: bool = False
    steady: bool = False
    nested: bool = False
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    searched: tuple[str, ...] = ()
    about: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their names."""
        return {each.name: each for each in self.fields}

    @cached_property
    def by_deed(self) -> Mapping[str, Deed]:
        """The deeds by their names."""
        return {each.name: each for each in self.deeds}

    @property
    def guarded(self) -> bool:
        """Whether a row that something visible refers to may be hidden all the same."""
        return self.visible is not None and not self.open

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        """The fields that have a column."""
        return tuple(each for each in self.fields if each.stored)

    @cached_property
    def compact(self) -> tuple[Field, ...]:
        """The fields of the compact record, those too that it shows only when named; gid and resource_type left out."""
        return tuple(each for each in self.fields if each.compact)

    @cached_property
    def full(self) -> tuple[Field, ...]:
        """The fields of the full record: all that is neither hidden nor only shown when named."""
        return tuple(each for each in self.fields if not each.hidden and not each.opt_in)

    @cached_property
    def linked(self) -> tuple[Field, ...]:
        """The fields that have a link table of their own."""
        return tuple(each for each in self.fields if each.type is Type.REFS and each.relation is None)

    @cached_property
    def rich(self) -> tuple[Field, ...]:
        """The rich texts."""
        return tuple(each for each in self.fields if each.rich)

    def reading(self, name: str) -> Reading:
        """The rows behind a field of this kind, by the row that shows them; or their number, or the caller's own."""
        each = self.by_name[name]
        relation = each.relation or Relation(link_table(self, each), "owner", "target", "position")
        if each.type is Type.COUNT:
            return Reading(relation.table, relation.own, count=True)
        if each.type is Type.MINE:
            return Reading(relation.table, relation.own, mine=relation.other)
        return Reading(relation.table, relation.own, (relation.other,), relation.order)

    def has(self, name: str) -> bool:
        """Whether there is a field of this name."""
        return name in self.by_name


def link_table(kind: Kind, each: Field) -> str:
    """The name of the link table (columns owner, target, position) of a `refs` field that has no other relation."""
    return f"{kind.name}_{each.name}"


@dataclass(frozen=True)
class Kinds(Mapping[str, Kind]):
    """All kinds by name."""

    of: tuple[Kind, ...]
    _by_name: dict[str, Kind] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = {each.name: each for each in self.of}
        if len(named) != len(self.of):
            raise ValueError("two kinds share a name")
        object.__setattr__(self, "_by_name", named)

    def __getitem__(self, name: str) -> Kind:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    __hash__ = object.__hash__

    def links(self) -> Iterable[tuple[str, Kind, Field]]:
        """Each link table: its name, the owner's kind, the field it stands for."""
        return ((link_table(kind, each), kind, each) for kind in self.of for each in kind.linked)

    @cached_property
    def by_table(self) -> Mapping[str, tuple[Kind, Field]]:
        """The owner's kind and the field behind each link table."""
        return {table: (kind, each) for table, kind, each in self.links()}
