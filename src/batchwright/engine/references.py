"""Values that an action of a batch takes from another's reply: `{"$ref": "a1#/data/gid"}`, in a path `{a1#/data/gid}`.

What follows the `#` is a JSON Pointer (RFC 6901) into the reply's body. It is looked up, never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from batchwright.engine.values import shown
from batchwright.model.problems import Problem, bad_request

NAME = "$ref"
IN_PATH = re.compile(r"\{([^{}#/]+)#([^{}]*)\}")
MOST = 100  # references of one action
LARGEST = 65_536  # bytes of all values that one action takes, as JSON
FAILED = 424

Bodies = Mapping[str, Any]
"""The bodies of replies, by the ids of their actions."""


def blank(path: str) -> str:
    """The path with something in the place of each reference, to find its operation by."""
    return IN_PATH.sub("0", path) if "{" in path else path


def named(action: Mapping[str, Any], path: str) -> list[str]:
    """The ids that an action refers to. Raises Problem 400, naming the place within the batch (`path`)."""
    found = [_split(match[0][1:-1], path)[0] for match in IN_PATH.finditer(action["relative_path"])]
    for part in ("data", "options"):
        found += [_split(each, path)[0] for each in _within(action.get(part))]
    if len(found) > MOST:
        raise bad_request(f"{path}: At most {MOST} references are allowed")
    return list(dict.fromkeys(found))


class Filling:
    """Puts values into one action. Raises Problem 424 where a reference leads to nothing, 400 to too much."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies, self._left = bodies, LARGEST

    def path(self, path: str) -> str:
        """The path with the values in it, percent-encoded. Raises Problem 400 for one that is no part of a path."""
        return IN_PATH.sub(lambda match: _segment(match[0], self._value(match[1], match[2])), path)

    def value(self, value: Any) -> Any:
        """A JSON value with the values in it."""
        if isinstance(value, dict):
            if value.keys() == {NAME}:
                return self._value(*_split(value[NAME], NAME))
            return {name: self.value(each) for name, each in value.items()}
        return [self.value(each) for each in value] if isinstance(value, list) else value

    def _value(self, id: str, pointer: str) -> Any:
        value = self._bodies[id]
        for part in pointer.split("/")[1:]:
            value = _step(value, part.replace("~1", "/").replace("~0", "~"))
            if value is _NOTHING:
                raise Problem(FAILED, f"Nothing is at {shown(f'{id}#{pointer}')}")
        encoded = msgspec.json.encode(value)
        self._left -= len(encoded)
        if self._left < 0:
            raise bad_request(f"With what is at {shown(f'{id}#{pointer}')} its values are larger than {LARGEST} bytes")
        return msgspec.json.decode(encoded)


def _within(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if value.keys() == {NAME}:
            yield value[NAME]
        else:
            for each in value.values():
                yield from _within(each)
    elif isinstance(value, list):
        for each in value:
            yield from _within(each)


def _split(text: Any, path: str) -> tuple[str, str]:
    id, sign, pointer = text.partition("#") if isinstance(text, str) else ("", "", "")
    if not id or not sign or (pointer and not pointer.startswith("/")):
        raise bad_request(f"{path}: A {NAME} is an action's id, #, and a JSON Pointer, as a1#/data/gid")
    return id, pointer


_NOTHING = object()


def _step(value: Any, part: str) -> Any:
    if isinstance(value, msgspec.Raw):
        value = msgspec.json.decode(value)
    if isinstance(value, Mapping):
        return value.get(part, _NOTHING)
    if isinstance(value, list) and re.fullmatch(r"0|[1-9]\d{0,5}", part, re.ASCII):
        return value[int(part)] if int(part) < len(value) else _NOTHING
    return _NOTHING


def _segment(reference: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise bad_request(f"relative_path: What is at {shown(reference[1:-1])} is no part of a path")
    return quote(str(value), safe="")
