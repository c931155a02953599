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
        """Where a filled file is kept."""
        return self.folder / "data" / f"{count}-{data.version()}.db"

    def sqlite(self, count: int) -> tuple[str, Path]:
        """A copy of a filled file, and what is in it."""
        kept = self.filled(count)
        manifest = kept.with_suffix(".json")
        if not kept.exists():
            print(f"  filling SQLite with {count:,} tasks", flush=True)
            kept.parent.mkdir(parents=True, exist_ok=True)
            self._forget(count)
            part = kept.with_suffix(".part")
            part.unlink(missing_ok=True)
            data.fill(str(part), count, manifest)
            part.rename(kept)
        copy = self.run / f"{count}.db"
        self._clear(copy)
        shutil.copyfile(kept, copy)
        return str(copy), manifest

    def postgresql(self, count: int) -> tuple[str, Path]:
        """A copy of a filled database, and what is in it. Raises postgres.Missing."""
        if not self._urls:
            self._urls = self._running.enter_context(postgres.cluster(self.folder / "postgresql"))
        name = f"kept_{count}_{data.version()}"
        manifest = self.folder / "data" / f"{count}-{data.version()}.pg.json"
        if not postgres.has(self._urls, name) or not manifest.exists():
            print(f"  filling PostgreSQL with {count:,} tasks", flush=True)
            manifest.parent.mkdir(parents=True, exist_ok=True)
            postgres.drop(self._urls, name)
            postgres.drop(self._urls, "part")
            data.fill(postgres.create(self._urls, "part"), count, manifest)
            postgres.rename(self._urls, "part", name)
        return postgres.copy(self._urls, name, f"run_{count}"), manifest

    @property
    def besides(self) -> int:
        """PostgreSQL's process while it runs, else 0."""
        return postgres.pid(self.folder / "postgresql") if self._urls else 0

    def _forget(self, count: int) -> None:
        """What was filled for an older layout goes."""
        for old in (self.folder / "data").glob(f"{count}-*"):
            if data.version() not in old.name:
                old.unlink()

    @staticmethod
    def _clear(copy: Path) -> None:
        copy.parent.mkdir(parents=True, exist_ok=True)
        for ending in ("", "-wal", "-shm"):
            copy.with_name(copy.name + ending).unlink(missing_ok=True)


@contextmanager
def kept(folder: Path) -> Iterator[Kept]:
    """The folder, as long as it is needed."""
    made = Kept(folder.resolve())
    made.run.mkdir(parents=True, exist_ok=True)
    with made._running:
        yield made
