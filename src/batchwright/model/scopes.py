"""Scopes: what an app may be let do, in the contract's names, each in words for the person who is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

EVERYTHING = "default"
OPENID, EMAIL, PROFILE = "openid", "email", "profile"

_SEE, _CHANGE, _DELETE = "See", "Add and change", "Delete"
_THINGS = {
    "attachments": ("attached files", "read write delete"),
    "custom_fields": ("custom fields", "read write"),
    "goals": ("goals", "read write"),
    "jobs": ("how work that was begun for you stands", "read"),
    "ooo_entries": ("out-of-office entries", "read write delete"),
    "portfolios": ("portfolios", "read write"),
    "project_portfolio_settings": ("how projects stand in portfolios", "read write"),
    "project_sections": ("sections of projects", "read"),
    "project_templates": ("project templates", "read"),
    "projects": ("projects", "read write delete"),
    "roles": ("roles", "read write delete"),
    "stories": ("comments and the history of tasks", "read write delete"),
    "tags": ("tags", "read write"),
    "task_custom_types": ("custom types of tasks", "read"),
    "task_templates": ("task templates", "read"),
    "tasks": ("tasks", "read write delete"),
    "team_memberships": ("who is in which team", "read"),
    "teams": ("teams", "read"),
    "time_periods": ("the periods that goals are set for", "read"),
    "time_tracking_categories": ("categories of tracked time", "read write delete"),
    "time_tracking_entries": ("tracked time", "read"),
    "timesheet_approval_statuses": ("approvals of timesheets", "read write"),
    "users": ("people and their e-mail addresses", "read"),
    "webhooks": ("webhooks, which tell the app of changes", "read write delete"),
    "workspaces": ("workspaces", "read"),
}
_VERBS = {"read": _SEE, "write": _CHANGE, "delete": _DELETE}

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        EVERYTHING: "Do everything that you can do yourself",
        OPENID: "Know who you are",
        EMAIL: "Know your e-mail address",
        PROFILE: "Know your name and photo",
        "workspaces.typeahead:read": "Look things up by the beginning of their name",
    }
    | {
        f"{thing}:{action}": f"{_VERBS[action]} {words}"
        for thing, (words, actions) in _THINGS.items()
        for action in actions.split()
    }
)


def in_words(scopes: Iterable[str]) -> tuple[str, ...]:
    """What the scopes allow, a line each; `default` says all of it in one."""
    asked = set(scopes)
    if EVERYTHING in asked:
        return (SCOPES[EVERYTHING],)
    return tuple(words for scope, words in SCOPES.items() if scope in asked)


def allowed(scopes: Iterable[str]) -> frozenset[str] | None:
    """What a caller with these scopes has: a set, or None for everything."""
    held = frozenset(scopes)
    return None if EVERYTHING in held else held
