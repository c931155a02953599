"""What every measurement is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import servers
from bench.kept import Kept
from bench.rounds import Rounds
from bench.servers import Server

DATABASES = ("sqlite", "postgresql")
SHOWN = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Setup:
    """The filled databases, the rounds, how many tasks there are where nothing else is said, and the growing sizes."""

    kept: Kept
    rounds: Rounds
    tasks: int
    sizes: tuple[int, ...]

    def filled(self, database: str, count: int = 0) -> tuple[str, Path]:
        """A copy of a filled database to write to, and the manifest of what is in it."""
        return self._fills[database](count or self.tasks)

    @property
    def _fills(self) -> dict[str, Callable[[int], tuple[str, Path]]]:
        return {"sqlite": self.kept.sqlite, "postgresql": self.kept.postgresql}

    @contextmanager
    def ours(self, database: str, count: int = 0) -> Iterator[Server]:
        """Our server over a copy of a filled database."""
        db, manifest = self.filled(database, count)
        name = f"batchwright {database} {count or self.tasks}"
        besides = self.kept.besides if database == "postgresql" else 0
        with servers.ours(name, db, manifest, self.kept.run, besides=besides) as server:
            yield server
