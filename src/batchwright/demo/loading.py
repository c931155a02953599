"""Loads the demo into a database that lacks it, as its people would have: call by call, over the past weeks.

Calls of one day run together, so that they share commits; what needs the gids of others comes on a later day.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from batchwright.accounts import Accounts
from batchwright.demo.company import Task, read, tasks
from batchwright.model import moments
from batchwright.model.calls import Call, Caller, Options, Reply

LABEL = "demo"  # stands for the tokens of its people
BOSS = "mira"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
ONLY_GID = Options(fields="gid")
SPRINTS = 4  # how many times tasks were written down
Perform = Callable[[Call], Awaitable[Reply]]
Made = Mapping[str, Any]


def administrator() -> str:
    """The e-mail address of the company's administrator."""
    return str(read()["people"][BOSS]["email"])


def emails() -> list[str]:
    """The e-mail addresses of all its people."""
    return [str(each["email"]) for each in read()["people"].values()]


def password() -> str:
    """A password drawn anew (59 bits), without characters that look alike."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


async def load(accounts: Accounts, perform: Perform) -> bool:
    """Loads the company where it is missing; whether it was."""
    company = read()
    if await accounts.known(administrator()):
        return False
    callers = {}
    for name, each in company["people"].items():
        marks = {mark: each.get(mark, False) for mark in ("admin", "guest")}
        made = await accounts.add_user(each["email"], each["name"], company["workspace"], organization=True, **marks)
        callers[name] = Caller(int(made["user"]["gid"]), LABEL)
        workspace = made["workspace"]["gid"]
    await Loading(perform, callers, workspace).everything(company)
    return True


@dataclass
class Loading:
    """The gids of what was made so far, by names, and the day it is."""

    perform: Perform
    callers: Mapping[str, Caller]
    workspace: str
    today: int = field(default_factory=moments.now)
    now: int = 0
    gids: dict[tuple[str, ...], str] = field(default_factory=dict)

    async def everything(self, company: Made) -> None:
        """The company's history, from its teams to yesterday's comments."""
        todo = tasks(company, datetime.fromtimestamp(self.today / 1000, UTC).date())
        await self.day(60, (self.team(name, each) for name, each in company["teams"].items()))
        await self.day(59, (self.tag(name, color) for name, color in company["tags"].items()))
        await self.day(45, (self.project(each) for each in company["projects"]))
        for sprint in range(SPRINTS):
            await self.day(40 - sprint * 8, (self.task(each) for each in todo[sprint::SPRINTS]))
        await self.day(14, (self.subtasks(parent, names) for parent, names in company["subtasks"].items()))
        await self.day(13, (self.dependencies(task, on) for task, on in company["dependencies"].items()))
        for sprint in range(SPRINTS):
            await self.day(12 - sprint * 2, (self.completion(each) for each in todo[sprint::SPRINTS] if each.done))
        for turn in range(max(map(len, company["comments"].values()))):
            said = ((task, said[turn]) for task, said in company["comments"].items() if turn < len(said))
            await self.day(3 - turn, (self.comment(task, *words) for task, words in said))
        await self.day(1, (self.like(who, task) for task, ((who, _), *_) in company["comments"].items()))

    async def day(self, ago: int, doing: Iterable[Coroutine[Any, Any, None]]) -> None:
        """What happened so many days ago."""
        self.now = self.today - ago * moments.DAY_MS
        await asyncio.gather(*doing)

    async def do(self, who: str, method: str, path: str, **data: Any) -> Made:
        """One call of one person, which must succeed; the reply's data."""
        self.now += 60_000
        call = Call(
            caller=self.callers[who], method=method, relative_path=path, data=data, options=ONLY_GID, now=self.now
        )
        reply = await self.perform(call)
        if reply.status >= 400:
            raise RuntimeError(f"the demo's {method} {path} was answered {reply.status}: {reply.body}")
        made: Made = reply.body["data"]
        return made

    def person(self, name: str) -> str:
        """Somebody's gid."""
        return str(self.callers[name].user)

    async def team(self, name: str, team: Made) -> None:
        """A team and who else is in it."""
        made = await self.do(
            team["lead"], "POST", "/teams", name=name, description=team["about"], organization=self.workspace
        )
        self.gids["team", name] = made["gid"]
        for each in team["others"]:
            await self.do(team["lead"], "POST", f"/teams/{made['gid']}/addUser", user=self.person(each))

    async def tag(self, name: str, color: str) -> None:
        """A tag."""
        made = await self.do(BOSS, "POST", "/tags", name=name, color=color, workspace=self.workspace)
        self.gids["tag", name] = made["gid"]

    async def project(self, project: Made) -> None:
        """A project, its members and its sections; the section that comes with it gets the first name."""
        owner, name = project["owner"], project["name"]
        values = {
            "name": name,
            "notes": project["notes"],
            "color": project["color"],
            "default_view": project["layout"],
            "privacy_setting": project.get("privacy", "public_to_workspace"),
            "team": self.gids["team", project["team"]],
            "workspace": self.workspace,
        }
        made = await self.do(owner, "POST", "/projects", **values)
        path = f"/projects/{made['gid']}"
        self.gids["project", name] = made["gid"]
        await self.do(owner, "POST", f"{path}/addMembers", members=[self.person(each) for each in project["members"]])
        first: Any = await self.do(owner, "GET", f"{path}/sections")
        for number, section in enumerate(project["sections"]):
            if number:
                gid = (await self.do(owner, "POST", f"{path}/sections", name=section))["gid"]
            else:
                gid = (await self.do(owner, "PUT", f"/sections/{first[0]['gid']}", name=section))["gid"]
            self.gids["section", name, section] = str(gid)

    async def task(self, task: Task) -> None:
        """A task in its section."""
        values = {
            "name": task.name,
            "resource_subtype": task.subtype,
            "memberships": [
                {
                    "project": self.gids["project", task.project],
                    "section": self.gids["section", task.project, task.section],
                }
            ],
            "assignee": task.assignee and self.person(task.assignee),
            "due_on": task.due_on,
            "tags": [self.gids["tag", each] for each in task.tags],
            "followers": [self.person(each) for each in task.followers],
            "workspace": self.workspace,
        }
        made = await self.do(task.author, "POST", "/tasks", **values)
        self.gids["task", task.name] = made["gid"]

    async def subtasks(self, parent: str, names: list[str]) -> None:
        """The steps of a task, the first of them completed."""
        path = f"/tasks/{self.gids['task', parent]}/subtasks"
        made = [await self.do(BOSS, "POST", path, name=name) for name in names]
        await self.do(BOSS, "PUT", f"/tasks/{made[0]['gid']}", completed=True)

    async def dependencies(self, task: str, on: list[str]) -> None:
        """What a task waits for."""
        path = f"/tasks/{self.gids['task', task]}/addDependencies"
        await self.do(BOSS, "POST", path, dependencies=[self.gids["task", each] for each in on])

    async def completion(self, task: Task) -> None:
        """A task is done, or what it asked for is approved."""
        done = {"approval_status": "approved"} if task.subtype == "approval" else {"completed": True}
        await self.do(task.assignee or task.author, "PUT", f"/tasks/{self.gids['task', task.name]}", **done)

    async def comment(self, task: str, who: str, words: str) -> None:
        """Something said about a task."""
        await self.do(who, "POST", f"/tasks/{self.gids['task', task]}/stories", text=words)

    async def like(self, who: str, task: str) -> None:
        """Somebody likes a task."""
        await self.do(who, "PUT", f"/tasks/{self.gids['task', task]}", liked=True)
