"""Requests with keys drawn at random, sent again, their replies lost, at two servers; the model is a dict."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engine.keys import REPLAYED, Failing, batch, beside
from tests.world import Answer, Client, open_world

from batchwright import app
from batchwright.settings import Settings

STATUS = {"a": 201, "b": 201, "comment": 201, "wrong": 400, "read": 200}  # what may be asked, and the answer
WRITES = ("a", "b", "comment")
WAYS = ("alone", "action", "atomic")
FATES = ("", "", "before", "after")  # of the commit: it succeeds, or it fails before or after it is durable
SLOW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Told = tuple[int, Any, bool]  # status, body, whether it is told again; a body of None: whatever it is


@dataclass(frozen=True)
class Step:
    """A request: what, with which key, in which way, what becomes of its commit, and at which of two servers."""

    what: str
    key: str
    way: str
    fate: str
    other: bool


STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(list(STATUS)),
        key=st.sampled_from(["k", "l", ""]),
        way=st.sampled_from(WAYS),
        fate=st.sampled_from(FATES),
        other=st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class Model:
    """What has happened; by key what was asked and what was answered, None while nobody knows."""

    done: Counter[str] = field(default_factory=Counter)
    known: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def expect(self, step: Step) -> Told:
        """What the step is answered; it is done by then."""
        what, status = step.what, STATUS[step.what]
        asked, body = self.known.get(step.key, (what, None))
        if asked != what:
            return 409, None, False
        fate = step.fate if step.key and not step.other else ""
        if step.key in self.known:
            fails = fate and step.way == "atomic" and status < 400  # its draft is kept, though there is nothing in it
            return (500, None, False) if fails else (status, body, True)
        if step.way == "atomic" and status >= 400:
            return status, None, False  # nothing of it is written, so nothing is remembered
        if fate != "before":
            self.done[what] += 1
            self.known |= {step.key: (what, None)} if step.key else {}
        return (500 if fate else status, None, False)

    def told(self, step: Step, status: int, body: Any) -> None:
        """Takes note of an answer that is to be the same from now on."""
        if step.key in self.known and status == STATUS[step.what]:
            self.known[step.key] = (step.what, body)


@dataclass
class Place:
    """Two servers on one database, of which one may fail, and a task that all is about, a new one for each round."""

    store: Failing
    one: Client
    other: Client
    workspace: str
    rounds: int = 0
    task: str = ""

    async def begin(self) -> None:
        """A new round: new keys, a new task."""
        self.rounds += 1
        made = await self.one.post("/tasks", {"name": "t", "workspace": self.workspace})
        self.task = made.data["gid"]

    def key(self, key: str) -> str:
        """One that no other round has."""
        return f"{self.rounds}{key}"

    def action(self, what: str) -> dict[str, Any]:
        """It, as an action."""
        path = f"/tasks/{self.task}"
        if what == "read":
            return {"method": "get", "relative_path": path}
        if what == "comment":
            return {"method": "post", "relative_path": f"{path}/stories", "data": {"text": "hello"}}
        name = 7 if what == "wrong" else what
        return {"method": "post", "relative_path": f"{path}/subtasks", "data": {"name": name}}

    async def send(self, step: Step) -> Told:
        """A request, and what it is answered."""
        who, action = self.other if step.other else self.one, self.action(step.what)
        key = self.key(step.key) if step.key else None
        self.store.fates = [step.fate] if key and not step.other else []
        if step.way == "alone":
            body = {"data": action["data"]} if "data" in action else None
            answer = await who.send(action["method"].upper(), action["relative_path"], json=body, key=key)
        else:
            own = {} if key is None else {"idempotency_key": key}
            answer = await batch(who, None, action | own, atomic=step.way == "atomic")
        self.store.fates = []
        if step.way == "alone" or answer.status != 200:
            return answer.status, answer.body, REPLAYED in answer.headers
        return _result(answer, 0)

    async def done(self) -> Counter[str]:
        """What has happened to the round's task."""
        subtasks = (await self.one.get(f"/tasks/{self.task}/subtasks")).data
        stories = (await self.one.get(f"/tasks/{self.task}/stories")).data
        comments = sum(each["resource_subtype"] == "comment_added" for each in stories)
        return Counter(each["name"] for each in subtasks) + Counter(comment=comments)


def _result(answer: Answer, index: int) -> Told:
    result = answer.data[index]
    return result["status_code"], result["body"], REPLAYED in result["headers"]


@pytest.fixture
async def place(tmp_path: Path, database: str) -> AsyncIterator[Place]:
    """Somewhere to play, on either sort of database."""
    asked = Settings(db=database, limits="off")
    store = Failing(app.open_store(asked))
    async with open_world(tmp_path, asked, store) as world, beside(world.ann, database) as other:
        yield Place(store, world.ann, other, world.workspace)


@SLOW
@given(steps=STEPS)
async def test_whatever_is_sent_again_happens_once_and_is_answered_the_same(place: Place, steps: list[Step]) -> None:
    await place.begin()
    model = Model()
    for step in steps:
        expected = model.expect(step)
        status, body, again = await place.send(step)
        assert (status, again) == (expected[0], expected[2]), step
        assert expected[1] is None or body == expected[1], step
        model.told(step, status, body)
    assert await place.done() == Counter({what: model.done[what] for what in WRITES if model.done[what]})


@SLOW
@given(
    whats=st.lists(st.sampled_from(list(STATUS)), min_size=1, max_size=6),
    atomic=st.booleans(),
    tries=st.lists(st.tuples(st.lists(st.sampled_from(FATES), max_size=7), st.booleans()), min_size=1, max_size=4),
)
async def test_a_batch_that_is_sent_until_it_is_answered_happens_once(
    place: Place, whats: list[str], *, atomic: bool, tries: list[tuple[list[str], bool]]
) -> None:
    await place.begin()
    actions = [place.action(what) for what in whats]
    known: dict[int, Told] = {}
    for fates, at_other in (*tries, ([], False), ([], True)):
        place.store.fates = list(fates)
        answer = await batch(place.other if at_other else place.one, place.key("batch"), *actions, atomic=atomic)
        place.store.fates = []
        for index in range(len(actions)) if answer.status == 200 else ():
            status, body, _ = _result(answer, index)
            if status < 500 and status != 424:
                assert known.setdefault(index, (status, body, False))[:2] == (status, body)
    fails = atomic and "wrong" in whats
    assert known.keys() == {index for index, what in enumerate(whats) if not fails or what == "wrong"} or fails
    assert await place.done() == Counter(what for what in whats if what in WRITES and not fails)
