"""Batches that ask for what Asana's don't: ids, references, conditions, atomic, dry runs; rightly and wrongly."""

from __future__ import annotations

from random import Random
from typing import Any

IDS: tuple[Any, ...] = ("a", "b", "c", "a", "", "x" * 65, "é漢", "\ud800", "a#b", "{", 7, None)
POINTERS = (
    "/data/gid",
    "/data",
    "",
    "/data/0/gid",
    "/errors/0/message",
    "/a~1b~0~2",
    "data",
    "/" * 500,
    "/data/-",
    "/0",
    "é",
)
STATUSES: tuple[Any, ...] = (200, 201, 404, [200, 201], [], 99, 600, True, "200", 10**30, None, [[200]])
OF_BATCHES: dict[str, tuple[Any, ...]] = {
    "atomic": (True, True, False, "true", 1),
    "dry_run": (True, True, False, None),
    "on_error": ("continue", "stop", "", [], {}),
    "results": ("full", "status", "failed", "FULL", 0),
    "timeout_ms": (60_000, 600_000, 5, 1, 0, -1, 600_001, 1.5, True, "1", 10**40),
}


def extended(chance: Random, data: dict[str, Any]) -> dict[str, Any]:
    """The same batch with more asked of it, in one of three cases wildly. data: its actions, all of them objects."""
    wild = chance.randrange(3) == 0
    actions = [dict(each) for each in data["actions"]]
    known: list[Any] = []
    for place, action in enumerate(actions):
        if known and chance.randrange(2):
            _lean(chance, action, chance.choice(known), wild)
        if chance.randrange(4):
            action["id"] = chance.choice(IDS) if wild and chance.randrange(8) == 0 else f"a{place}"
            known.append(action["id"])
    names = chance.sample(list(OF_BATCHES), chance.randrange(4))
    asked = {name: chance.choice(OF_BATCHES[name][: None if wild else 2]) for name in names}
    return {**data, "actions": actions} | asked


def _lean(chance: Random, action: dict[str, Any], other: Any, wild: bool) -> None:
    """Let it wait for another action, or take something from its reply."""
    pointer = chance.choice(POINTERS) if chance.randrange(3) == 0 else "/data/gid"
    reference: dict[str, Any] = {"$ref": f"{other}#{pointer}"}
    if wild and chance.randrange(4) == 0:
        reference = {"$ref": chance.choice((other, 7, {}, "#", None))}
    pick = chance.randrange(5)
    if pick == 0:
        action["depends_on"] = chance.choice(([other, other], other, [[other]], [])) if wild else [other]
    elif pick == 1:
        action["if"] = {"id": other, "status": chance.choice(STATUSES[: None if wild else 4])}
    elif pick == 2:
        action["relative_path"] = f"/tasks/{{{other}#{pointer}}}"
    elif pick == 3 and isinstance(action.get("data"), dict) and action["data"]:
        action["data"] = {**action["data"], chance.choice(list(action["data"])): reference}
    else:
        action["data"] = {"name": reference, "deep": [{"x": [reference] * (chance.choice((3, 101)) if wild else 1)}]}
