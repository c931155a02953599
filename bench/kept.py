"""Filled databases, kept from run to run in a folder outside the sources; each measurement gets a copy to write to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import data, postgres


@dataclass
class Kept:
    """The folder, and PostgreSQL once it is needed."""

    folder: Path
    _running: ExitStack = field(default_factory=ExitStack)
    _urls: str = ""

    @property
    def run(self) -> Path:
        """Where copies and logs of this run go."""
        return self.folder / "run"

    def filled(self, count: int) -> Path:
        """A filled file, not to be written to; beside it, with the ending json, its manifest."""
        kept = self.folder / "data" / f"{count}-{data.version()}.db"
        if not kept.exists():
            print(f"  filling SQLite with {count:,} tasks", flush=True)
            kept.parent.mkdir(parents=True, exist_ok=True)
            for old in kept.parent.iterdir():
                if data.version() not in old.name:  # it was filled for an older layout
                    old.unlink()
            part = kept.with_suffix(".part")
            data.fill(part, count).write(kept.with_suffix(".json"))
            part.rename(kept)
        return kept

    def sqlite(self, count: int) -> tuple[str, Path]:
        """A copy of a filled file, and what is in it."""
        kept, copy = self.filled(count), self.run / f"{count}.db"
        clear(copy)
        shutil.copyfile(kept, copy)
        return str(copy), kept.with_suffix(".json")

    def postgresql(self, count: int) -> tuple[str, Path]:
        """A copy of a filled database, and what is in it. Raises postgres.Missing."""
        if not self._urls:
            self._urls = self._running.enter_context(postgres.cluster(self.folder / "postgresql"))
        name, filled = f"kept_{count}_{data.version()}", self.filled(count)
        if not postgres.has(self._urls, name):
            print(f"  filling PostgreSQL with {count:,} tasks", flush=True)
            postgres.forget(self._urls, "kept_%", f"%_{data.version()}")
            postgres.drop(self._urls, "part")
            data.copy(filled, postgres.create(self._urls, "part"))
            postgres.rename(self._urls, "part", name)
        return postgres.copy(self._urls, name, f"run_{count}"), filled.with_suffix(".json")

    @property
    def besides(self) -> int:
        """PostgreSQL's process while it runs, else 0."""
        return postgres.pid(self.folder / "postgresql") if self._urls else 0


def clear(file: Path) -> None:
    """Makes room for a new file: an old one goes, with what SQLite keeps beside it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


@contextmanager
def kept(folder: Path) -> Iterator[Kept]:
    """The folder, as long as it is needed."""
    made = Kept(folder.resolve())
    shutil.rmtree(made.run, ignore_errors=True)
    made.run.mkdir(parents=True)
    with made._running:
        yield made
