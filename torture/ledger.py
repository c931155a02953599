"""What the clients know: of every task what was acknowledged, and what nobody knows the end of."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

Verb = Literal["create", "rename", "move", "tick", "comment", "delete"]


@dataclass(frozen=True)
class Doing:
    """An action on a task: what, and the name, section or text it is to have."""

    verb: Verb
    value: str = ""


@dataclass
class Track:
    """One task's history. gid: "" until it is known. doing: sent, and not acknowledged."""

    first_name: str
    gid: str = ""
    exists: bool = False
    names: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    ticks: int = 0
    deleted: bool = False
    doing: Doing | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.names[-1] if self.names else self.first_name

    @property
    def completed(self) -> bool:
        """Whether it is done."""
        return self.ticks % 2 == 1

    @property
    def there(self) -> bool:
        """Whether it should be found."""
        return self.exists and not self.deleted

    @property
    def usable(self) -> bool:
        """Whether the next action may be about it."""
        return self.there and self.doing is None

    def done(self) -> Track:
        """As it is once what is being done is done."""
        assert self.doing is not None
        after = deepcopy(self)
        after.apply()
        return after

    def apply(self) -> None:
        """What was being done is done."""
        match self.doing:
            case Doing("create", section):
                self.exists = True
                self.sections.append(section)
            case Doing("rename", name):
                self.names.append(name)
            case Doing("move", section):
                self.sections.append(section)
            case Doing("comment", text):
                self.comments.append(text)
            case Doing("tick"):
                self.ticks += 1
            case Doing("delete"):
                self.deleted = True
        self.doing = None


@dataclass
class Ledger:
    """All tasks, and counts of what the clients were told. faults: answers that were wrong, in words."""

    tracks: list[Track] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def acknowledge(self, track: Track, body: Any) -> None:
        """The server said that it is done."""
        if track.doing == Doing("create", track.doing.value if track.doing else ""):
            track.gid = body["data"]["gid"]
        self.counts["acknowledged"] += 1
        track.apply()

    def fault(self, what: str) -> None:
        """Something was answered that must not be."""
        self.counts["faults"] += 1
        if len(self.faults) < 20:
            self.faults.append(what)
