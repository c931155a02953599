"""batchwright db: bring the database's tables up to date, and look for faults in it."""

from __future__ import annotations

from batchwright.cli.options import Db, ask, settings_with


def upgrade(*, db: Db = None) -> None:
    """Bring the tables up to date; they are made if missing."""
    from batchwright import app

    print(ask(app.upgrade(settings_with(db=db))))


def check(*, db: Db = None) -> int:
    """Look for faults; exit with 1 if there are any."""
    from batchwright import app

    problems = ask(app.check(settings_with(db=db)))
    print("\n".join(problems) if problems else "The database is well.")
    return 1 if problems else 0
