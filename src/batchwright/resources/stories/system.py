"""System stories: a task's own record of its changes, written in the transaction that makes them.

What they say is made of the names of that moment and stays as it was said (contract/asana-behaviour.md, section 15).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from batchwright.model import gids, richtext
from batchwright.model.changes import Change, Changes, Insert, Link, Notice, Remove, Set, Unlink
from batchwright.model.conditions import Reading
from batchwright.model.kinds import Kinds
from batchwright.model.views import Key
from batchwright.resources.stories.kind import STORY
from batchwright.resources.stories.told import Told, told_of_fields
from batchwright.store.effects import Effects

BLANK: Mapping[str, Any] = {each.name: each.default for each in STORY.columns} | {"type": "system"}
NOBODY = "Asana"  # who acts when the server acts by itself, as in recorded stories
NOTICES = {"duplicated": "{actor} duplicated this task from {duplicated_from}"}
# What the two ends of a link tell: subtype, text, the story's field that names the other end.
OWNERS: Mapping[tuple[str, type[Change]], tuple[str, str, str]] = {
    ("task_followers", Link): ("follower_added", "{actor} added {follower} as a collaborator", "follower"),
    ("task_tags", Link): ("added_to_tag", "{actor} added this task to {tag}", "tag"),
    ("task_tags", Unlink): ("removed_from_tag", "{actor} removed this task from {tag}", "tag"),
    ("task_dependencies", Link): (
        "dependency_added",
        "{actor} marked this task as waiting for {dependency}",
        "dependency",
    ),
    ("task_dependencies", Unlink): (
        "dependency_removed",
        "{actor} marked this task as no longer waiting for {dependency}",
        "dependency",
    ),
}
TARGETS: Mapping[tuple[str, type[Change]], tuple[str, str, str]] = {
    ("task_dependencies", Link): ("dependent_added", "{actor} marked this task as blocking {task}", "task"),
    ("task_dependencies", Unlink): (
        "dependent_removed",
        "{actor} marked this task as no longer blocking {task}",
        "task",
    ),
}


def telling(effects: Effects) -> tuple[Change, ...]:
    """A story for each change that a task's feed tells of; none on a task that goes."""
    told = [each for change in effects.of for each in _told(effects, change)]
    told = [each for each in (*told, *_moves(effects)) if ("task", each.task) not in effects.gone]
    # A new task's first story is that it came into a project, whatever else is said of it.
    told.sort(key=lambda each: each.subtype != "added_to_project")
    names = _names(effects, told)
    return tuple(_story(effects, each, names) for each in told)


def spoken_of(kinds: Kinds, many: Sequence[Changes]) -> Iterable[tuple[Reading, Iterable[Key]]]:
    """The names that stories are going to say, as far as the changes show."""
    named: dict[str, set[Key]] = defaultdict(set)
    for changes in many:
        new = {each.gid for each in changes.of if isinstance(each, Insert)}
        named["user"].add(changes.actor)
        for each in changes.of:
            match each:
                case Insert(kind="task", values=values) | Set(kind="task", values=values) if values.get("assignee"):
                    named["user"].add(values["assignee"])
                case Insert(kind="membership", values={"project": project}):
                    named["project"].add(project)
                case Link(table="task_followers", owner=owner) if owner in new:
                    pass  # a new task's first followers are no news
                case Link(table=table, target=target) | Unlink(table=table, target=target):
                    if (table, type(each)) in OWNERS:
                        named[kinds.by_table[table][1].target].add(target)
    for kind, keys in named.items():
        yield Reading(kind, columns=("name",)), keys


def _told(effects: Effects, change: Change) -> Iterable[Told]:
    match change:
        case Insert(kind="task", gid=gid, values=values):
            placed = {name: values[name] for name in ("assignee", "parent") if values.get(name)}
            return told_of_fields(gid, {}, placed)
        case Set(kind="task", gid=gid, values=values):
            return told_of_fields(gid, effects.rows("task", (gid,))[gid], values)
        case Insert(kind="story_like", values=values):
            return _liked(effects, values["story"])
        case Link() | Unlink():
            return _linked(effects, change)
        case Notice(kind="task", gid=gid, name=name, values=values) if name in NOTICES:
            return (Told(gid, name, NOTICES[name], values),)
    return ()


