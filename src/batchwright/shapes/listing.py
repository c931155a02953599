"""GET lists: compact records in an order, a page at a time by keyset (contract/asana-behaviour.md, section 6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Unpack

from batchwright.model.calls import Call
from batchwright.model.conditions import Condition, Join, Order, Query, equals
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import bad_request
from batchwright.model.sealing import seal, unseal
from batchwright.model.views import View
from batchwright.shapes.marks import OperationMarks

LONGEST_PAGE = 100  # rows
LONGEST_LIST = 1_000  # rows of a list that wasn't asked for in pages
TOO_LARGE = "The result is too large. You should use pagination (may require specifying a workspace)!"

Where = Callable[[Call], tuple[Condition, ...]]
Asked = Callable[[Call, View], Awaitable[Query]]


def listing(
    kind: Kind,
    id: str,
    path: str,
    *,
    where: Where | str = "",
    joins: tuple[Join, ...] = (),
    order: tuple[Order, ...] = (Order("gid"),),
    visible: bool = True,
    query: Asked | None = None,
    **marks: Unpack[OperationMarks],
) -> Operation:
    """GET a list.

    where: the conditions for a call, or the column that holds the gid of the path's only row. visible: False where
    who sees the path's row sees the whole list. order: ends with a unique column; none may be null. query: makes the
    whole query, in place of these four, where it takes a look at the rows, or a refusal.
    """

    def conditions(call: Call) -> tuple[Condition, ...]:
        if isinstance(where, str):
            return (equals(where, next(iter(call.at.values()))),)
        return where(call)

    async def run(call: Call, view: View) -> Outcome:
        asked = await query(call, view) if query else Query(kind.name, conditions(call), joins, order, visible)
        return await page(view, call, asked)

    return Operation(id=id, method="GET", path=path, run=run, kind=kind.name, many=True, paged=True, **marks)


async def page(view: View, call: Call, query: Query) -> Outcome:
    """The page that the call's limit and offset ask for, or without them the whole list.

    Raises Problem 400 for an offset that this list never gave out, and for a whole list that is too long.
    """
    if not call.options.paged:
        return await _everything(view, query)
    size = call.options.rows(LONGEST_PAGE)
    after = _opened(view, query, call.options.offset) if call.options.offset is not None else ()
    rows = await view.select(replace(query, after=after, limit=size + 1))
    shown = rows[:size]
    following = _sealed(view, query, shown[-1][1:]) if len(rows) > size else ""
    return _list(query, shown, following)


async def first(view: View, query: Query) -> Outcome:
    """The first rows of a query, as many as its limit: a list without pages."""
    return _list(query, await view.select(query))


async def _everything(view: View, query: Query) -> Outcome:
    rows = await view.select(replace(query, limit=LONGEST_LIST + 1))
    if len(rows) > LONGEST_LIST:
        raise bad_request(TOO_LARGE)
    return _list(query, rows)


def _list(query: Query, rows: list[tuple[Any, ...]], following: str = "") -> Outcome:
    return Outcome(show=Show(query.kind, tuple(row[0] for row in rows), many=True, next=following))


def _sealed(view: View, query: Query, values: tuple[Any, ...]) -> str:
    """An opaque offset: the order's values of a page's last row, good for lists of this kind and order."""
    return seal(view.secret, repr((query.kind, query.order)), *values)


def _opened(view: View, query: Query, offset: str) -> tuple[Any, ...]:
    values = unseal(view.secret, repr((query.kind, query.order)), offset)
    if values is None:
        raise bad_request("offset: Your pagination token is invalid.")
    return values
