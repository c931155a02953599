"""Batches that ask for more than Asana has, drawn at random, against the same actions sent as requests one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.invariants import wrongs
from tests.store.dumping import dump
from tests.world import Answer, World

ALONE = (*("create",) * 12, "delete", "lost", "wrong", "unknown")
REFERRING = (*("copy", "subtask", "read", "complete") * 3, "nothing")
SELDOM = st.sampled_from((False, False, False, True))
STATUSES = (200, 201, 400, 404, 424)
MODES: tuple[dict[str, Any], ...] = (
    {},
    {"on_error": "stop"},
    {"atomic": True},
    {"dry_run": True},
    {"dry_run": True, "atomic": True},
)
PATHS = {"subtask": "post /tasks/{}/subtasks", "read": "get /tasks/{}", "complete": "put /tasks/{}"}


@dataclass(frozen=True)
class Step:
    """One action. target: whose reply it takes a value from. needs: of `depends_on`. condition: of `if`."""

    what: str
    word: str
    target: int | None = None
    needs: tuple[int, ...] = ()
    condition: tuple[int, tuple[int, ...]] | None = None


@dataclass(frozen=True)
class Plan:
    """A batch: its actions, and an order in which each comes after those it waits for."""

    steps: tuple[Step, ...]
    order: tuple[int, ...]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    order = draw(st.permutations(range(draw(st.integers(1, 8)))))
    steps: dict[int, Step] = {}
    for place, index in enumerate(order):
        what, word = draw(st.sampled_from(ALONE)), draw(st.text("abc é漢", min_size=1, max_size=6))
        if not place:
            steps[index] = Step(what, word)
            continue
        earlier = st.sampled_from(order[:place])
        target = draw(st.none() | earlier)
        steps[index] = Step(
            what if target is None else draw(st.sampled_from(REFERRING)),
            word,
            target,
            tuple(draw(st.lists(earlier, max_size=2, unique=True))) if draw(SELDOM) else (),
            draw(st.tuples(earlier, st.lists(st.sampled_from(STATUSES), min_size=1, max_size=4).map(tuple)))
            if draw(SELDOM)
            else None,
        )
    return Plan(tuple(steps[index] for index in range(len(order))), tuple(order))


def request(world: World, step: Step, own: str, gid: Any, name: Any, nothing: Any) -> tuple[str, str, dict[str, Any]]:
    """Method, path and data. own: a task that belongs to this action alone; the rest: values of another's reply."""
    new = {"name": step.word, "workspace": world.workspace, "assignee": "me"}
    found: dict[str, tuple[str, str, dict[str, Any]]] = {
        "create": ("post", "/tasks", new),
        "delete": ("delete", f"/tasks/{own}", {}),
        "lost": ("get", "/tasks/7", {}),
        "wrong": ("put", f"/tasks/{own}", {"name": 7}),
        "unknown": ("get", "/nowhere", {}),
        "copy": ("post", "/tasks", new | {"name": name}),
        "nothing": ("post", "/tasks", new | {"name": nothing}),
        "subtask": ("post", f"/tasks/{gid}/subtasks", {"name": step.word}),
        "read": ("get", f"/tasks/{gid}", {}),
        "complete": ("put", f"/tasks/{gid}", {"completed": True}),
    }
    return found[step.what]


def action(world: World, index: int, step: Step, own: str) -> dict[str, Any]:
    """The action as a batch has it."""
    id = f"s{step.target}"
    name, nothing = {"$ref": f"{id}#/data/name"}, {"$ref": f"{id}#/data/nothing/0"}
    method, path, data = request(world, step, own, f"{{{id}#/data/gid}}", name, nothing)
    made: dict[str, Any] = {"id": f"s{index}", "method": method, "relative_path": path, "data": data}
    if step.needs:
        made["depends_on"] = [f"s{each}" for each in step.needs]
    if step.condition is not None:
        made["if"] = {"id": f"s{step.condition[0]}", "status": list(step.condition[1])}
    return made


@dataclass(frozen=True)
class Told:
    """What an action was answered. data: of a success."""

    status: int
    said: str = ""
    data: Any = None

    @classmethod
    def of(cls, status: int, body: Any) -> Told:
        """From a reply."""
        return cls(status, "" if status < 400 else body["errors"][0]["message"], body.get("data"))

    @property
    def skipped(self) -> bool:
        """Whether it was not run."""
        return self.status == 424 and self.said.startswith("Not run: ")

    @property
    def undone(self) -> bool:
        """Whether it was run in vain."""
        return self.status == 424 and self.said.startswith("Undone: ")

    @property
    def shown(self) -> tuple[Any, Any]:
        """What must be the same wherever it was run."""
        return self.data.get("name"), (self.data.get("parent") or {}).get("name")


async def alone(world: World, step: Step, own: str, before: dict[int, Told]) -> Told:
    """The action as a request of its own, or why it can't be one."""
    data = {} if step.target is None else before[step.target].data
    wanted = {"copy": "name", "nothing": "nothing"}.get(step.what, "gid")
    if step.target is not None and wanted not in data:
        return Told(424, "Nothing is there")
    method, path, sent = request(world, step, own, data.get("gid"), data.get("name"), None)
    answer = await world.ann.send(method.upper(), path, json=None if method == "get" else {"data": sent})
    return Told.of(answer.status, answer.body)


