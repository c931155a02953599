"""batchwright token: what a caller proves itself with. Only a digest of a token is stored."""

from __future__ import annotations

import json
import sys
from typing import Annotated

from cyclopts import Parameter

from batchwright.cli.options import Db, Mistake, ask, settings_with

LONGEST = 36_500  # days
Email = Annotated[str, Parameter(help="the user's e-mail address")]


def create(
    email: Email,
    /,
    *,
    name: Annotated[str, Parameter(help="a label to know the token by")] = "",
    expires_in: Annotated[int | None, Parameter(help="days until it expires (default: never)")] = None,
    db: Db = None,
) -> None:
    """Create a token and print it, this once."""
    from batchwright import app

    if expires_in is not None and not 1 <= expires_in <= LONGEST:
        raise Mistake(f"--expires-in must be from 1 to {LONGEST} days")
    token = ask(app.create_token(settings_with(db=db), email, name=name, expires_in_days=expires_in))
    print("Keep it: only a digest is stored, so it can't be shown again.", file=sys.stderr)
    print(token)


def list_(email: Email, /, *, db: Db = None) -> None:
    """Print a user's tokens as JSON, without the secrets."""
    from batchwright import app

    print(json.dumps(ask(app.list_tokens(settings_with(db=db), email)), indent=2))


def revoke(
    token_gid: Annotated[str, Parameter(help="the token's gid, as `token list` shows it")],
    /,
    *,
    db: Db = None,
) -> None:
    """Revoke a token: from now on it opens nothing."""
    from batchwright import app

    ask(app.revoke_token(settings_with(db=db), token_gid))
