"""The demo's company as `company.toml` tells it, and what is drawn: who does a task, until when, with which tag."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

DONE = "Done"  # the section of completed tasks
SEED = 20_260_301


@dataclass(frozen=True, slots=True)
class Task:
    """One task: names of what it is in, and what was drawn for it."""

    name: str
    project: str
    section: str
    subtype: str
    author: str
    assignee: str | None
    due_on: str | None
    tags: tuple[str, ...]
    followers: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether it is completed."""
        return self.section == DONE


@cache
def read() -> Mapping[str, Any]:
    """The file."""
    return tomllib.loads((files("batchwright.demo") / "company.toml").read_text("utf-8"))


def tasks(company: Mapping[str, Any], today: date) -> list[Task]:
    """The projects' tasks, in the order of the file; the same at every call but for the days, which follow today."""
    draw = Random(SEED)
    subtypes = {name: subtype for subtype, names in company["subtypes"].items() for name in names}
    return [
        _drawn(draw, today, project, section, name, subtypes.get(name, "default_task"))
        for project in company["projects"]
        for section, names in project["sections"].items()
        for name in names
    ]


def _drawn(draw: Random, today: date, project: Mapping[str, Any], section: str, name: str, subtype: str) -> Task:
    people = (project["owner"], *project["members"])
    done = section == DONE
    assignee = draw.choice(people) if done or subtype != "default_task" or draw.random() < 0.75 else None
    days = draw.randint(-40, -3) if done else draw.randint(-4, 45)
    due = done or subtype == "milestone" or draw.random() < 0.65
    return Task(
        name,
        project["name"],
        section,
        subtype,
        author=draw.choice(people),
        assignee=assignee,
        due_on=(today + timedelta(days)).isoformat() if due else None,
        tags=tuple(draw.sample(project["tags"], draw.choice((0, 0, 1, 1, 2)))),
        followers=tuple(draw.sample(people, draw.choice((0, 0, 1)))),
    )
