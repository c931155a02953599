"""From a tree of names to a plan: which columns and relations to load, and what to show of each. Pure and cached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from batchwright.model.conditions import Reading
from batchwright.model.fields import Field, Type
from batchwright.model.kinds import Kind, Kinds
from batchwright.projection.parse import Tree, parse

Record = Literal["full", "compact", "stub"]
GIVEN = frozenset(("gid", "base", "me"))  # what a computed field may need besides columns


@dataclass(frozen=True)
class Part:
    """One key of the record. column: its place among the plan's columns. reading: its relation, keyed by gid.

    named: the caller asked for it, so it is shown even when conditional. only: which keys of a document to show.
    """

    name: str
    field: Field
    column: int = -1
    needs: tuple[int | str, ...] = ()
    reading: Reading | None = None
    plan: Plan | None = None
    named: bool = False
    only: Tree | None = None

    @property
    def required(self) -> bool:
        """Whether every row refers to something here."""
        return self.field.type is Type.REF and not self.field.nullable


@dataclass(frozen=True, eq=False)
class Plan:
    """What to load and show of rows of one kind."""

    kind: Kind
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    gid: bool
    resource_type: bool

    @property
    def bare(self) -> bool:
        """Whether the gid alone suffices, so that nothing need be loaded."""
        return not self.parts


@lru_cache(maxsize=4096)
def plan(kinds: Kinds, kind: str, text: str | None, record: Record) -> Plan:
    """The plan for an opt_fields text, or (None) for the default record."""
    if text is None:
        return _default(kinds, kinds[kind], record)
    return _selected(kinds, kinds[kind], parse(text))


@lru_cache(maxsize=1024)
def _default(kinds: Kinds, kind: Kind, record: Record) -> Plan:
    if kind.nested:
        below: Record = "stub" if record == "stub" else "compact"
        return _plan(kind, [(each, _below(kinds, each, below)) for each in kind.full])
    fields = {"full": kind.full, "compact": tuple(each for each in kind.compact if not each.opt_in), "stub": ()}[record]
    return _plan(kind, [(each, _below(kinds, each, "compact")) for each in fields])


def _below(kinds: Kinds, each: Field, record: Record) -> Plan | None:
    return _default(kinds, kinds[each.target], record) if each.target else None


def _selected(kinds: Kinds, kind: Kind, tree: Tree) -> Plan:
    chosen = []
    for each in kind.fields:
        if each.name not in tree or each.hidden:
            continue
        subtree = tree[each.name]
        child = _below(kinds, each, "stub")
        if child is not None and subtree:
            child = _selected(kinds, kinds[each.target], subtree)
        chosen.append((each, child))
    return _plan(kind, chosen, tree)


def _plan(kind: Kind, chosen: Iterable[tuple[Field, Plan | None]], tree: Tree | None = None) -> Plan:
    """tree: what the caller asked for, None for a default record, which has gid and resource_type by itself."""
    columns: list[str] = []
    named, asked = tree is not None, tree or {}
    parts = tuple(
        replace(_part(kind, each, child, columns), named=named, only=asked.get(each.name) or None)
        for each, child in chosen
    )
    gid = "gid" in asked or not kind.nested
    return Plan(kind, tuple(columns), parts, gid, "resource_type" in asked or not (named or kind.nested))


def _part(kind: Kind, each: Field, child: Plan | None, columns: list[str]) -> Part:
    if each.stored:
        return Part(each.name, each, column=_place(columns, each.name), plan=child)
    if each.type is Type.COMPUTED:
        return Part(each.name, each, needs=tuple(_need(columns, name) for name in each.needs))
    return Part(each.name, each, reading=kind.reading(each.name), plan=child)


def _need(columns: list[str], name: str) -> int | str:
    return name if name in GIVEN else _place(columns, name)


def _place(columns: list[str], name: str) -> int:
    if name not in columns:
        columns.append(name)
    return columns.index(name)
