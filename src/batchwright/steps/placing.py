"""Where a row is put among others: the row it is put beside, the sort key there, a task's place in a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batchwright.model import gids, ranks
from batchwright.model.calls import Call
from batchwright.model.changes import Change, Set, Still
from batchwright.model.conditions import Compare, Order, Query, Reading, equals
from batchwright.model.problems import bad_request, only_one
from batchwright.model.views import View
from batchwright.steps.writing import insert

MOST_PROJECTS = 20  # that a task can be in (addProjectForTask)
TOO_MANY_PROJECTS = f"A task can be in at most {MOST_PROJECTS} projects"
PLACES = Reading("membership", "task", ("gid", "project", "section"), "gid")
"""Where tasks stand: a row for each project."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The field of a body, the row that it names (None: none, but an end), whether to come before it."""

    name: str
    gid: int | None
    before: bool


def anchor(
    data: Mapping[str, Any], before: str = "insert_before", after: str = "insert_after", *, ends: bool = False
) -> Anchor | None:
    """The anchor that a body names by one of two fields, None for none. Raises Problem 400 for two.

    ends: a field that is null isn't absent; it asks for the end to come before, or the beginning to come after.
    """
    given = [name for name in (before, after) if name in data and (ends or data[name] is not None)]
    if len(given) > 1:
        raise only_one(before, after)
    return Anchor(given[0], data[given[0]], given[0] == before) if given else None


def end(*, top: bool) -> str:
    """A key before all others, or after them."""
    return (ranks.first if top else ranks.last)(gids.make())


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
        return end(top=before)
    neighbour = found[0][1]
    return ranks.between(neighbour, row[rank]) if before else ranks.between(row[rank], neighbour)


async def place_in(
    call: Call, view: View, task: int, project: int, section: int, rank: str, field: str
) -> tuple[Change, ...]:
    """What puts a task into a section of a project, whether it is in the project or not.

    Raises Problem 400, which begins with `field`, for one project too many.
    """
    places = (await view.fetch(PLACES, (task,)))[task]
    mine = next((gid for gid, at, _ in places if at == project), None)
    if mine is not None:
        return (Set("membership", mine, {"section": section, "rank": rank}),)
    if len(places) >= MOST_PROJECTS:
        raise bad_request(f"{field}: {TOO_MANY_PROJECTS}")
    made = insert(view.kinds["membership"], call, task=task, project=project, section=section, rank=rank)
    return (Still(PLACES, task, tuple(places)), made)
