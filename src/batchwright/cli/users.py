"""batchwright user: who may call the API."""

from __future__ import annotations

import getpass
import json
import sys
from typing import Annotated

from cyclopts import Parameter

from batchwright.cli.options import Db, Mistake, ask, settings_with


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


def password(
    email: Annotated[str, Parameter(help="the user's e-mail address")],
    /,
    *,
    stdin: Annotated[bool, Parameter(help="read it from the first line of standard input", negative="")] = False,
    db: Db = None,
) -> None:
    """Set a user's password for the web pages, and end their sessions. It asks for the password."""
    from batchwright import app

    settings = settings_with(db=db)
    ended = ask(app.set_password(settings, email, _read() if stdin else _asked(email)))
    print(f"{email} can sign in with it; sessions ended: {ended}.", file=sys.stderr)


def _read() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _asked(email: str) -> str:
    try:
        password = getpass.getpass(f"New password of {email}: ")
        again = getpass.getpass("The same again: ")
    except (EOFError, KeyboardInterrupt):
        raise Mistake("no password was set") from None
    if password != again:
        raise Mistake("the two passwords differ; none was set")
    return password
