"""batchwright config: each setting's value and where it came from."""

from __future__ import annotations

import re

from batchwright import settings
from batchwright.cli.options import Db


def config(*, db: Db = None) -> None:
    """Show each setting and where its value came from."""
    loaded = settings.load({"db": db})
    rows = [
        (name, _shown(getattr(loaded.settings, name)), loaded.origins[name], settings.meaning(name))
        for name in settings.names()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]))


def _shown(value: object) -> str:
    """As a TOML file would have it, without the password that a URL may hold."""
    if isinstance(value, str):
        return '"' + re.sub(r"(?<=://)([^/@:]*):[^@]*@", r"\1:***@", value) + '"'
    return str(value).lower()
