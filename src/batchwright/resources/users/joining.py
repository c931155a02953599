"""What comes with a person's joining a workspace: the membership, a task list of their own, its sections."""

from __future__ import annotations

from batchwright.model import gids, ranks
from batchwright.model.changes import Insert
from batchwright.model.kinds import Kinds
from batchwright.steps.writing import fresh

SECTIONS = ("Recently assigned", "Today", "Upcoming", "Later")


def joining(
    kinds: Kinds, user: int, workspace: int, named: str, now: int, *, is_admin: bool = False, is_guest: bool = False
) -> tuple[Insert, ...]:
    """The rows to write, in order. named: the workspace's name; now: milliseconds."""
    mine = fresh(kinds["user_task_list"], now, user, name=f"My tasks in {named}", owner=user, workspace=workspace)
    sections = tuple(_section(kinds, now, user, mine.gid, name) for name in SECTIONS)
    membership = fresh(
        kinds["workspace_membership"],
        now,
        None,
        user=user,
        workspace=workspace,
        user_task_list=mine.gid,
        is_admin=is_admin,
        is_guest=is_guest,
    )
    return (mine, *sections, membership)


def _section(kinds: Kinds, now: int, user: int, of: int, name: str) -> Insert:
    gid = gids.make()
    return fresh(kinds["section"], now, user, gid, name=name, user_task_list=of, rank=ranks.last(gid))
