"""SQL texts for readings, queries and changes, each built by SQLAlchemy and compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from batchwright.model.conditions import Condition, Count, Join, Order, Query, Reading
from batchwright.model.kinds import Kinds
from batchwright.store.conditions import Compiler, Expression, skeleton
from batchwright.store.gathering import Form, Verb, Writes
from batchwright.store.tables import tables
from batchwright.store.words import SEARCHED, narrowed, sought

ROWS = 16  # of one statement, where each number of rows is a statement of its own


@lru_cache(maxsize=8)
def statements(kinds: Kinds, dialect: Dialect) -> Statements:
    """Those of a sort of database: compiled once in a process, however many stores it opens."""
    return Statements(kinds, tables(kinds).tables, dialect)


@dataclass(frozen=True, eq=False)
class Statements:
    """Compiled statements for one sort of database.

    Those that read have named parameters: `keys` (an array), `me` (the caller), p0, p1, ... (conditions), a0, a1, ...
    (paging), `most`, `words` (what is looked for).
    """

    kinds: Kinds
    tables: Mapping[str, sa.Table]
    dialect: Dialect

    @lru_cache(maxsize=4096)  # noqa: B019 - they live as long as their process
    def reading(self, reading: Reading) -> str:
        """Columns: the key, then the reading's columns, then the count if asked for."""
        return self._text(self._reading(reading))

    @lru_cache(maxsize=256)  # noqa: B019
    def together(self, readings: tuple[Reading, ...]) -> str:
        """Several readings at once, for PostgreSQL: a column of each, which is a JSON array of its rows or null.

        The parameters of each end with its number: keys0, me0, keys1, ...
        """
        return f"SELECT {', '.join(self._array(reading, number) for number, reading in enumerate(readings))}"

    @lru_cache(maxsize=256)  # noqa: B019
    def decoder(self, reading: Reading) -> Callable[[str], list[tuple[Any, ...]]]:
        """Makes of a JSON array of a reading's rows what the reading by itself would have found."""
        types: list[Any] = [column.type.python_type | None for column in self._reading(reading).selected_columns]
        row: Any = tuple[tuple(types)]  # type: ignore[misc]  # made at run time
        return msgspec.json.Decoder(list[row]).decode

    def _array(self, reading: Reading, number: int) -> str:
        text = self.reading(reading)
        for name in ("keys", "me"):
            text = text.replace(f"%({name})s", f"%({name}{number})s")
        names = ", ".join(f"c{place}" for place in range(len(self._reading(reading).selected_columns)))
        return f"(SELECT json_agg(json_build_array({names}))::text FROM ({text}) AS r({names}))"

    def _reading(self, reading: Reading) -> sa.Select[Any]:
        seen, source = self._source(reading.table, reading.joins)
        table = seen[reading.table]
        by = table.c[reading.by]
        where: list[Expression] = [self._one_of(by, sa.bindparam("keys"))]
        if reading.mine:
            where.append(table.c[reading.mine] == sa.bindparam("me"))
        if reading.visible:
            compiler = replace(self._compiler(), fenced=self._arrays)
            where.append(compiler.visible(reading.table, table))
            if reading.deed:
                where.append(compiler.allowed(reading.table, reading.deed, table))
        # A column may be read twice: once as the key, once as a value.
        columns = [by, *(_named(seen, reading.table, name) for name in reading.columns)]
        if reading.count:
            return sa.select(*columns, sa.func.count()).select_from(source).where(*where).group_by(*columns)
        order = (table.c[reading.order],) if reading.order else ()
        return sa.select(*columns).select_from(source).where(*where).order_by(*order)

    def query(self, query: Query, columns: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
        """The statement of a query and its parameters, all but `me`."""
        values: list[Any] = []
        order = tuple(_bare(each, values) for each in query.order)  # in the order that _query builds them
        where = tuple(skeleton(each, values) for each in query.where)
        after = (0,) * len(query.after)
        shape = replace(query, where=where, order=order, after=after, limit=1 if query.limit else 0)
        parameters = {f"p{number}": self.bound(value) for number, value in enumerate(values)}
        parameters |= {f"a{number}": value for number, value in enumerate(query.after)}
        parameters["most"] = query.limit
        # PostgreSQL finds the index of a condition by itself.
        parameters[SEARCHED] = "" if self._arrays else sought(self.kinds[query.kind], query.where)
        return self._query(shape, columns, narrow=bool(parameters[SEARCHED])), parameters

    @lru_cache(maxsize=4096)  # noqa: B019
    def _query(self, query: Query, columns: tuple[str, ...], *, narrow: bool) -> str:
        compiler = self._compiler()
        seen, source = self._source(query.kind, query.joins)
        main = seen[query.kind]
        loose = {join.table for join in query.joins if join.optional}
        order = [(_sorted(compiler, seen, query.kind, each, loose), each.descending) for each in query.order]
        where = [compiler.build(each, _table_of(seen, query.kind, each)) for each in query.where]
        if narrow:
            where.insert(0, narrowed(query.kind, main.c.gid))
        if query.visible:
            where.append(compiler.visible(query.kind, main))
        if query.after:
            where.append(_after(order))
        shown = [
            main.c.gid,
            *(column for column, _ in order),
            *(_named(seen, query.kind, name) for name in columns),
        ]
        labelled = [each.label(f"c{number}") for number, each in enumerate(shown)]
        statement = sa.select(*labelled).select_from(source).where(*where)
        statement = statement.order_by(*(_directed(*each) for each in zip(labelled[1:], query.order, strict=False)))
        if narrow and not isinstance(query.order[0].column, str):
            # No index has this order: SQLite would go through all rows of the workspace all the same.
            statement = statement.with_hint(main, "NOT INDEXED", "sqlite")
        return f"{self._text(statement)} LIMIT {self._most}" if query.limit else self._text(statement)

    def texts(self, writes: Writes) -> Iterator[tuple[str, Sequence[Any]]]:
        """Statements, each with its parameters by place: few for new rows, one a row for the rest."""
        form, rows = writes.form, writes.rows
        if form.verb not in (Verb.INSERT, Verb.LINK):
            text = self.write(form)
            yield from ((text, row) for row in rows)
        elif self._arrays and len(rows) > 1:
            yield self.insert(form, 0), [list(column) for column in zip(*rows, strict=True)]
        else:
            start = 0
            while start < len(rows):
                count = min(ROWS, 1 << ((len(rows) - start).bit_length() - 1))
                yield self.insert(form, count), tuple(chain.from_iterable(rows[start : start + count]))
                start += count

    @lru_cache(maxsize=4096)  # noqa: B019
    def form(self, verb: Verb, table: str, columns: tuple[str, ...], expected: tuple[str, ...] = ()) -> Form:
        """What writes are to have in common."""
        named = ((place, self.tables[table].c.get(name)) for place, name in enumerate(columns))
        keys = ((place, key) for place, column in named if column is not None for key in column.foreign_keys)
        references = tuple((place, key.column.table.name) for place, key in keys)
        return Form(verb, table, columns, expected, references)

    @lru_cache(maxsize=4096)  # noqa: B019
    def insert(self, form: Form, count: int) -> str:
        """Insert so many rows; 0: any number, given as an array a column. What may be there already stays as it is."""
        table, quote = self.tables[form.table], self.dialect.identifier_preparer.quote
        names = ", ".join(quote(name) for name in form.columns)
        if count:
            row = ", ".join(self._mark for _ in form.columns)
            values = f"VALUES {', '.join(f'({row})' for _ in range(count))}"
        else:
            types = [sa.ARRAY(table.c[name].type).compile(dialect=self.dialect) for name in form.columns]
            arrays = ", ".join(f"{self._mark}::{each.partition(' COLLATE ')[0]}" for each in types)
            values = f"SELECT * FROM unnest({arrays})"
        text = f"INSERT INTO {quote(form.table)} ({names}) {values}"
        return f"{text} ON CONFLICT DO NOTHING" if form.verb is Verb.LINK else text

    @lru_cache(maxsize=4096)  # noqa: B019
    def write(self, form: Form) -> str:
        """Set or remove what the form says; its parameters by place, in the form's order."""
        quote, mark = self.dialect.identifier_preparer.quote, self._mark
        table, names = quote(form.table), [quote(name) for name in form.columns]
        if form.verb is Verb.TRIM:
            oldest = f"SELECT gid FROM {table} WHERE gid < {mark} ORDER BY gid LIMIT {mark}"
            return f"DELETE FROM {table} WHERE gid IN ({oldest})"
        if form.verb is not Verb.SET:
            return f"DELETE FROM {table} WHERE {' AND '.join(f'{name} = {mark}' for name in names)}"
        same = [f" AND {quote(name)} {self._same} {mark}" for name in form.expected]
        return f"UPDATE {table} SET {', '.join(f'{name} = {mark}' for name in names)} WHERE gid = {mark}{''.join(same)}"

    @lru_cache(maxsize=256)  # noqa: B019
    def last(self, table: str) -> str:
        """The greatest gid, 0 when there is none."""
        return self._text(sa.select(sa.func.coalesce(sa.func.max(self.tables[table].c.gid), sa.literal_column("0"))))

    def bound(self, value: Any) -> Any:
        """A value as the driver takes it; a tuple is an array."""
        if not isinstance(value, tuple):
            return value
        if not self._arrays:
            return msgspec.json.encode(value).decode()
        if any(type(each) is not int for each in value):
            return list(value)
        return f"{{{','.join(map(str, value))}}}"  # as PostgreSQL writes it: the driver looks long at a list

    def _source(self, table: str, joins: tuple[Join, ...]) -> tuple[dict[str, sa.FromClause], sa.FromClause]:
        """The tables of a statement by name, and all of them joined."""
        source: sa.FromClause = self.tables[table].alias("t0")
        seen: dict[str, sa.FromClause] = {table: source}
        for join in joins:
            other = seen[join.table] = self.tables[join.table].alias(join.table)
            source = source.join(other, other.c[join.column] == _named(seen, table, join.to), isouter=join.optional)
        return seen, source

    def _compiler(self) -> Compiler:
        return Compiler(self.tables, self.kinds, self._one_of)

    def _one_of(self, column: Expression, array: sa.BindParameter[Any]) -> Expression:
        # An array in one parameter keeps the statement's text the same however many keys are asked for.
        if self._arrays:
            return column == sa.any_(sa.cast(array, sa.ARRAY(column.type)))
        values: Any = sa.func.json_each(array).table_valued("value")
        return column.in_(sa.select(values.c.value))

    @property
    def _arrays(self) -> bool:
        return self.dialect.name == "postgresql"

    @property
    def _mark(self) -> str:
        return "%s" if self._arrays else "?"

    @property
    def _same(self) -> str:
        return "IS NOT DISTINCT FROM" if self._arrays else "IS"

    @property
    def _most(self) -> str:
        return "%(most)s" if self._arrays else ":most"

    def _text(self, statement: sa.ClauseElement) -> str:
        return str(statement.compile(dialect=self.dialect, compile_kwargs={"render_postcompile": True}))


def _named(seen: Mapping[str, sa.FromClause], main: str, name: str) -> Expression:
    table, _, column = name.rpartition(".")
    return seen[table or main].c[column]


def _bare(order: Order, values: list[Any]) -> Order:
    if isinstance(order.column, str | Count):
        return order
    return replace(order, column=skeleton(order.column, values))


def _directed(column: Expression, order: Order) -> Expression:
    directed = column.desc() if order.descending else column.asc()
    return directed.nulls_last() if order.nullable else directed


def _sorted(
    compiler: Compiler, seen: Mapping[str, sa.FromClause], main: str, order: Order, loose: set[str]
) -> Expression:
    if isinstance(order.column, Count):
        return compiler.count(order.column, seen[main])
    if not isinstance(order.column, str):
        return sa.case((compiler.build(order.column, seen[main]), sa.literal_column("1")), else_=sa.literal_column("0"))
    column = _named(seen, main, order.column)
    if order.column.rpartition(".")[0] in loose:
        # A null is neither before nor after anything, so a page could not go on from it.
        lowest = "''" if isinstance(column.type, sa.Text) else "0"
        column = sa.func.coalesce(column, sa.literal_column(lowest))
    return sa.func.fold(column) if order.folded else column


def _table_of(seen: Mapping[str, sa.FromClause], main: str, condition: Condition) -> sa.FromClause:
    """A condition on "table.column" is about a joined row."""
    table = getattr(condition, "column", "").rpartition(".")[0]
    return seen[table or main]


def _after(order: list[tuple[Expression, bool]]) -> Expression:
    """Strictly after the row whose order values are a0, a1, ... (lexicographic; no column may be null)."""
    column, down = order[-1]
    number = len(order) - 1
    last: Any = sa.bindparam(f"a{number}")
    result: Expression = column < last if down else column > last
    for number in range(len(order) - 2, -1, -1):
        column, down = order[number]
        value: Any = sa.bindparam(f"a{number}")
        beyond = column < value if down else column > value
        result = sa.or_(beyond, sa.and_(column == value, result))
    return result
