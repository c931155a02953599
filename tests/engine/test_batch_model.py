"""Batches of good and bad actions, drawn at random, against a model that knows nothing of parallelism."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.world import World

GOOD = ("create", "read", "rename", "complete", "delete")
BAD = ("wrong type", "unknown task", "unknown path", "unknown method", "query string", "nested", "wrong data")


@dataclass
class Model:
    """What the tasks should be: names and completion by gid; gone ones are absent."""

    workspace: str
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def action(self, what: str, gid: str, word: str) -> dict[str, Any]:
        """The action to send."""
        path = f"/tasks/{gid}"
        bodies: dict[str, tuple[str, str, Any]] = {
            "create": ("post", "/tasks", {"name": word, "workspace": self.workspace}),
            "read": ("get", path, None),
            "rename": ("put", path, {"name": word}),
            "complete": ("put", path, {"completed": True}),
            "delete": ("delete", path, None),
            "wrong type": ("put", path, {"name": 7}),
            "unknown task": ("get", "/tasks/7", None),
            "unknown path": ("get", "/task", None),
            "unknown method": ("fetch", path, None),
            "query string": ("get", f"{path}?opt_fields=name", None),
            "nested": ("post", "/batch", {"actions": []}),
            "wrong data": ("put", path, [word]),
        }
        method, relative_path, data = bodies[what]
        return {"method": method, "relative_path": relative_path} | ({} if data is None else {"data": data})

    def expect(self, what: str, gid: str, word: str) -> int:
        """Applies an action and tells its status."""
        if what in BAD:
            return 404 if what.startswith("unknown") and what != "unknown method" else 400
        if what == "rename":
            self.tasks[gid]["name"] = word
        elif what == "complete":
            self.tasks[gid]["completed"] = True
        elif what == "delete":
            del self.tasks[gid]
        return 201 if what == "create" else 200


steps = st.lists(
    st.tuples(st.sampled_from(GOOD + BAD), st.text("abc é漢", min_size=1, max_size=8)), min_size=1, max_size=10
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
async def test_each_action_answers_as_if_it_were_alone_and_in_its_place(
    world: World, steps: list[tuple[str, str]]
) -> None:
    model = Model(world.workspace)
    start = [{"method": "post", "relative_path": "/tasks", "data": {"name": "x", "workspace": world.workspace}}] * 10
    made = [result["body"]["data"]["gid"] for result in (await world.ann.batch(*start)).data]
    model.tasks = {gid: {"name": "x", "completed": False} for gid in made}
    planned = [(what, gid, word) for (what, word), gid in zip(steps, made, strict=False)]

    answer = await world.ann.batch(*(model.action(*each) for each in planned))
    expected = [model.expect(*each) for each in planned]

    assert [result["status_code"] for result in answer.data] == expected
    for (what, gid, word), result in zip(planned, answer.data, strict=True):
        body = result["body"]
        if what in BAD:
            assert set(body) == {"errors"}
        elif what == "create":
            model.tasks[body["data"]["gid"]] = {"name": word, "completed": False}
            assert result["headers"]["location"].endswith(body["data"]["gid"])
        elif what != "delete":
            assert {"gid": body["data"]["gid"], **model.tasks[gid]}.items() <= body["data"].items()
    await _same(world, model, made)


async def _same(world: World, model: Model, made: list[str]) -> None:
    """The tasks are what the model says."""
    for gid in {*made, *model.tasks}:
        answer = await world.ann.get(f"/tasks/{gid}", opt_fields="name,completed")
        assert answer.status == (200 if gid in model.tasks else 404)
        if gid in model.tasks:
            assert answer.data == {"gid": gid, **model.tasks[gid]}
