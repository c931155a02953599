"""Sixty tasks drawn at random, and what a search of them should find, told in plain Python."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.world import World

from batchwright.model import gids
from batchwright.model.calls import Caller
from batchwright.model.changes import Change, Changes, Insert, Link
from batchwright.resources import KINDS
from batchwright.store.views import Committed

PEOPLE = ("ann", "bob", "gus")
WORDS = ("bug", "Fix", "debug", "100%", "under_score", "C:\\temp", "it's", '"quoted"', "ÄRGER", "Straße", "a*b", "x")
TEXTS = ("bug", "FIX", "fix bug", "%", "_", "\\", "'", '"', "ärger", "STRASSE", "under_", "rscor", "*", "none such")
DAYS = ("2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03")
EDGES = ("2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000Z", "2026-01-01T12:30:00.000Z", "2026-01-02T00:00:00.000Z")


def ms_of(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).timestamp() * 1000)


def some_of(value: str | None) -> set[str]:
    return set() if value is None else {value}


def day_of(ms: int | None) -> str | None:
    return None if ms is None else dt.datetime.fromtimestamp(ms / 1000, dt.UTC).date().isoformat()


MOMENTS = tuple(ms_of(edge) for edge in EDGES)

PEOPLES = ("assignee", "followers", "created_by", "assigned_by", "liked_by", "commented_on_by")  # filters


@dataclass
class Project:
    gid: str
    team: str | None
    members: set[str]
    open: bool  # everybody but guests sees it
    sections: list[str] = field(default_factory=list)


@dataclass
class Task:
    gid: str
    name: str
    notes: str
    subtype: str
    created_by: str
    created_at: int
    modified_at: int
    assignee: str | None = None
    assigned_by: str | None = None
    own_section: str | None = None
    completed_at: int | None = None
    due_on: str | None = None
    due_at: int | None = None
    start_on: str | None = None
    parent: str | None = None
    places: dict[str, str] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    followers: set[str] = field(default_factory=set)
    likers: set[str] = field(default_factory=set)
    commenters: set[str] = field(default_factory=set)
    waits_for: set[str] = field(default_factory=set)


class Company:
    """What there is, by gid. (No dataclass: hypothesis would print all of it.)"""

    def __init__(self, people: Mapping[str, str]) -> None:
        self.people = people
        self.projects: dict[str, Project] = {}
        self.teams: dict[str, set[str]] = {}  # the people who see it
        self.tags: list[str] = []
        self.own_sections: list[str] = []  # ann's
        self.tasks: dict[str, Task] = {}

    def sees_project(self, who: str, gid: str) -> bool:
        project = self.projects[gid]
        return who in project.members or (project.open and who != self.people["gus"])

    def sees(self, who: str, task: Task) -> bool:
        return (
            who == task.assignee
            or who in task.followers
            or any(self.sees_project(who, gid) for gid in task.places)
            or (task.parent is not None and self.sees(who, self.tasks[task.parent]))
        )

    def knows(self, who: str, person: str) -> bool:
        """Guests know themselves, and who is with them in a project or a team. person: a gid or an address."""
        person = self.people.get(person.partition("@")[0], person)
        together = (project.members for gid, project in self.projects.items() if self.sees_project(who, gid))
        teams = (seen for seen in self.teams.values() if who in seen)
        return who != self.people["gus"] or any(person in group for group in ({who}, *together, *teams))

    def allowed(self, who: str, asked: Mapping[str, str]) -> bool:
        """Whether the caller may name every row that the filters name."""
        for name, value in asked.items():
            named = set(value.split(",")) - {"null"}
            if name.partition(".")[0] in PEOPLES and not all(self.knows(who, gid) for gid in named - {"me"}):
                return False
            if name.startswith("projects.") and not all(self.sees_project(who, gid) for gid in named):
                return False
            homes = {section: gid for gid, project in self.projects.items() for section in project.sections}
            if name.startswith("sections.") and not all(
                who == self.people["ann"] if gid in self.own_sections else self.sees_project(who, homes[gid])
                for gid in named
            ):
                return False
            if name.startswith("teams.") and not all(who in self.teams[gid] for gid in named):
                return False
        return True

    def find(self, who: str, asked: Mapping[str, str]) -> list[str]:
        """The tasks that a search should find, in order."""
        asked = dict(asked)
        sort_by, ascending = asked.pop("sort_by", "modified_at"), asked.pop("sort_ascending", "false") == "true"
        limit = int(asked.pop("limit", 20))
        places = [each for each in asked.items() if each[0] in ("projects.any", "sections.any")]
        rest = [each for each in asked.items() if each not in places]
        found = [
            task
            for task in self.tasks.values()
            if self.sees(who, task)
            and all(self.fits(who, task, *each) for each in rest)
            and (not places or any(self.fits(who, task, *each) for each in places))
        ]
        return [task.gid for task in self.sorted(found, sort_by, ascending, asked.get("text", ""))][:limit]

    def fits(self, who: str, task: Task, name: str, value: str) -> bool:
        base, _, operator = name.partition(".")
        if base == "portfolios":
            return False
        if base in SETS:
            have = SETS[base](self, who, task)
            hits = [not have if gid == "null" else self.named(who, gid) in have for gid in value.split(",")]
            return {"any": any(hits), "not": not any(hits), "all": all(hits)}[operator]
        if base in TIMES:
            return self.in_time(TIMES[base](task), operator, value if base.endswith("_on") else ms_of(value))
        if base == "text":
            text = f"{task.name} {task.notes}".casefold()
            return all(word in text for word in value.casefold().split())
        if base == "resource_subtype":
            return task.subtype == value
        return FLAGS[base](self, who, task) == (value == "true")

    def named(self, who: str, ident: str) -> str:
        if ident == "me":
            return who
        return next((self.people[each] for each in PEOPLE if ident == f"{each}@acme.example"), ident)

    @staticmethod
    def in_time(have: Any, operator: str, value: Any) -> bool:
        if operator:
            return have is not None and (have < value if operator == "before" else have > value)
        return bool(have is None if value == "null" else have == value)

    def sorted(self, tasks: Iterable[Task], by: str, ascending: bool, text: str) -> list[Task]:
        """Missing values last, whichever the direction."""
        words = text.casefold().split()

        def keys(task: Task) -> tuple[Any, ...]:
            name = task.name.casefold()
            begun = all(f" {word}" in f" {name}" for word in words)
            return {
                "modified_at": (task.modified_at,),
                "created_at": (task.created_at,),
                "completed_at": (task.completed_at,),
                "due_date": (task.due_on, task.due_at),
                "likes": (len(task.likers),),
                "relevance": (begun, all(word in name for word in words), task.modified_at),
            }[by]

        found = sorted(tasks, key=lambda task: int(task.gid), reverse=not ascending)
        for place in reversed(range(len(keys(found[0])) if found else 0)):
            by_key = {task.gid: keys(task)[place] for task in found}
            known = [task for task in found if by_key[task.gid] is not None]
            missing = [task for task in found if by_key[task.gid] is None]
            found = sorted(known, key=lambda task: by_key[task.gid], reverse=not ascending) + missing
        return found


Have = Callable[[Company, str, Task], set[str]]
SETS: dict[str, Have] = {
    "assignee": lambda _, who, task: some_of(task.assignee),
    "assigned_by": lambda _, who, task: some_of(task.assigned_by),
    "created_by": lambda _, who, task: {task.created_by},
    "followers": lambda _, who, task: task.followers,
    "liked_by": lambda _, who, task: task.likers,
    "commented_on_by": lambda _, who, task: task.commenters,
    "tags": lambda _, who, task: task.tags,
    "projects": lambda company, who, task: {gid for gid in task.places if company.sees_project(who, gid)},
    "sections": lambda company, who, task: (
        {section for gid, section in task.places.items() if company.sees_project(who, gid)}
        | (some_of(task.own_section) if who == task.assignee else set())
    ),
    "teams": lambda company, who, task: {
        team
        for gid in task.places
        if company.sees_project(who, gid)
        and (team := company.projects[gid].team) is not None
        and who in company.teams[team]
    },
}
TIMES: dict[str, Callable[[Task], Any]] = {
    "due_on": lambda task: task.due_on,
    "start_on": lambda task: task.start_on,
    "created_on": lambda task: day_of(task.created_at),
    "modified_on": lambda task: day_of(task.modified_at),
    "completed_on": lambda task: day_of(task.completed_at),
    "due_at": lambda task: task.due_at,
    "created_at": lambda task: task.created_at,
    "modified_at": lambda task: task.modified_at,
    "completed_at": lambda task: task.completed_at,
}
FLAGS: dict[str, Callable[[Company, str, Task], bool]] = {
    "completed": lambda _, who, task: task.completed_at is not None,
    "is_subtask": lambda company, who, task: task.parent is not None and company.sees(who, company.tasks[task.parent]),
    "has_attachment": lambda _, who, task: False,
    "is_blocking": lambda company, who, task: (
        task.completed_at is None
        and any(task.gid in other.waits_for and company.sees(who, other) for other in company.tasks.values())
    ),
    "is_blocked": lambda company, who, task: any(
        company.tasks[gid].completed_at is None and company.sees(who, company.tasks[gid]) for gid in task.waits_for
    ),
}


def _row(kind: str, gid: str, **values: Any) -> Insert:
    row = {each.name: each.default for each in KINDS[kind].columns}
    known = {"created_at": MOMENTS[0], "modified_at": MOMENTS[0], "created_by": None}
    return Insert(kind, int(gid), row | {name: known[name] for name in known if name in row} | values)


def _new() -> str:
    return str(gids.make())


async def build(world: World, seed: int = 20) -> Company:
    """Writes a company into the store."""
    draw = random.Random(seed)
    company = Company({name: getattr(world, name).gid for name in PEOPLE})
    ann, bob, gus = (company.people[name] for name in PEOPLE)
    home = int(world.workspace)
    changes: list[Change] = []
    public, secret = _new(), _new()
    company.teams = {public: {ann, bob}, secret: {ann}}
    for team, visibility in ((public, "public"), (secret, "secret")):
        changes.append(_row("team", team, name="A team", organization=home, visibility=visibility))
    for team, user in ((public, bob), (secret, ann)):
        changes.append(_row("team_membership", _new(), team=int(team), user=int(user)))
    for privacy, team, members in (
        ("public_to_workspace", public, set()),
        ("private_to_team", public, {bob}),
        ("private", secret, {ann, gus}),
        ("private", public, {ann}),
    ):
        project = Project(_new(), team, members, privacy == "public_to_workspace", [_new(), _new()])
        company.projects[project.gid] = project
        values = {"name": "A project", "workspace": home, "team": int(team), "privacy_setting": privacy}
        changes.append(_row("project", project.gid, **values))
        if privacy == "private":
            changes += [Link("project_members", int(project.gid), int(user)) for user in members]
        changes += [_row("section", gid, name="S", project=int(project.gid)) for gid in project.sections]
    company.tags = [_new(), _new(), _new()]
    changes += [_row("tag", gid, name="A tag", workspace=home) for gid in company.tags]
    own = (await Committed(world.store, Caller(0, "")).find("user_task_list", "owner", int(ann)))[0]["gid"]
    company.own_sections = [_new()]
    changes.append(_row("section", company.own_sections[0], name="Today", user_task_list=own))
    await world.store.commit(Changes(tuple(changes), int(ann), MOMENTS[0]))
    for _ in range(60):
        task = _drawn(draw, company)
        company.tasks[task.gid] = task
        await world.store.commit(Changes(tuple(_written(task, home)), int(task.created_by), task.modified_at))
    await _read_back(world, company)
    return company


def _drawn(draw: random.Random, company: Company) -> Task:
    def some(things: Iterable[str], share: float = 0.3) -> set[str]:
        return {each for each in things if draw.random() < share}

    people, others = list(company.people.values()), list(company.tasks)
    assignee = draw.choice([*people, None])
    due_at = draw.choice([None, None, *MOMENTS])
    places = some(company.projects, 0.25)
    return Task(
        gid=_new(),
        name=" ".join(draw.sample(WORDS, draw.randint(1, 3))),
        notes=" ".join(draw.sample(WORDS, draw.randint(0, 2))),
        subtype=draw.choice(("default_task", "milestone", "approval")),
        created_by=draw.choice(people),
        created_at=draw.choice(MOMENTS),
        modified_at=draw.choice(MOMENTS),
        assignee=assignee,
        assigned_by=draw.choice(people) if assignee else None,
        own_section=company.own_sections[0] if assignee == company.people["ann"] and draw.random() < 0.5 else None,
        completed_at=draw.choice([None, None, *MOMENTS]),
        due_on=day_of(due_at) if due_at else draw.choice([None, *DAYS]),
        due_at=due_at,
        start_on=draw.choice([None, *DAYS]),
        parent=draw.choice(others) if others and draw.random() < 0.2 else None,
        places={gid: draw.choice(company.projects[gid].sections) for gid in sorted(places)},
        tags=some(company.tags),
        followers=some(people, 0.2),
        likers=some(people),
        commenters=some(people),
        waits_for=some(others, 0.05),
    )


def _written(task: Task, home: int) -> Iterable[Change]:
    gid = int(task.gid)
    rows = {name: getattr(task, name) for name in ("assignee", "assigned_by", "created_by", "parent")}
    plain = ("name", "notes", "completed_at", "created_at", "modified_at", "due_on", "due_at", "start_on")
    yield _row(
        "task",
        task.gid,
        workspace=home,
        resource_subtype=task.subtype,
        completed=task.completed_at is not None,
        assignee_section=task.own_section and int(task.own_section),
        **{name: getattr(task, name) for name in plain},
        **{name: value and int(value) for name, value in rows.items()},
    )
    for project, section in task.places.items():
        yield _row("membership", _new(), task=gid, project=int(project), section=int(section))
    yield from (Link("task_tags", gid, int(each)) for each in task.tags)
    yield from (Link("task_followers", gid, int(each)) for each in task.followers)
    yield from (Link("task_dependencies", gid, int(each)) for each in task.waits_for)
    yield from (_row("task_like", _new(), task=gid, user=int(each)) for each in task.likers)
    for each in task.commenters:
        yield _row("story", _new(), target=gid, created_by=int(each), type="comment", text="hm")
    # Something that is no comment, by everybody.
    yield _row("story", _new(), target=gid, created_by=int(task.created_by), type="system", text="did something")


async def _read_back(world: World, company: Company) -> None:
    # When a task counts as modified is decided elsewhere; here it is only looked for.
    view = Committed(world.store, Caller(0, ""))
    for gid, row in (await view.rows("task", map(int, company.tasks), "modified_at")).items():
        company.tasks[str(gid)].modified_at = row["modified_at"]
