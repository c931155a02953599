"""What goes over the wire: requests as bytes made beforehand, replies taken apart as far as a check needs it.

Each side is asked in its own words for the same ten tasks. Every full record of a task has MARK once, and nothing
else has it, so counting it tells how many actions were answered with a task.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from bench.manifest import TOKEN, Manifest, token

HOST = "bench.test"  # the same for every side: it's part of what is answered
BASE = "/api/1.0"
MARK = b"permalink_url"
NAME = "Made while measuring"
Action = tuple[str, str, dict[str, Any] | None]  # method, path, data


def request(method: str, path: str, body: Any = None) -> bytes:
    """One HTTP/1.1 request of the benchmark's caller."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", f"Authorization: Bearer {TOKEN}", "Accept: application/json"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def with_token(made: bytes, number: int) -> bytes:
    """The same request with another of the caller's tokens."""
    return made.replace(TOKEN.encode(), token(number).encode(), 1)


def single(action: Action) -> bytes:
    """An action as a request of its own."""
    method, path, data = action
    return request(method, BASE + path, None if data is None else {"data": data})


def asana(actions: Sequence[Action]) -> bytes:
    """A batch as Asana has it."""
    return request("POST", f"{BASE}/batch", {"data": {"actions": entries(actions)}})


def named(actions: Sequence[Action]) -> bytes:
    """A batch whose actions have names, and nothing else that is beyond Asana."""
    return request("POST", f"{BASE}/batch", {"data": {"actions": _named(actions)}})


def referring(actions: Sequence[Action]) -> bytes:
    """A batch whose other actions wait for the first and, where they create, take a value from its reply."""
    found = _named(actions)
    for each in found[1:]:
        if "data" in each:
            each["data"] = each["data"] | {"name": {"$ref": "a0#/data/name"}}
        else:
            each["depends_on"] = ["a0"]
    return request("POST", f"{BASE}/batch", {"data": {"actions": found}})


def atomic(actions: Sequence[Action]) -> bytes:
    """A batch that is written as one, or not at all."""
    return request("POST", f"{BASE}/batch", {"data": {"actions": entries(actions), "atomic": True}})


def _named(actions: Sequence[Action]) -> list[dict[str, Any]]:
    return [{"id": f"a{number}"} | each for number, each in enumerate(entries(actions))]


def entries(actions: Sequence[Action]) -> list[dict[str, Any]]:
    """The actions as a batch has them."""
    return [{"method": method.lower(), "relative_path": path} | _data(data) for method, path, data in actions]


def bassmaster(actions: Sequence[Action]) -> bytes:
    """A batch as bassmaster has it: in parallel where no action refers to another."""
    found = [
        {"method": method.lower(), "path": BASE + path} | ({} if data is None else {"payload": {"data": data}})
        for method, path, data in actions
    ]
    return request("POST", f"{BASE}/batch", {"requests": found})


def django(actions: Sequence[Action]) -> bytes:
    """A batch as drf-batch-requests has it."""
    found = [
        {"method": method, "relative_url": BASE + path} | ({} if data is None else {"body": {"data": data}})
        for method, path, data in actions
    ]
    return request("POST", f"{BASE}/batch", {"batch": found})


def _data(data: dict[str, Any] | None) -> dict[str, Any]:
    return {} if data is None else {"data": data}


BATCHES: dict[str, Callable[[Sequence[Action]], bytes]] = {
    "asana": asana,
    "bassmaster": bassmaster,
    "django": django,
    "named": named,
    "referring": referring,
    "atomic": atomic,
}


def reads(manifest: Manifest) -> list[Action]:
    """A full read of each task."""
    return [("GET", f"/tasks/{gid}", None) for gid in manifest.tasks]


def creates(manifest: Manifest) -> list[Action]:
    """Creations of tasks like those that are there."""
    return [("POST", "/tasks", _new(manifest, number)) for number in range(min(len(manifest.tasks), 1_000))]


def _new(manifest: Manifest, number: int) -> dict[str, Any]:
    people, tags, places = manifest.people, manifest.tags, manifest.places
    pairs = [places[(number + step) % len(places)] for step in range(2)]
    return {
        "name": NAME,
        "notes": "As agreed, in the way that was agreed, until the day that was agreed.",
        "due_on": "2025-09-01",
        "assignee": str(people[1 + number % 19]),
        "memberships": [{"project": str(project), "section": str(section)} for project, section in pairs],
        "followers": [str(people[20 + number % 30])],  # and so do its author and its assignee
        "tags": [str(tags[number % len(tags)]), str(tags[(number + 1) % len(tags)])],
        "liked": True,
    }


def records(body: bytes) -> list[Any]:
    """The tasks that a reply holds, whichever side's it is."""
    found = json.loads(body)
    data = found["data"] if isinstance(found, dict) else found
    if isinstance(data, dict):
        return [data]
    return [_task(each) for each in data]


def _task(entry: Any) -> Any:
    inner = entry.get("body", entry)
    inner = json.loads(inner) if isinstance(inner, str) else inner
    return inner.get("data", inner)
