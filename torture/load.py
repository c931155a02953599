"""Mixed load: each client sends batches of ten actions, each action about another one of its own tasks."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from torture.ledger import Doing, Ledger, Track, Verb
from torture.servers import People
from torture.wire import Line, Lost

ACTIONS = 10
MIX: dict[Verb | str, int] = {"create": 3, "rename": 2, "move": 2, "tick": 2, "comment": 2, "delete": 1, "read": 1}
PATIENCE = 20  # seconds within which a client must be served, whatever happened before
BEFORE_ANYTHING = (429, 503)  # a batch that is answered so was refused as a whole: nothing of it may be done
PAUSE = 0.02  # seconds before a client tries again after it was turned away
Planned = tuple[Track, Doing | None, dict[str, Any]]  # None: a read


@dataclass(frozen=True)
class Place:
    """Where the tasks go: a project and its sections."""

    people: People
    project: str
    sections: tuple[str, ...]


async def make_place(port: int, people: People) -> Place:
    """A project with four sections."""
    line = Line(port, people.token)
    made = {"name": "Torture", "workspace": people.workspace}
    project = (await line.ask("POST", "/projects", made))[1]["data"]["gid"]
    sections = [
        (await line.ask("POST", f"/projects/{project}/sections", {"name": name}))[1]["data"]["gid"]
        for name in ("Todo", "Doing", "Waiting", "Done")
    ]
    line.close()
    return Place(people, project, tuple(sections))


@dataclass
class Client:
    """One connection and the tasks that only it changes."""

    number: int
    place: Place
    ledger: Ledger
    random: random.Random
    tracks: list[Track] = field(default_factory=list)
    made: int = 0
    good: int = 0  # batches of which everything was done

    async def run(self, line: Line, stop: asyncio.Event, *, stay: bool) -> None:
        """Batches until told to stop. stay: go on when the server is away, else end."""
        try:
            while not stop.is_set() or self.waits:
                try:
                    if await self.step(line):
                        self.good += 1
                        continue
                except Lost:
                    self.ledger.counts["connections lost"] += 1
                    if not stay:
                        return
                await asyncio.sleep(PAUSE)
        finally:
            line.close()

    @property
    def waits(self) -> bool:
        """Whether it has something to send before it may stop."""
        return False

    async def step(self, line: Line) -> bool:
        """One batch; whether all of it was done. Raises Lost."""
        await line.open()  # before anything is planned: what can't be sent isn't unknown
        planned = self.plan()
        for track, doing, _ in planned:
            track.doing = doing
        status, body = await line.batch([action for _, _, action in planned])
        if status != 200:
            self.refused(status, body)
            for track, doing, _ in planned if status in BEFORE_ANYTHING else ():
                track.doing = None
                if doing and doing.verb == "create":
                    self.tracks.remove(track)
            return False
        good = True
        for (track, doing, action), result in zip(planned, body["data"], strict=True):
            code, answer = result["status_code"], result["body"]
            if code >= 400:
                good = False
                self.refused(code, answer, f"{action['method']} {action['relative_path']}")
            elif doing is None:
                self.seen(track, answer["data"])
            else:
                self.ledger.acknowledge(track, answer)
        return good

    def plan(self) -> list[Planned]:
        """Ten actions about ten tasks."""
        free = [track for track in self.tracks if track.usable]
        self.random.shuffle(free)
        verbs = self.random.choices(list(MIX), list(MIX.values()), k=ACTIONS)
        return [self._new() if verb == "create" or not free else self._on(free.pop(), verb) for verb in verbs]

    def _new(self) -> Planned:
        track = Track(self._word("task"))
        self.tracks.append(track)
        self.ledger.tracks.append(track)
        section = self.random.choice(self.place.sections)
        people = self.place.people
        data = {
            "name": track.first_name,
            "notes": track.first_name,
            "workspace": people.workspace,
            "assignee": people.ann,
            "followers": [people.bob],
            "memberships": [{"project": self.place.project, "section": section}],
        }
        return track, Doing("create", section), _action("post", "/tasks", data)

    def _on(self, track: Track, verb: str) -> Planned:
        path = f"/tasks/{track.gid}"
        match verb:
            case "rename":
                name = self._word("name")
                return track, Doing("rename", name), _action("put", path, {"name": name, "notes": name})
            case "move":
                section = self.random.choice([each for each in self.place.sections if each != track.sections[-1]])
                data = {"project": self.place.project, "section": section}
                return track, Doing("move", section), _action("post", f"{path}/addProject", data)
            case "tick":
                return track, Doing("tick"), _action("put", path, {"completed": not track.completed})
            case "comment":
                text = self._word("comment")
                return track, Doing("comment", text), _action("post", f"{path}/stories", {"text": text})
            case "delete":
                return track, Doing("delete"), _action("delete", path)
        fields = {"fields": ["name", "notes", "completed", "memberships.section.gid"]}
        return track, None, _action("get", path) | {"options": fields}

    def _word(self, what: str) -> str:
        self.made += 1
        return f"{what} {self.number}.{self.made}"

    def seen(self, track: Track, task: dict[str, Any]) -> None:
        """What is read must be what was acknowledged."""
        self.ledger.counts["reads"] += 1
        seen = (
            task["name"],
            task["notes"],
            task["completed"],
            [each["section"]["gid"] for each in task["memberships"]],
        )
        known = (track.name, track.name, track.completed, track.sections[-1:])
        if seen != known:
            self.ledger.fault(f"task {track.gid} was read as {seen}, and {known} was acknowledged")

    def refused(self, code: int, body: Any, what: str = "the batch") -> None:
        """No client does anything wrong, so only limits and the server's own trouble may be told, in Asana's words."""
        self.ledger.counts[str(code)] += 1
        shaped = isinstance(body, dict) and all(each.get("message") for each in body.get("errors", [{}]))
        if (code < 500 and code != 429) or not shaped:
            self.ledger.fault(f"{what} was answered {code}: {body}")


async def served_again(of: Sequence[Client]) -> list[str]:
    """Waits until each client had a whole batch done; tells if that takes too long."""
    before = [each.good for each in of]
    give_up = time.monotonic() + PATIENCE
    while not all(each.good > was for each, was in zip(of, before, strict=True)):
        if time.monotonic() > give_up:
            return [f"a client was not served within {PATIENCE} s"]
        await asyncio.sleep(0.005)
    return []


def clients(place: Place, ledger: Ledger, seed: str, many: int) -> list[Client]:
    """So many clients, each with choices of its own that follow from the seed."""
    return [Client(number, place, ledger, random.Random(f"{seed} {number}")) for number in range(many)]


@asynccontextmanager
async def loading(of: Sequence[Client], *ports: int, stay: bool = False) -> AsyncIterator[asyncio.Event]:
    """Load on the servers at the ports while the block runs; it ends when the event is set, at the latest then."""
    stop = asyncio.Event()
    lines = [Line(ports[each.number % len(ports)], _token(each)) for each in of]
    tasks = [asyncio.create_task(each.run(line, stop, stay=stay)) for each, line in zip(of, lines, strict=True)]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*tasks)


def _token(client: Client) -> str:
    tokens = client.place.people.tokens
    return tokens[client.number % len(tokens)]


def _action(method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"method": method, "relative_path": path} | ({} if data is None else {"data": data})
