"""What an event is. The log that `engine.events` writes keeps together what one change set tells one stream."""

from __future__ import annotations

from typing import Any

from batchwright.model.events import read, stub
from batchwright.model.fields import computed, json, moment, ref, whole
from batchwright.model.kinds import Kind

# What is told apart: of a row by itself its first event; `records` shows each of them.


def _type(told: str) -> str:
    return read(told)[0].of[0]


def _action(told: str) -> str:
    return read(told)[0].action


def _resource(told: str) -> dict[str, Any]:
    return stub(read(told)[0].of)


def _parent(told: str) -> dict[str, Any] | None:
    parent = read(told)[0].parent
    return parent and stub(parent)


def _change(told: str) -> dict[str, Any] | None:
    return read(told)[0].change


TOLD = ("told",)
EVENT = Kind(
    "event",
    "events",
    (
        whole("stream", hidden=True, nullable=False),
        json("told", hidden=True, nullable=False),
        ref("user", "user", loose=True, about="Who did it; null when the server did."),
        moment("created_at", about="When it happened."),
        computed("type", _type, needs=TOLD, about="The resource's type (deprecated: its resource_type says the same)."),
        computed(
            "action", _action, needs=TOLD, about="What was done to the resource: added, changed, removed or deleted."
        ),
        computed("resource", _resource, needs=TOLD, about="What it was done to."),
        computed("parent", _parent, needs=TOLD, about="What the resource was added to or removed from."),
        computed("change", _change, needs=TOLD, conditional=True, about="Which field was changed, how, and to what."),
    ),
    nested=True,
    indexes=(("stream", "gid"),),
    about="Something that happened to an object.",
)