def _linked(effects: Effects, change: Link | Unlink) -> Iterable[Told]:
    key, owner, target = (change.table, type(change)), change.owner, change.target
    if change.table == "task_followers" and _expected(effects, owner, target):
        return
    if key in OWNERS:
        subtype, text, field = OWNERS[key]
        yield Told(owner, subtype, text, {field: target})
    if key in TARGETS:
        subtype, text, field = TARGETS[key]
        yield Told(target, subtype, text, {field: owner})


def _expected(effects: Effects, task: int, follower: int) -> bool:
    """A task's first followers, oneself, and who becomes the assignee with the same change are no news."""
    new, assignee = ("task", task) in effects.inserted, effects.set.get(("task", task), {}).get("assignee")
    return new or follower in (effects.actor, assignee)


def _liked(effects: Effects, story: int) -> Iterable[Told]:
    row = effects.after("story", (story,), "target", "type").get(story)
    if row and row["type"] == "comment":
        yield Told(row["target"], "comment_liked", "{actor} liked your comment", {"story": story})


def _moves(effects: Effects) -> Iterable[Told]:
    """Where tasks came from and went to; leaving a project and entering it again at once is a move inside it."""
    left: dict[tuple[int, int], int] = {}
    came: dict[tuple[int, int], int] = {}
    for change in effects.of:
        match change:
            case Insert(kind="membership", values=new):
                came[new["task"], new["project"]] = new["section"]
            case Remove(kind="membership", gid=gid) | Set(kind="membership", gid=gid):
                row = effects.rows("membership", (gid,))[gid]
                left[row["task"], row["project"]] = row["section"]
                if isinstance(change, Set):
                    came[row["task"], row["project"]] = change.values.get("section", row["section"])
    for task, project in {**left, **came}:
        old, new_section = left.get((task, project)), came.get((task, project))
        if old is None:
            yield Told(task, "added_to_project", "{actor} added this task to {project}", {"project": project})
        elif new_section is None:
            yield Told(task, "removed_from_project", "{actor} removed this task from {project}", {"project": project})
        elif old != new_section:
            text = '{actor} moved this Task from "{old_section}" to "{new_section}" in {project}'
            sections = {"old_section": old, "new_section": new_section}
            yield Told(task, "section_changed", text, {"project": project, **sections})


def _names(effects: Effects, told: Iterable[Told]) -> Mapping[tuple[str, int], str]:
    """The names of all that is spoken of: one reading a kind."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for each in told:
        wanted["user"].add(effects.actor)
        for field, value in each.values.items():
            wanted[STORY.by_name[field].target].add(value)
    spoken = ((kind, gids) for kind, gids in wanted.items() if kind and effects.kinds[kind].has("name"))
    return {(kind, gid): row["name"] for kind, gids in spoken for gid, row in effects.after(kind, gids, "name").items()}


def _story(effects: Effects, told: Told, names: Mapping[tuple[str, int], str]) -> Insert:
    words = {"actor": names.get(("user", effects.actor), NOBODY)}
    kept = dict(told.values)
    for field, value in told.values.items():
        target = STORY.by_name[field].target
        words[field] = names.get((target, value), "") if target else value
        if target and _goes(effects, target, value):
            kept[field] = None
    text = told.text.format_map(words)
    said = {"text": text, "html_text": richtext.from_text(text), "resource_subtype": told.subtype}
    made = {"created_at": effects.at, "created_by": effects.actor or None, "target": told.task}
    return Insert("story", gids.make(), {**BLANK, **said, **made, **kept})


def _goes(effects: Effects, kind: str, gid: int) -> bool:
    """Whether a row is removed by the same changes: a story can speak of it but not refer to it."""
    if (kind, gid) in effects.gone:
        return True
    if kind != "section" or not any(gone == "project" for gone, _ in effects.gone):
        return False
    row = effects.after(kind, (gid,), "project").get(gid)
    return row is not None and ("project", row["project"]) in effects.gone
