"""Changes that come up again and again: a new row with its defaults, its links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from batchwright.model import gids
from batchwright.model.calls import Call
from batchwright.model.changes import Change, Insert, Link, Still
from batchwright.model.conditions import Reading
from batchwright.model.kinds import Kind, link_table
from batchwright.model.views import Row


def insert(kind: Kind, call: Call, gid: int = 0, **values: Any) -> Insert:
    """A new row: what isn't given takes its default; who and when come from the call."""
    return fresh(kind, call.now, call.caller.user, gid, **values)


def fresh(kind: Kind, now: int, by: int | None, gid: int = 0, **values: Any) -> Insert:
    """The same where no call makes it: `now` in milliseconds, `by` a user's gid (None: the server)."""
    known = {"created_at": now, "modified_at": now, "created_by": by}
    row = {each.name: known.get(each.name, each.default) for each in kind.columns}
    return Insert(kind.name, gid or gids.make(), row | values)


def stored(kind: Kind, data: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that the kind has a column for."""
    return {name: value for name, value in data.items() if kind.has(name) and kind.by_name[name].stored}


def links(kind: Kind, gid: int, data: Mapping[str, Any]) -> tuple[Change, ...]:
    """A link for each row that the data names in one of the kind's own `refs` fields."""
    return tuple(
        Link(link_table(kind, each), gid, target) for each in kind.linked for target in data.get(each.name) or ()
    )


def link_all(kind: Kind, field: str, gid: int, targets: Iterable[int]) -> tuple[Change, ...]:
    """A link from one row to each target."""
    return tuple(Link(link_table(kind, kind.by_name[field]), gid, target) for target in targets)


def unchanged(kind: str, gid: int, row: Row) -> Still:
    """A precondition: the row still holds what `view.row` gave."""
    return Still(Reading(kind, columns=tuple(row)), gid, (tuple(row.values()),))
