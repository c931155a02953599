"""A filter of a search as data: a query parameter, and what its value asks of a row.

An absent parameter asks nothing; the word `null` asks for rows without a value. Days are days in UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from batchwright.model import moments
from batchwright.model.conditions import Compare, Condition, Exists, Not, OneOf, all_of, any_of, equals
from batchwright.model.fields import Field, date, flag, moment, refs
from batchwright.model.problems import bad_request

MOST_OF_ALL = 20  # rows that an `.all` may name: each is a condition of its own

Operator = Literal["any", "not", "all"]
Holds = Callable[[tuple[int, ...]], Condition]  # the row has one of these, or any at all when there are none
MEANINGS = {"any": "At least one of these", "not": "None of these", "all": "Each of these"}


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter and what its value asks of a row. together: one of the filters so marked suffices."""

    field: Field
    condition: Callable[[Any], Condition]
    together: bool = False


def in_column(name: str) -> Holds:
    """A column names the row."""
    return lambda rows: OneOf(name, rows) if rows else Compare(name, "!=", None)


def related(table: str, own: str, column: str, *where: Condition) -> Holds:
    """Rows of `table` whose `own` is this row name others in `column`; only those that fulfil `where` count."""
    return lambda rows: Exists(table, own, all_of(*where, *((OneOf(column, rows),) if rows else ())))


def lists(name: str, target: str, holds: Holds, *operators: Operator, together: bool = False) -> tuple[Filter, ...]:
    """`name.any`, `name.not`, `name.all`: rows of a kind, separated by commas. together: meant for `.any`."""

    def has(rows: list[int | None]) -> Condition:
        known = tuple(row for row in rows if row is not None)
        return any_of(*((holds(known),) if known else ()), *((Not(holds(())),) if None in rows else ()))

    def has_all(rows: list[int | None]) -> Condition:
        if len(rows) > MOST_OF_ALL:
            raise bad_request(f"{name}.all: At most {MOST_OF_ALL} entries are allowed")
        return all_of(*(has([row]) for row in rows))

    makers: dict[str, Callable[[list[int | None]], Condition]] = {
        "any": has,
        "not": lambda rows: Not(has(rows)),
        "all": has_all,
    }

    def made(operator: Operator) -> Filter:
        about = f"{MEANINGS[operator]}: {name.replace('_', ' ')}."
        field = refs(f"{name}.{operator}", target, or_null=True, about=about)
        return Filter(field, makers[operator], together and operator == "any")

    return tuple(made(each) for each in operators)


def calendar(name: str) -> tuple[Filter, ...]:
    """By day, on a column that holds a day."""
    return (
        Filter(date(name, or_null=True, about="On this day, or `null` for on none."), lambda day: equals(name, day)),
        Filter(date(f"{name}.before", about="Earlier than this day."), lambda day: Compare(name, "<", day)),
        Filter(date(f"{name}.after", about="Later than this day."), lambda day: Compare(name, ">", day)),
    )


def instants(name: str) -> tuple[Filter, ...]:
    """By moment, on a column that holds a moment."""
    return (
        Filter(moment(f"{name}.before", about="Earlier than this moment."), lambda at: Compare(name, "<", at)),
        Filter(moment(f"{name}.after", about="Later than this moment."), lambda at: Compare(name, ">", at)),
    )


def days(name: str, column: str) -> tuple[Filter, ...]:
    """By day, on a column that holds a moment."""

    def on(day: str | None) -> Condition:
        if day is None:
            return equals(column, None)
        return all_of(Compare(column, ">=", _start(day)), Compare(column, "<", _start(day) + moments.DAY_MS))

    before = date(f"{name}.before", about="Before this day began.")
    after = date(f"{name}.after", about="After this day ended.")
    return (
        Filter(date(name, or_null=True, about="On this day, or `null` for never."), on),
        Filter(before, lambda day: Compare(column, "<", _start(day))),
        Filter(after, lambda day: Compare(column, ">=", _start(day) + moments.DAY_MS)),
    )


def _start(day: str) -> int:
    ms = moments.parse(day)
    assert ms is not None
    return ms


def whether(name: str, condition: Condition, about: str) -> Filter:
    """True: the condition holds; false: it doesn't."""
    return Filter(flag(name, about=about), lambda wanted: condition if wanted else Not(condition))
