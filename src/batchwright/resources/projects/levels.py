"""Who may do what to a project: by the level a member has, or for everybody else who sees it the project's default.

A member is an editor, unless a list of the project says otherwise (docs/decisions/0040-who-may-do-what.md).
"""

from __future__ import annotations

from batchwright.model.conditions import ME, AnyOf, Condition, Exists, Not, all_of, any_of, equals
from batchwright.model.fields import Field, choice, refs
from batchwright.model.kinds import Deed
from batchwright.steps.people import administers

LISTS = {"admin": "admins", "commenter": "commenters", "viewer": "viewers"}
"""The list of a project's members of each level; what is left are editors."""

LEVELS: tuple[Field, ...] = (
    choice(
        "default_access_level",
        "admin",
        "editor",
        "commenter",
        "viewer",
        default="editor",
        deed="administer",
        about="What new members may do, and those who see it without being one.",
    ),
    choice(
        "minimum_access_level_for_customization",
        "admin",
        "editor",
        default="editor",
        deed="administer",
        about="Who may change how it works.",
    ),
    choice(
        "minimum_access_level_for_sharing",
        "admin",
        "editor",
        default="editor",
        deed="administer",
        about="Who may share it.",
    ),
    *(refs(name, "user", hidden=True, read_only=True) for name in LISTS.values()),
)


def _listed(name: str) -> Exists:
    return Exists(f"project_{name}", "owner", equals("target", ME))


def _others(*levels: str) -> Condition:
    """Whoever isn't a member may do what the default says."""
    return all_of(Not(_listed("members")), AnyOf(tuple(equals("default_access_level", each) for each in levels)))


_ADMIN = any_of(equals("owner", ME), administers("workspace"), _listed("admins"), _others("admin"))
_EDITOR = any_of(
    _ADMIN,
    all_of(_listed("members"), Not(_listed("commenters")), Not(_listed("viewers"))),
    _others("editor"),
)
_COMMENTER = any_of(_EDITOR, _listed("commenters"), _others("commenter"))


def _least(setting: str) -> Condition:
    return any_of(_ADMIN, all_of(equals(f"minimum_access_level_for_{setting}", "editor"), _EDITOR))


DEEDS = (
    Deed("edit", _least("customization")),
    Deed("share", _least("sharing")),
    Deed("administer", _ADMIN),
    Deed("delete", _ADMIN),
    Deed("fill", _EDITOR, "You do not have permission to change the tasks of this project."),
    Deed("comment", _COMMENTER, "You do not have permission to comment in this project."),
)