def refused(step: Step, before: dict[int, Told]) -> bool:
    """Whether what it waits for keeps it from being run."""
    needs = (*step.needs, *(() if step.target is None else (step.target,)))
    if any(before[each].status >= 400 for each in needs):
        return True
    return step.condition is not None and before[step.condition[0]].status not in step.condition[1]


async def one_by_one(world: World, plan: Plan, own: Sequence[str], told: list[Told], *, stops: bool) -> dict[int, Told]:
    """What the actions are answered as requests; those are left out that a failure may have kept from beginning."""
    found: dict[int, Told] = {}
    failed = any(each.status >= 400 and not each.skipped and not each.undone for each in told)
    for index in plan.order:
        step = plan.steps[index]
        if refused(step, found) or (stops and failed and told[index].skipped):
            found[index] = Told(424, "Not run: ")
        else:
            found[index] = await alone(world, step, own[index], found)
    return found


async def own_tasks(world: World, count: int) -> list[str]:
    task = {"name": "own", "workspace": world.workspace}
    made = await world.ann.batch(*[{"method": "post", "relative_path": "/tasks", "data": task}] * count)
    return [result["body"]["data"]["gid"] for result in made.data]


async def rows(world: World, gids: Sequence[str]) -> list[Any]:
    """What there is of tasks: status, name, completion, the parent's name."""
    answers = [await world.ann.get(f"/tasks/{gid}", opt_fields="name,completed,parent.name") for gid in gids]
    return [
        (each.status, each.data["name"], each.data["completed"], (each.data["parent"] or {}).get("name"))
        if each.status == 200
        else each.status
        for each in answers
    ]


def told_of(answer: Answer) -> list[Told]:
    return [Told.of(result["status_code"], result["body"]) for result in answer.data]


async def sent(world: World, plan: Plan, own: Sequence[str], mode: dict[str, Any]) -> Answer:
    actions = [action(world, index, step, own[index]) for index, step in enumerate(plan.steps)]
    return await world.ann.send("POST", "/batch", json={"data": {"actions": actions, **mode}})


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=25, deadline=None, suppress_health_check=QUIET)
@given(plan=plans(), mode=st.sampled_from(MODES))
async def test_a_batch_answers_and_leaves_what_its_actions_would_one_by_one(
    world: World, database: str, plan: Plan, mode: dict[str, Any]
) -> None:
    count = len(plan.steps)
    ours, theirs = await own_tasks(world, count), await own_tasks(world, count)
    before = dump(database)
    answer = await sent(world, plan, ours, mode)
    assert [result["id"] for result in answer.data] == [f"s{index}" for index in range(count)]
    told = told_of(answer)
    failed = [each for each in told if each.status >= 400 and not each.skipped and not each.undone]
    writes = not mode.get("dry_run") and not (mode.get("atomic") and failed)
    assert writes or dump(database) == before

    model = await one_by_one(world, plan, theirs, told, stops=bool(mode.get("atomic") or mode.get("on_error")))
    for index, each in enumerate(told):
        assert each.undone or each.status == model[index].status, (index, plan, told, model)
        assert each.skipped == model[index].skipped
        assert each.undone == (bool(mode.get("atomic") and failed) and model[index].status < 400)
        assert each.status >= 400 or each.shown == model[index].shown
    if writes:
        made = [index for index, each in enumerate(told) if each.status == 201]
        assert await rows(world, [told[each].data["gid"] for each in made]) == await rows(
            world, [model[each].data["gid"] for each in made]
        )
        assert await rows(world, ours) == await rows(world, theirs)


async def names(world: World) -> list[str]:
    """Of the tasks that Ann has to do."""
    found: list[str] = []
    offset: dict[str, str] = {}
    while True:
        page = await world.ann.get("/tasks", assignee="me", workspace=world.workspace, limit=100, **offset)
        found += [each["name"] for each in page.data]
        if page.body["next_page"] is None:
            return sorted(found)
        offset = {"offset": page.body["next_page"]["offset"]}


@settings(max_examples=8, deadline=None, suppress_health_check=QUIET)
@given(drawn=st.lists(st.tuples(plans(), st.booleans()), min_size=2, max_size=5))
async def test_batches_at_once_write_all_or_nothing_each(
    world: World, database: str, drawn: list[tuple[Plan, bool]]
) -> None:
    before = await names(world)
    own = [await own_tasks(world, len(plan.steps)) for plan, _ in drawn]
    single = world.ann.post("/tasks", {"name": "single", "workspace": world.workspace, "assignee": "me"})
    batches = [sent(world, plan, tasks, {"atomic": atomic}) for (plan, atomic), tasks in zip(drawn, own, strict=True)]
    async with asyncio.timeout(60):
        alone, *answers = await asyncio.gather(single, *batches)
    assert alone.status == 201
    kept = ["single"]
    for (plan, atomic), tasks, answer in zip(drawn, own, answers, strict=True):
        told = told_of(answer)
        if atomic and any(each.status >= 400 and not each.skipped for each in told):
            assert all(each.status >= 400 for each in told)
            assert [each[0] for each in await rows(world, tasks)] == [200] * len(tasks)
        made = [each for step, each in zip(plan.steps, told, strict=True) if step.what in ("create", "copy")]
        kept += [each.data["name"] for each in made if each.status == 201]
    assert await names(world) == sorted(before + kept)
    assert not wrongs(database)
