"""The command `batchwright`: a tree of functions, and one place where a mistake becomes one line and a 2."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, Group

from batchwright import __version__
from batchwright.cli import apps, databases, showing, starting, tokens, users
from batchwright.cli.options import Mistake
from batchwright.settings import BadSetting

MISTAKEN = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (default: this process's) and return its exit code."""
    try:
        code = _tree()(sys.argv[1:] if argv is None else argv, exit_on_error=False, print_error=False)
    except (CycloptsError, BadSetting, Mistake) as mistake:
        print(f"batchwright: {' '.join(str(mistake).split())}", file=sys.stderr)
        return MISTAKEN
    return code if isinstance(code, int) else 0


def _tree() -> App:
    root = App(
        name="batchwright",
        help="A self-hosted server that speaks the Asana REST API.",
        version=__version__,
        result_action="return_value",
        # Errors are one line and help is read by people and by scripts: no boxes, no markup.
        help_formatter="plain",
        help_format="plaintext",
        group_commands=Group("Commands", sort_key=0),
    )
    root.command(starting.serve)
    root.command(showing.config)
    for name, meaning, commands in (
        ("user", "The people who may call the API.", (users.add, users.password)),
        ("token", "What a caller proves itself with.", (tokens.create, tokens.list_, tokens.revoke)),
        ("app", "Programs that people let act for them.", (apps.create, apps.list_, apps.rotate, apps.delete)),
        ("db", "The database.", (databases.upgrade, databases.check)),
    ):
        branch = App(name=name, help=meaning)
        for command in commands:
            branch.command(command, name=command.__name__.rstrip("_"))
        root.command(branch)
    return root
