"""The table of contents: every resource, each with its kinds and operations."""

from __future__ import annotations

from batchwright.model.kinds import Kinds
from batchwright.resources import (
    apps,
    batch_jobs,
    events,
    jobs,
    not_yet,
    passwords,
    projects,
    receipts,
    sections,
    sessions,
    signing_keys,
    stories,
    tags,
    tasks,
    team_memberships,
    teams,
    tokens,
    typeahead,
    user_task_lists,
    users,
    workspace_memberships,
    workspaces,
)

RESOURCES = (
    workspaces,
    workspace_memberships,
    users,
    teams,
    team_memberships,
    projects,
    sections,
    tasks,
    tags,
    stories,
    events,
    user_task_lists,
    typeahead,
    jobs,
    batch_jobs,
    apps,
    tokens,
    passwords,
    sessions,
    signing_keys,
    receipts,
    not_yet,
)

KINDS = Kinds(tuple(kind for resource in RESOURCES for kind in resource.KINDS))
OPERATIONS = tuple(operation for resource in RESOURCES for operation in resource.OPERATIONS)
