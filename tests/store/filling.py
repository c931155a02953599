"""A few hundred rows of every kind in several workspaces, so that a database's planner has something to choose from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.world import World

from batchwright.model import gids, moments
from batchwright.model.changes import Change, Changes, Insert, Link
from batchwright.resources import KINDS
from batchwright.store.databases import open_store

WORKSPACES, PEOPLE, TEAMS, PROJECTS, SECTIONS, TAGS, TASKS = 6, 12, 3, 5, 3, 4, 60


@dataclass
class Filling:
    """Makes the rows. last: the gid of the latest row of each kind."""

    author: int
    at: int = field(default_factory=moments.now)
    last: dict[str, int] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def row(self, kind: str, **values: Any) -> Insert:
        """A row with the defaults of its kind."""
        number = next(self._numbers)
        at = self.at - number * 1000
        known = {"created_at": at, "modified_at": at, "created_by": self.author, "name": f"{kind} {number}"}
        known |= {"rank": f"a{number:06}"}
        made = {each.name: known.get(each.name, each.default) for each in KINDS[kind].columns} | values
        self.last[kind] = gids.make()
        return Insert(kind, self.last[kind], made)

    def workspace(self, home: int, people: list[int]) -> Iterator[Change]:
        """All that is in a workspace whose people are members of it already."""
        for _ in range(PEOPLE):
            yield (user := self.row("user", email=f"{gids.make()}@filled.example"))
            yield (own := self.row("user_task_list", owner=user.gid, workspace=home))
            yield self.row("workspace_membership", user=user.gid, workspace=home, user_task_list=own.gid)
            yield self.row("section", user_task_list=own.gid)
            people.append(user.gid)
        tags = []
        for _ in range(TAGS):
            yield (tag := self.row("tag", workspace=home))
            tags.append(tag.gid)
        for number in range(TEAMS):
            yield (team := self.row("team", organization=home))
            for member in (people[0], *people[1 + number :: 2]):
                yield self.row("team_membership", team=team.gid, user=member)
            for _ in range(PROJECTS):
                yield from self.project(home, team.gid, people, tags)

    def project(self, home: int, team: int, people: list[int], tags: list[int]) -> Iterator[Change]:
        """A project with its sections and tasks, among them subtasks and some that wait for others."""
        owner = people[next(self._numbers) % len(people)]
        yield (project := self.row("project", workspace=home, team=team, owner=owner))
        yield self.row("favorite", user=owner, workspace=home, target=project.gid)
        yield from (Link("project_members", project.gid, user) for user in people[::3])
        sections = [self.row("section", project=project.gid) for _ in range(SECTIONS)]
        yield from sections
        before = None
        for number in range(TASKS // PROJECTS):
            assignee, follower = people[number % len(people)], people[(number + 1) % len(people)]
            yield (task := self.row("task", workspace=home, assignee=assignee, parent=before if number % 4 else None))
            section = sections[number % SECTIONS].gid
            yield self.row("membership", task=task.gid, project=project.gid, section=section)
            yield Link("task_followers", task.gid, follower)
            yield Link("task_tags", task.gid, tags[number % TAGS])
            if before:
                yield Link("task_dependencies", task.gid, before)
            yield self.row("task_like", task=task.gid, user=assignee)
            yield (story := self.row("story", target=task.gid, type="comment", resource_subtype="comment_added"))
            yield self.row("story_like", story=story.gid, user=follower)
            for stream in (task.gid, project.gid):
                yield self.row("event", stream=stream, told='[[["task", 1], "added"]]')
            yield self.row("job", resource_subtype="duplicate_task", status="succeeded")
            before = task.gid


async def fill(world: World, db: str) -> Mapping[str, str]:
    """Fills a world's database, ann's workspace last: the gid of a row of each kind, there where there are several."""
    store = open_store(db, KINDS, lambda changes, before: ())
    filling = Filling(int(world.ann.gid))
    for _ in range(WORKSPACES - 1):
        home = filling.row("workspace", email_domains="[]")
        await store.commit(Changes((home, *filling.workspace(home.gid, [])), 0, filling.at))
    people = [int(each.gid) for each in (world.ann, world.bob, world.gus)]
    await store.commit(Changes(tuple(filling.workspace(int(world.workspace), people)), 0, filling.at))
    await store.close()
    shown = {kind: str(gid) for kind, gid in filling.last.items()}
    return shown | {"workspace": world.workspace, "user": world.ann.gid}
