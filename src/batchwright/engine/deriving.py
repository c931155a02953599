"""What follows from changes, in the transaction that writes them: rules applied in turn, each seeing the last one's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from batchwright.model.changes import Change, Changes, Insert, Link, Remove, Set, Unlink
from batchwright.model.conditions import Reading
from batchwright.model.fields import Type
from batchwright.model.kinds import Kind, Kinds
from batchwright.model.views import Key, Which
from batchwright.store.effects import Effects
from batchwright.store.interface import Before, Derive, Foresee

Rule = Callable[[Effects], tuple[Change, ...]]
Ahead = Callable[[Kinds, Sequence[Changes]], Iterable[tuple[Reading, Iterable[Key]]]]


def composed(kinds: Kinds, *rules: Rule) -> Derive:
    """All that the rules derive from the effects of a change set and from what the rules before them derived."""

    def derive(changes: Changes, before: Before) -> tuple[Change, ...]:
        effects = Effects(changes, before, kinds)
        derived: tuple[Change, ...] = ()
        for rule in rules if effects.of else ():
            made = rule(effects)
            effects.add(made)
            derived += made
        return derived

    return derive


def foreseeing(kinds: Kinds, *rules: Ahead) -> Foresee:
    """What the rules are going to read for a group of change sets, each reading once."""

    def foresee(many: Sequence[Changes]) -> Iterable[tuple[Reading, Iterable[Key]]]:
        found: dict[Reading, dict[Key, None]] = defaultdict(dict)
        for rule in rules:
            for reading, keys in rule(kinds, many):
                found[reading].update(dict.fromkeys(keys))
        return found.items()

    return foresee


def touching(effects: Effects) -> tuple[Change, ...]:
    """modified_at of what was changed: a row's own columns; for a task also its links, its stories and its subtasks.

    So Asana has it: liking a task, or moving it, doesn't count, but the stories that tell of it do (TaskBase and
    ProjectBase, modified_at).
    """
    touched = dict.fromkeys(which for change in effects.of for which in _touched(effects, change))
    stale = (which for which in touched if which not in effects.inserted and which not in effects.gone)
    return tuple(Set(kind, gid, {"modified_at": effects.at}) for kind, gid in stale)


def _touched(effects: Effects, change: Change) -> Iterable[Which]:
    match change:
        case Set(kind=kind, gid=gid, values=values):
            if _has_moment(effects.kinds[kind]) and any(_told(effects.kinds[kind], name) for name in values):
                yield kind, gid
            if kind == "task" and "parent" in values:
                yield from _tasks(values["parent"], effects.rows(kind, (gid,), "parent")[gid]["parent"])
        case Insert(kind="task", values=values):
            yield from _tasks(values.get("parent"))
        case Insert(kind="story", values=values):
            yield from _tasks(values["target"])
        case Remove(kind="task" | "story" as kind, gid=gid):
            of = "parent" if kind == "task" else "target"
            yield from _tasks(effects.rows(kind, (gid,), of)[gid][of])
        case Link(table=table, owner=owner) | Unlink(table=table, owner=owner):
            if effects.kinds.by_table[table][0].name == "task":
                yield "task", owner


def _has_moment(kind: Kind) -> bool:
    return kind.has("modified_at") and kind.by_name["modified_at"].stored


def _told(kind: Kind, name: str) -> bool:
    return name != "modified_at" and kind.by_name[name].type is not Type.RANK


def _tasks(*gids: int | None) -> Iterable[Which]:
    return (("task", gid) for gid in gids if gid is not None)
