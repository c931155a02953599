"""The event log: who is told of what, derived from the effects of changes in the transaction that makes them.

A row of it is what one change set tells the subscribers of a task or project (contract/asana-behaviour.md, section 9).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from batchwright.engine.streams import Streams
from batchwright.model import gids, moments
from batchwright.model.changes import Change, Insert, Link, Remove, Set, Trim, Unlink
from batchwright.model.events import Event, stub, written
from batchwright.model.fields import Field, Type
from batchwright.model.kinds import Kind
from batchwright.model.views import Which
from batchwright.store.effects import Effects

KEPT_MS = moments.DAY_MS + 3_600_000  # a sync token is good for a day; an event may be dated a bit before its commit
TRIM_EVERY = 500  # rows between two trims
TRIM_MOST = 2_000  # rows of one trim: more than come in between, so that the log shrinks
ROW = 100  # events of a row, at most: as many as one answer holds
PRIVATE = frozenset(("assignee_section",))  # a person's own order of their work


class Announcer:
    """The rule that writes the log, and lets its oldest rows go now and then."""

    def __init__(self) -> None:
        self._untrimmed = 0

    def __call__(self, effects: Effects) -> tuple[Change, ...]:
        """The log's new rows, numbered in the order of commits."""
        events = [event for change in effects.of for event in _events(effects, change)]
        if not events:
            return ()
        rows: list[Change] = []
        number = effects.last("event")
        who = {"created_at": effects.at, "user": effects.actor or None}
        for stream, told in _told_in(effects, events).items():
            for start in range(0, len(told), ROW):
                part = told[start : start + ROW]
                number = max(gids.make(), number + 1) + len(part) - 1
                rows.append(Insert("event", number, {"stream": stream, **who, "told": written(part)}))
        self._untrimmed += len(rows)
        if self._untrimmed >= TRIM_EVERY:
            self._untrimmed = 0
            rows.append(Trim("event", gids.floor(effects.at - KEPT_MS), TRIM_MOST))
        return tuple(rows)


def _told_in(effects: Effects, events: list[Event]) -> Mapping[int, list[Event]]:
    """The events of each stream, in their order."""
    streams = Streams(effects, (event.of for event in events))
    found: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        for stream in streams.told(event.of, event.action):
            found[stream].append(event)
    return found


def _events(effects: Effects, change: Change) -> Iterable[Event]:
    match change:
        case Insert(kind=kind, gid=gid, values=values):
            return _inserted(kind, gid, values)
        case Set(kind="membership", gid=gid, values=values):
            return _moved(effects, gid, values)
        case Set(kind=kind, gid=gid, values=values):
            return _changed(effects, kind, gid, values)
        case Remove(kind=kind, gid=gid):
            return _removed(effects, kind, gid)
        case Link(table=table, owner=owner, target=target):
            return _linked(effects, table, owner, target, "added")
        case Unlink(table=table, owner=owner, target=target):
            return _linked(effects, table, owner, target, "removed")
    return ()


def _inserted(kind: str, gid: int, values: Mapping[str, Any]) -> Iterable[Event]:
    match kind:
        case "task" if values.get("parent") is not None:
            yield Event((kind, gid), "added", ("task", values["parent"]))
        case "story":
            yield Event((kind, gid), "added", ("task", values["target"]))
        case "section" if values.get("project") is not None:
            yield Event((kind, gid), "added", ("project", values["project"]))
        case "membership":
            yield Event(("task", values["task"]), "added", ("project", values["project"]))
            yield Event(("task", values["task"]), "added", ("section", values["section"]))
        case "task_like" | "story_like":
            yield _liked(kind.removesuffix("_like"), values, "added")


def _moved(effects: Effects, gid: int, values: Mapping[str, Any]) -> Iterable[Event]:
    row = effects.rows("membership", (gid,))[gid]
    if "section" in values:
        yield Event(("task", row["task"]), "removed", ("section", row["section"]))
        yield Event(("task", row["task"]), "added", ("section", values["section"]))


def _removed(effects: Effects, kind: str, gid: int) -> Iterable[Event]:
    row = effects.rows(kind, (gid,))[gid]
    match kind:
        case "task" | "project" | "section":
            yield Event((kind, gid), "deleted")
        case "story" if ("task", row["target"]) not in effects.gone:
            yield Event((kind, gid), "removed", ("task", row["target"]))
        case "membership" if ("task", row["task"]) not in effects.gone:
            yield Event(("task", row["task"]), "removed", ("section", row["section"]))
            yield Event(("task", row["task"]), "removed", ("project", row["project"]))
        case "task_like" | "story_like":
            yield _liked(kind.removesuffix("_like"), row, "removed")


def _liked(kind: str, values: Mapping[str, Any], action: str) -> Event:
    value = stub(("user", values["user"]))
    return Event((kind, values[kind]), "changed", change=_change("likes", action, value))


def _changed(effects: Effects, kind: str, gid: int, values: Mapping[str, Any]) -> Iterable[Event]:
    which = (kind, gid)
    if kind == "task" and "parent" in values:
        old = effects.rows(kind, (gid,))[gid]["parent"]
        if old is not None:
            yield Event(which, "removed", ("task", old))
        if values["parent"] is not None:
            yield Event(which, "added", ("task", values["parent"]))
    for field in _told(effects.kinds[kind], values):
        value = values.get(field.name)
        named = stub((field.target, value)) if field.target and value is not None else None
        yield Event(which, "changed", change=_change(field.name, "changed", named))


def _told(kind: Kind, values: Mapping[str, Any]) -> Iterable[Field]:
    """The fields that people know of; a rich text is told of as its plain one."""
    fields = (kind.by_name[name] for name in values)
    known = dict.fromkeys(each.plain or each.name for each in fields if not (each.read_only or each.hidden))
    return [kind.by_name[name] for name in known if name != "parent" and name not in PRIVATE]


def _change(field: str, action: str, value: Mapping[str, Any] | None) -> dict[str, Any]:
    names = {"changed": "new_value", "added": "added_value", "removed": "removed_value"}
    return {"field": field, "action": action} | ({names[action]: value} if value is not None else {})


def _linked(effects: Effects, table: str, owner: int, target: int, action: str) -> Iterable[Event]:
    """A link is a change of the owner's field, and of the target's where it has one for the other direction.

    What a new row is linked to isn't a change of it.
    """
    kind, field = effects.kinds.by_table[table]
    if field.hidden:
        return
    ours, theirs = (kind.name, owner), (field.target, target)
    if ours not in effects.inserted:
        yield _link(ours, field.name, theirs, action)
    for each in effects.kinds[field.target].fields if theirs not in effects.inserted else ():
        if each.type is Type.REFS and each.relation and (each.relation.table, each.relation.own) == (table, "target"):
            yield _link(theirs, each.name, ours, action)


def _link(of: Which, field: str, value: Which, action: str) -> Event:
    return Event(of, "changed", change=_change(field, action, stub(value)))
