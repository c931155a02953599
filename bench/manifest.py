"""What a filled database holds, written down beside it: what there is to ask for, and whose token asks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from batchwright.engine.tokens import PERSONAL, written

TOKENS = 500  # of one user
SAYING = "MadeForMeasuringAndNothingElse"
TOKEN = written(PERSONAL, SAYING)


def token(number: int) -> str:
    """One of the tokens; all are of the same length."""
    return written(PERSONAL, f"{SAYING[:-3]}{number % TOKENS:03}")


@dataclass
class Manifest:
    """gids. me: the token's user. places: a project and one of its sections. tasks: a sample of them."""

    workspace: int = 0
    me: int = 0
    people: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)

    def write(self, file: Path) -> None:
        """Writes it down."""
        file.write_text(json.dumps(asdict(self)), "utf-8")


def read(file: Path) -> Manifest:
    """What was written down."""
    return Manifest(**json.loads(file.read_text("utf-8")))
