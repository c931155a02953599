"""In which streams an event is told: it bubbles from a story to its task, to the tasks above it, to their projects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from batchwright.model.changes import Changes, Insert, Link, Remove, Set, Unlink
from batchwright.model.conditions import Reading
from batchwright.model.kinds import Kinds
from batchwright.model.views import Key, Which
from batchwright.store.effects import Effects

PLACES = Reading("membership", "task", ("gid", "project"))

BOTH = (0, 1)  # before the changes, and after
SIDES = {"added": (1,), "removed": (0,), "deleted": (0,)}


def placed(kinds: Kinds, many: Sequence[Changes]) -> Iterable[tuple[Reading, Iterable[Key]]]:
    """Where the tasks stand that are changed themselves."""
    tasks: dict[Key, None] = {}
    for changes in many:
        new = {each.gid for each in changes.of if isinstance(each, Insert)}
        for each in changes.of:
            if isinstance(each, Set | Remove) and each.kind == "task":
                tasks[each.gid] = None
            elif isinstance(each, Link | Unlink) and kinds.by_table[each.table][0].name == "task":
                tasks |= {} if each.owner in new else {each.owner: None}
    yield PLACES, tasks


class Streams:
    """The tasks and projects around some rows, before and after the changes: a few readings for all of them.

    What the changes themselves have made is left out: nobody could subscribe to it yet.
    """

    def __init__(self, effects: Effects, rows: Iterable[Which]) -> None:
        self._effects = effects
        self._tasks = self._targets(rows)
        self._above: tuple[dict[int, int | None], dict[int, int | None]] = ({}, {})
        self._load_above()
        self._projects = self._load_projects()
        self._known: dict[tuple[Which, tuple[int, ...]], list[int]] = {}

    def told(self, which: Which, action: str) -> Iterable[int]:
        """The gids of the tasks and projects to tell: what stood above before for what goes, after for what comes."""
        # What is told of a task and of its stories is told to the same.
        at = (("task", self._tasks[which]) if which in self._tasks else which, SIDES.get(action, BOTH))
        if at not in self._known:
            found = dict.fromkeys(gid for side in at[1] for gid in self._around(at[0], side))
            new = self._effects.inserted
            self._known[at] = [gid for gid in found if ("task", gid) not in new and ("project", gid) not in new]
        return self._known[at]

    def _around(self, which: Which, side: int) -> Iterable[int]:
        kind, gid = which
        if kind == "project":
            return (gid,)
        if kind == "section":
            project = self._effects.after(kind, (gid,), "project")[gid]["project"]
            return () if project is None else (project,)
        return self._climb(gid, side) if kind == "task" else ()

    def _climb(self, task: int | None, side: int) -> Iterable[int]:
        """The task, those above it, and their projects."""
        seen: dict[int, None] = {}
        while task is not None and task not in seen:
            seen[task] = None
            task = self._above[side].get(task)
        return (*seen, *(project for each in seen for project in self._projects[side][each]))

    def _targets(self, rows: Iterable[Which]) -> dict[Which, int]:
        """The task of each row that is a task or a story."""
        wanted = dict.fromkeys(rows)
        stories = self._effects.after("story", (gid for kind, gid in wanted if kind == "story"), "target")
        tasks = {(kind, gid): gid for kind, gid in wanted if kind == "task"}
        return tasks | {("story", gid): row["target"] for gid, row in stories.items()}

    def _load_above(self) -> None:
        level = set(self._tasks.values())
        while level:
            for side, read in enumerate((self._effects.rows, self._effects.after)):
                self._above[side].update((gid, row["parent"]) for gid, row in read("task", level, "parent").items())
            parents = {above.get(gid) for above in self._above for gid in level}
            level = {gid for gid in parents if gid is not None} - self._above[0].keys() - self._above[1].keys()

    def _load_projects(self) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
        effects = self._effects
        before: dict[int, set[int]] = defaultdict(set)
        after: dict[int, set[int]] = defaultdict(set)
        old = (gid for gid in self._above[0] if ("task", gid) not in effects.inserted)
        for task, rows in effects.related(PLACES, old).items():
            before[task] = {project for _, project in rows}
            after[task] = {project for gid, project in rows if ("membership", gid) not in effects.gone}
        for change in effects.of:
            if isinstance(change, Insert) and change.kind == "membership":
                after[change.values["task"]].add(change.values["project"])
        return before, after
