"""batchwright app: the programs that people may let act for them by OAuth."""

from __future__ import annotations

import json
import sys
from typing import Annotated

from cyclopts import Parameter

from batchwright.cli.options import Db, ask, settings_with

ClientId = Annotated[str, Parameter(help="the app's client id, as `app list` shows it")]
KEEP = "Keep the secret: only a digest is stored, so it can't be shown again."


def create(
    name: Annotated[str, Parameter(help="what people know the app by")],
    /,
    *,
    redirect_uri: Annotated[list[str], Parameter(help="where it may send people back to; give it once for each")],
    scope: Annotated[list[str] | None, Parameter(help="what it may ask for; once for each (default: all)")] = None,
    public: Annotated[bool, Parameter(help="it can't keep a secret (an app on people's devices)", negative="")] = False,
    db: Db = None,
) -> None:
    """Register an app and print it as JSON, with its client id and secret."""
    from batchwright import app

    made = ask(app.create_app(settings_with(db=db), name, redirect_uri, scope or (), public=public))
    if not public:
        print(KEEP, file=sys.stderr)
    print(json.dumps(made, indent=2))


def list_(*, db: Db = None) -> None:
    """Print all apps as JSON, without their secrets."""
    from batchwright import app

    print(json.dumps(ask(app.list_apps(settings_with(db=db))), indent=2))


def rotate(client_id: ClientId, /, *, db: Db = None) -> None:
    """Give an app a new secret and print it; the old one is good for nothing from now on."""
    from batchwright import app

    secret = ask(app.rotate_app(settings_with(db=db), client_id))
    print(KEEP, file=sys.stderr)
    print(secret)


def delete(client_id: ClientId, /, *, db: Db = None) -> None:
    """Delete an app: all that people let it do ends at once."""
    from batchwright import app

    ask(app.delete_app(settings_with(db=db), client_id))
