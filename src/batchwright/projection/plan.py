"""From a tree of names to a plan: which columns and relations to load, and what to show of each. Pure and cached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal

import msgspec

from batchwright.model.conditions import Reading, Visible
from batchwright.model.fields import Field, Type
from batchwright.model.kinds import Kind, Kinds
from batchwright.projection.parse import Tree, parse

Record = Literal["full", "compact", "stub"]
GIVEN = frozenset(("gid", "base", "me"))  # what a computed field may need besides columns


@dataclass(frozen=True)
class Part:
    """One key of the record. column: its place among the plan's columns. reading: its relation, keyed by gid.

    inline: the relation's rows are those that the part shows, so their own columns are read along with their gid.
    counts: the part whose rows tell what this one says; column is then the place of the caller's gid among theirs.
    among: the part whose rows name the rows of this one; column is then the place of their gids.
    named: the caller asked for it, so it is shown even when conditional. only: which keys of a document to show.
    """

    name: str
    field: Field
    column: int = -1
    needs: tuple[int | str, ...] = ()
    reading: Reading | None = None
    plan: Plan | None = None
    inline: bool = False
    counts: str = ""
    among: str = ""
    named: bool = False
    only: Tree | None = None

    @property
    def required(self) -> bool:
        """Whether every row refers to something here."""
        return self.field.type is Type.REF and not self.field.nullable

    @property
    def plain(self) -> bool:
        """Whether the value follows from the row's own columns, whoever asks."""
        each = self.field
        return self.plan is None and self.reading is None and not each.rich and "me" not in each.needs


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

    @cached_property
    def kept(self) -> bool:
        """Whether the record follows from a steady row alone, so that it is worth keeping."""
        return self.kind.steady and all(part.plain for part in self.parts)

    @cached_property
    def based(self) -> bool:
        """Whether something of the row's own is made of the server's URL."""
        return any("base" in part.field.needs for part in self.parts)

    @cached_property
    def leads_to_kept(self) -> bool:
        """Whether a record of this plan has others in it that may be kept."""
        below = [part.plan for part in self.parts if part.plan is not None]
        return any(plan.kept or plan.leads_to_kept for plan in below)

    @cached_property
    def told_by_reference(self) -> bool:
        """Whether a row is seen by whoever sees the row that it must refer to, without which its record is left out."""
        rule = self.kind.visible
        return isinstance(rule, Visible) and any(
            part.required and part.plan is not None and part.plan.guarded and part.name == rule.column
            for part in self.parts
        )

    @cached_property
    def whole(self) -> bool:
        """Whether a row's own columns are all that is read for its record, but for the records in it."""
        return not any(part.reading or part.field.rich for part in self.parts)

    @cached_property
    def reading(self) -> Reading:
        """The rows' own columns, whoever asks."""
        return Reading(self.kind.name, columns=self.columns)

    @cached_property
    def guarded_reading(self) -> Reading:
        """The same of rows that the caller may see."""
        return msgspec.structs.replace(self.reading, visible=True)

    @cached_property
    def guarded(self) -> bool:
        """Whether a row that something visible refers to may be hidden all the same."""
        return self.kind.guarded


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
    parts = tuple(_told(part, parts) for part in parts)
    gid = "gid" in asked or not kind.nested
    return Plan(kind, tuple(columns), parts, gid, "resource_type" in asked or not (named or kind.nested))


def _part(kind: Kind, each: Field, child: Plan | None, columns: list[str]) -> Part:
    if each.stored:
        return Part(each.name, each, column=_place(columns, each.name), plan=child)
    if each.type is Type.COMPUTED:
        return Part(each.name, each, needs=tuple(_need(columns, name) for name in each.needs))
    return _relation(each, kind.reading(each.name), child)


def _relation(each: Field, reading: Reading, child: Plan | None) -> Part:
    inline = child is not None and reading.table == child.kind.name and reading.columns == ("gid",) and not child.kept
    if inline and child is not None:
        visible = child.guarded and not child.told_by_reference
        reading = msgspec.structs.replace(reading, columns=("gid", *child.columns), visible=visible)
    return Part(each.name, each, reading=reading, plan=child, inline=inline)


def _told(part: Part, others: Iterable[Part]) -> Part:
    """A number, whether the caller is among them, or which rows there are, told by rows that are read anyway."""
    asked = part.reading
    if asked is None or asked.visible:
        return part
    for other in others:
        read = other.reading
        if read is None or read.visible or not read.columns or (read.table, read.by) != (asked.table, asked.by):
            continue
        if asked.count and not asked.columns:
            return replace(part, reading=None, counts=other.name)
        if asked.mine in read.columns:
            return replace(part, reading=None, counts=other.name, column=read.columns.index(asked.mine))
        named = asked.columns[0] if part.plan is not None and len(asked.columns) == 1 < len(read.columns) else ""
        if named in read.columns and read.order == asked.order:
            return replace(part, reading=None, among=other.name, column=read.columns.index(named))
    return part


def _need(columns: list[str], name: str) -> int | str:
    return name if name in GIVEN else _place(columns, name)


def _place(columns: list[str], name: str) -> int:
    if name not in columns:
        columns.append(name)
    return columns.index(name)
