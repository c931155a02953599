"""Who may do what to a task: by what they may do in its projects, or by being its assignee, or above it.

Several projects give the most of what each gives (docs/decisions/0040-who-may-do-what.md).
"""

from __future__ import annotations

from batchwright.model.conditions import ME, Above, Condition, Exists, May, Not, Visible, all_of, any_of, equals
from batchwright.model.kinds import Deed

_FOLLOWER = Exists("task_followers", "owner", equals("target", ME))
_APART = Not(Exists("membership", "task"))  # in no project


def _in_project(deed: str) -> Condition:
    """A project that the caller sees allows it, or lets them do it to this task because they follow it."""
    follows = Exists("task_followers", "owner", equals("target", ME), column="task")
    return Exists("membership", "task", all_of(any_of(Visible("project", "project"), follows), _at(deed)))


def _at(deed: str) -> Condition:
    return May("project", "project", deed)


def _rule(deed: str) -> Condition:
    here = any_of(
        equals("assignee", ME),
        _in_project(deed),
        all_of(_APART, equals("parent", None), _FOLLOWER),
    )
    # A part of a task that the caller sees is as open to them as that task is.
    hidden_above = all_of(_APART, _FOLLOWER, Not(Visible("task", "parent")))
    return any_of(here, hidden_above, Above("parent", here))


DEEDS = (
    Deed("edit", _rule("fill")),
    Deed("delete", _rule("fill")),
    Deed("comment", _rule("comment"), "You do not have permission to comment on this task."),
    Deed("like", all_of()),
)
