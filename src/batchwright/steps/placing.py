"""Sort keys for rows that a caller puts before or after another one."""

from __future__ import annotations

from typing import Any

from batchwright.model import gids, ranks
from batchwright.model.conditions import Compare, Order, Query, equals
from batchwright.model.views import View

MOST_PROJECTS = 20  # that a task can be in (addProjectForTask)
TOO_MANY_PROJECTS = f"A task can be in at most {MOST_PROJECTS} projects"


async def beside(view: View, kind: str, scope: str, anchor: int, *, before: bool, rank: str = "rank") -> str:
    """A key right before or after the row `anchor` among the rows that share its value in the column `scope`.

    rank: the column of the keys.
    """
    row = await view.row(kind, anchor, scope, rank)
    further = Compare(rank, "<" if before else ">", row[rank])
    where = (equals(scope, row[scope]), further)
    query = Query(kind, where, order=(Order(rank, descending=before), Order("gid")), visible=False, limit=1)
    found: list[tuple[Any, ...]] = await view.select(query)
    if not found:  # an end: the next row that is put there must come out beyond this one
        return (ranks.first if before else ranks.last)(gids.make())
    neighbour = found[0][1]
    return ranks.between(neighbour, row[rank]) if before else ranks.between(row[rank], neighbour)
