"""Two fields of a body of which one may name what something is put before or after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batchwright.model.problems import bad_request


@dataclass(frozen=True, slots=True)
class Anchor:
    """The field of the body, the row that it names, whether to come before it."""

    name: str
    gid: int
    before: bool


def anchor(data: Mapping[str, Any], before: str, after: str) -> Anchor | None:
    """The anchor that a body names, None for none. Raises Problem 400 for two."""
    given = [name for name in (before, after) if data.get(name) is not None]
    if len(given) > 1:
        raise bad_request(f"You may only provide one of {before} or {after}!")
    return Anchor(given[0], data[given[0]], given[0] == before) if given else None
