"""batchwright user: who may call the API."""

from __future__ import annotations

import json
from typing import Annotated

from cyclopts import Parameter

from batchwright.cli.options import Db, ask, settings_with


def add(
    email: Annotated[str, Parameter(help="the user's e-mail address")],
    /,
    *,
    name: Annotated[str, Parameter(help="the user's full name")],
    workspace: Annotated[str, Parameter(help="the workspace's name; it is created if new")],
    organization: Annotated[bool, Parameter(help="a new workspace is an organization", negative="")] = False,
    admin: Annotated[bool, Parameter(help="the user administers the workspace", negative="")] = False,
    guest: Annotated[bool, Parameter(help="the user is a guest in the workspace", negative="")] = False,
    db: Db = None,
) -> None:
    """Add a user to a workspace and print both as JSON, with their gids."""
    from batchwright import app

    settings = settings_with(db=db)
    added = ask(app.add_user(settings, email, name, workspace, organization=organization, admin=admin, guest=guest))
    print(json.dumps(added, indent=2))
