"""An event as the log keeps it: what one change set tells one stream is a row, its events in their order.

The last of a row's events has the row's gid as its number, those before it the numbers before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import msgspec

Which = tuple[str, int]  # a kind's name and a gid


class Event(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """What happened to which row. parent: what the row was added to or removed from; change: of a field."""

    of: Which
    action: Literal["added", "changed", "removed", "deleted"]
    parent: Which | None = None
    change: dict[str, Any] | None = None


def stub(which: Which) -> dict[str, Any]:
    """A row as an event names it."""
    kind, gid = which
    return {"gid": str(gid), "resource_type": kind}


def written(events: Sequence[Event]) -> str:
    """Events as the log keeps them."""
    return msgspec.json.encode(events).decode()


@lru_cache(maxsize=256)
def read(told: str) -> tuple[Event, ...]:
    """The same events again."""
    return _DECODER.decode(told)


_DECODER = msgspec.json.Decoder(tuple[Event, ...])
