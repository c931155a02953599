"""Conditions as SQL expressions, and their values apart from their shape, so that statements are compiled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from batchwright.model.conditions import (
    Above,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Contains,
    Count,
    Exists,
    May,
    Me,
    Not,
    OneOf,
    Visible,
)
from batchwright.model.kinds import Kinds
from batchwright.store.words import words

Expression = sa.ColumnElement[Any]
Rule = Callable[[sa.FromClause], Expression]
ONE: sa.ColumnElement[Any] = sa.literal_column("1")


def skeleton(condition: Condition, values: list[Any]) -> Condition:
    """The same condition without its values, which are appended to `values` in the order the compiler meets them."""
    match condition:
        case Compare(value=value) if value is not None and not isinstance(value, Me):
            values.append(value)
            return replace(condition, value=0)
        case OneOf(values=many):
            values.append(many)
            return replace(condition, values=())
        case Contains(text=text, leading=leading):
            patterns = [f"{'% ' if leading else '%'}{_escaped(word)}%" for word in words(text)]
            values.extend(patterns)
            return replace(condition, text=" ".join("w" for _ in patterns))
        case Exists(where=where) if where is not None:
            return replace(condition, where=skeleton(where, values))
        case AllOf(of=of):
            return AllOf(tuple(skeleton(each, values) for each in of))
        case AnyOf(of=of):
            return AnyOf(tuple(skeleton(each, values) for each in of))
        case Not(of=inner):
            return Not(skeleton(inner, values))
    return condition


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass
class Compiler:
    """Builds expressions for one statement; its parameters are p0, p1, ... and `me`, the caller's gid.

    fenced: few rows are looked at, each by itself. PostgreSQL might else gather all rows for which a condition holds,
    to look them up there: whatever the caller may see, which can be very much more.
    """

    tables: Mapping[str, sa.Table]
    kinds: Kinds
    one_of: Callable[[Expression, sa.BindParameter[Any]], Expression]
    fenced: bool = False
    values: int = 0
    aliases: int = 0
    ruling: int = 0  # above 0 inside a kind's rule, whose values are part of the statement
    depth: dict[str, int] = field(default_factory=dict)

    def build(self, condition: Condition, table: sa.FromClause) -> Expression:
        """The condition on a row of `table`."""
        match condition:
            case Compare():
                return self._compare(condition, table)
            case OneOf(column=column):
                return self.one_of(_column(table, column), self._next())
            case Contains(text=text):
                return sa.and_(sa.true(), *(self._word(condition, table) for _ in text.split()))
            case Exists():
                return self._exists(condition, table)
            case Visible(kind=kind, column=column):
                return self._seen(kind, table.c[column])
            case May(kind=kind, column=column, deed=deed):
                return self._named(kind, table.c[column], lambda row: self.allowed(kind, deed, row))
            case Above(column=column, where=where):
                return self._climb(_kind_of(table), table.c[column], lambda row: self.build(where, row))
            case AllOf(of=of):
                return sa.and_(sa.true(), *(self.build(each, table) for each in of))
            case AnyOf(of=of):
                return sa.or_(sa.false(), *(self.build(each, table) for each in of))
            case Not(of=inner):
                return sa.not_(sa.func.coalesce(self.build(inner, table), sa.false()))

    def count(self, count: Count, table: sa.FromClause) -> Expression:
        """How many rows belong to the row of `table`."""
        other = self._alias(count.table)
        rows = sa.select(sa.func.count()).select_from(other).where(other.c[count.own] == table.c.gid)
        return rows.scalar_subquery()

    def visible(self, kind: str, table: sa.FromClause) -> Expression:
        """Whether the caller may see the row of `kind` in `table`."""
        rule = self.kinds[kind].visible
        return sa.true() if rule is None else self._ruled(kind, rule, table)

    def allowed(self, kind: str, deed: str, table: sa.FromClause) -> Expression:
        """Whether the caller may do the deed to the row of `kind` in `table`, if they see it."""
        found = self.kinds[kind].by_deed.get(deed)
        return sa.true() if found is None else self._ruled(kind, found.rule, table)

    def _ruled(self, kind: str, rule: Condition, table: sa.FromClause) -> Expression:
        self.depth[kind] = self.depth.get(kind, 0) + 1
        self.ruling += 1
        try:
            return self.build(rule, table)
        finally:
            self.depth[kind] -= 1
            self.ruling -= 1

    def _next(self) -> sa.BindParameter[Any]:
        self.values += 1
        return sa.bindparam(f"p{self.values - 1}")

    def _alias(self, name: str) -> sa.FromClause:
        self.aliases += 1
        return self.tables[name].alias(f"t{self.aliases}")

    def _compare(self, condition: Compare, table: sa.FromClause) -> Expression:
        column = _column(table, condition.column)
        if condition.value is None:
            return column.is_(None) if condition.op == "=" else column.is_not(None)
        return sa.type_coerce(column.op(condition.op, is_comparison=True)(self._value(condition.value)), sa.Boolean)

    def _value(self, value: Any) -> Expression:
        if isinstance(value, Me):
            return sa.bindparam("me")
        return _literal(value) if self.ruling else self._next()

    def _word(self, condition: Contains, table: sa.FromClause) -> Expression:
        # A word's pattern is one value, whichever of the columns holds it.
        pattern = self._next()
        space: sa.ColumnElement[str] = sa.literal_column("' '", sa.Text)
        texts = (sa.func.fold(table.c[name]) for name in condition.columns)
        return sa.or_(
            *((space.concat(each) if condition.leading else each).like(pattern, escape="\\") for each in texts)
        )

    def _exists(self, condition: Exists, table: sa.FromClause) -> Expression:
        other = self._alias(condition.table)
        match = other.c[condition.own] == _column(table, condition.column)
        where = self.build(condition.where, other) if condition.where is not None else sa.true()
        return self._any(sa.select(ONE).select_from(other).where(match, where))

    def _seen(self, kind: str, column: Expression) -> Expression:
        if self.depth.get(kind):
            if self.depth[kind] > 1:
                return sa.false()
            # A kind whose visibility leans on its own kind: the rule holds for some row further up.
            return self._climb(kind, column, lambda row: self.visible(kind, row))
        return self._named(kind, column, lambda row: self.visible(kind, row))

    def _named(self, kind: str, column: Expression, rule: Rule) -> Expression:
        other = self._alias(kind)
        inner = sa.select(ONE).select_from(other).where(other.c.gid == column, rule(other))
        return sa.and_(column.is_not(None), self._any(inner))

    def _climb(self, kind: str, column: Expression, rule: Rule) -> Expression:
        # Written as text, a column of the outer row doesn't drag its table into the common table expression.
        name, step, above = str(column.key), self._alias(kind), self._alias(kind)
        start: sa.Select[Any] = sa.select(sa.literal_column(str(column)).label("gid"))
        up = start.cte(f"up{self.aliases}", recursive=True, nesting=True)
        up = up.union(sa.select(step.c[name]).where(step.c.gid == up.c.gid, step.c[name].is_not(None)))
        rows = sa.select(ONE).select_from(above.join(up, above.c.gid == up.c.gid)).where(rule(above))
        return sa.and_(column.is_not(None), self._any(rows))

    def _any(self, rows: sa.Select[Any]) -> Expression:
        return sa.exists(rows.offset(sa.literal_column("0")) if self.fenced else rows)


def _literal(value: Any) -> Expression:
    if isinstance(value, bool):
        return sa.true() if value else sa.false()
    return sa.literal_column(f"'{value}'" if isinstance(value, str) else str(int(value)))


def _kind_of(table: sa.FromClause) -> str:
    named = table.element if isinstance(table, sa.Alias) else table
    return str(named.name) if isinstance(named, sa.Table) else ""


def _column(table: sa.FromClause, name: str) -> Expression:
    return table.c[name.rpartition(".")[2]]
