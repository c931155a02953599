"""What a batch may ask for beyond Asana, inside its `data`: checked as a whole before anything runs.

An action's `id`, `depends_on`, `if`, `timeout_ms`, `idempotency_key`; the batch's `atomic`, `dry_run`, `on_error`,
`results`, `timeout_ms`. A batch without any of these names is a plain one. See docs/batch.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from batchwright.engine.keys import FIELD, key
from batchwright.engine.references import named
from batchwright.model.problems import bad_request

OF_ACTIONS: Final = ("id", "depends_on", "if", "timeout_ms", FIELD)
OF_BATCHES: Final = ("atomic", "dry_run", "on_error", "results", "timeout_ms")
WORDS: Final = {"on_error": ("continue", "stop"), "results": ("full", "status", "failed")}
LONGEST_ID: Final = 64
LONGEST_MS: Final = 600_000

Actions = Sequence[Mapping[str, Any]]


class Condition(msgspec.Struct, frozen=True):
    """An action is only run when another was answered by one of these statuses."""

    index: int
    statuses: frozenset[int]


class Extra(msgspec.Struct, frozen=True):
    """What one action asks for. needs: indexes of those that must have succeeded before it. refers: it takes values.

    key: its idempotency key, "" for none.
    """

    id: str = ""
    needs: tuple[int, ...] = ()
    condition: Condition | None = None
    timeout_ms: int = 0
    refers: bool = False
    key: str = ""

    @property
    def waits(self) -> tuple[int, ...]:
        """The actions that must have been answered before it."""
        return self.needs if self.condition is None else (*self.needs, self.condition.index)


class Extended(msgspec.Struct, frozen=True):
    """What a batch asks for, and each of its actions in their order."""

    each: tuple[Extra, ...]
    atomic: bool = False
    dry_run: bool = False
    on_error: str = "continue"
    results: str = "full"
    timeout_ms: int = 0

    @staticmethod
    def plain(actions: int) -> Extended:
        """Of a batch that asks for nothing."""
        return Extended(tuple(Extra() for _ in range(actions)))

    @property
    def owned(self) -> str:
        """The name of something that only a server with a database of its own can do; "" when nothing such is asked."""
        if self.atomic or self.dry_run:
            return "atomic" if self.atomic else "dry_run"
        return FIELD if any(extra.key for extra in self.each) else ""

    @property
    def referred(self) -> frozenset[int]:
        """The actions from whose replies others may take values."""
        return frozenset(index for extra in self.each if extra.refers for index in extra.needs)


def extended(data: Mapping[str, Any], actions: Actions, *, strict: bool) -> Extended | None:
    """What is asked for beyond Asana; None when nothing is.

    strict: anything is refused. Raises Problem 400 for the whole batch: for what can't be understood, ids that
    are unknown or given twice, actions that wait for each other in a circle.
    """
    of_batch = [name for name in OF_BATCHES if name in data]
    of_actions = [(index, name) for index, action in enumerate(actions) for name in OF_ACTIONS if name in action]
    if not of_batch and not of_actions:
        return None
    if strict:
        index, name = of_actions[0] if of_actions else (None, of_batch[0])
        place = name if index is None else f"actions: [{index}]: {name}"
        raise bad_request(f"{place}: This server takes nothing that Asana doesn't (it was started with --strict)")
    ids = _ids(actions)
    each = tuple(_extra(action, index, ids) for index, action in enumerate(actions))
    _refuse_circles(each)
    return Extended(
        each,
        atomic=_flag(data, "atomic"),
        dry_run=_flag(data, "dry_run"),
        on_error=_word(data, "on_error"),
        results=_word(data, "results"),
        timeout_ms=_milliseconds(data, ""),
    )


def _ids(actions: Actions) -> dict[str, int]:
    ids: dict[str, int] = {}
    for index, action in enumerate(actions):
        if "id" not in action:
            continue
        id, place = action["id"], f"actions: [{index}]: id"
        if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID or set(id) & set("#/{}"):
            raise bad_request(f"{place}: Value is not a text of 1 to {LONGEST_ID} characters without # / {{ }}")
        if id in ids:
            raise bad_request(f"{place}: Another action has the id {id}")
        ids[id] = index
    return ids


def _extra(action: Mapping[str, Any], index: int, ids: Mapping[str, int]) -> Extra:
    place = f"actions: [{index}]"
    referred = named(action, place) if ids else []
    listed = action.get("depends_on", [])
    if not isinstance(listed, list):
        raise bad_request(f"{place}: depends_on: Value is not an array")
    needs = [_index(id, ids, f"{place}: depends_on") for id in listed]
    needs += [_index(id, ids, place) for id in referred]
    return Extra(
        id=action.get("id", ""),
        needs=tuple(dict.fromkeys(needs)),
        condition=_condition(action["if"], ids, f"{place}: if") if "if" in action else None,
        timeout_ms=_milliseconds(action, f"{place}: "),
        refers=bool(referred),
        key=key(action[FIELD], f"{place}: {FIELD}") if FIELD in action else "",
    )


def _index(id: Any, ids: Mapping[str, int], place: str) -> int:
    if not isinstance(id, str) or id not in ids:
        raise bad_request(f"{place}: No action has the id {str(id)[:LONGEST_ID]}")
    return ids[id]


def _condition(given: Any, ids: Mapping[str, int], place: str) -> Condition:
    if not isinstance(given, Mapping) or given.keys() != {"id", "status"}:
        raise bad_request(f"{place}: Value is not an object of an id and a status")
    statuses = given["status"] if isinstance(given["status"], list) else [given["status"]]
    for each in statuses:
        if isinstance(each, bool) or not isinstance(each, int) or not 100 <= each <= 599:
            raise bad_request(f"{place}: status: Value is not a status, or a list of them")
    return Condition(_index(given["id"], ids, place), frozenset(statuses))


def _flag(data: Mapping[str, Any], name: str) -> bool:
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise bad_request(f"{name}: Value is not a boolean")
    return value


def _word(data: Mapping[str, Any], name: str) -> str:
    """One of its words, the first by default."""
    value = data.get(name, WORDS[name][0])
    if value not in WORDS[name]:
        raise bad_request(f"{name}: Value is not one of {', '.join(WORDS[name])}")
    return str(value)


def _milliseconds(given: Mapping[str, Any], place: str) -> int:
    """0: no limit."""
    if "timeout_ms" not in given:
        return 0
    value = given["timeout_ms"]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST_MS:
        raise bad_request(f"{place}timeout_ms: Value is not a whole number from 1 to {LONGEST_MS}")
    return value


def _refuse_circles(each: Sequence[Extra]) -> None:
    # A job's actions are many: each wait is looked at once.
    open = [len(set(extra.waits)) for extra in each]
    waiting: dict[int, list[int]] = {}
    for index, extra in enumerate(each):
        for other in set(extra.waits):
            waiting.setdefault(other, []).append(index)
    ready = [index for index, waits in enumerate(open) if not waits]
    for index in ready:
        for other in waiting.get(index, ()):
            open[other] -= 1
            if not open[other]:
                ready.append(other)
    if any(open):
        index = next(index for index, waits in enumerate(open) if waits)
        raise bad_request(f"actions: [{index}]: It waits for an action that waits for it")
