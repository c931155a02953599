"""A strict server's document has nothing beyond Asana; another's says of each such thing that it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.contract.ours import ours
from tests.openapi.declared import Declared
from tests.world import World, open_world

from batchwright.settings import Settings

MARK = "Beyond Asana: "
# What is said otherwise, and not only in addition: both tell more where there is more.
REWORDED = {"/info/description", "/components/responses/TooManyRequests/description"}
SERVING = {"/components/parameters/BatchJobFields"}  # for marked operations alone
OURS = ["batch_job", "BatchJob", "Idempotency", "Batchwright-Explain", "Prefer", "Server-Timing", "ndjson", "event-str"]


def surplus(full: Any, strict: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """The places of the first that the second lacks or has otherwise, each with what is there."""
    if isinstance(full, Mapping) and isinstance(strict, Mapping):
        assert strict.keys() <= full.keys(), where
        for name, each in full.items():
            place = f"{where}/{name}"
            if name not in strict:
                yield place, each
            else:
                yield from surplus(each, strict[name], place)
    elif isinstance(full, list) and isinstance(strict, list):
        assert all(each in full for each in strict), where
        yield from ((where, each) for each in full if each not in strict)
    elif full != strict:
        yield where, full


def test_all_that_a_strict_server_lacks_is_marked() -> None:
    full, strict = ours().raw, ours(strict=True).raw
    found = list(surplus(full, strict))
    assert {where for where, _ in found} >= REWORDED
    for where, each in found:
        told = ours().followed(each) if isinstance(each, Mapping) else each
        assert where in REWORDED | SERVING or MARK in json.dumps(told), where


@pytest.mark.parametrize("word", [MARK.strip(": "), *OURS])
async def test_a_strict_server_tells_nothing_of_it(tmp_path: Path, world: World, word: str) -> None:
    settings = Settings(db=str(tmp_path / "strict.db"), limits="off", strict=True)
    async with open_world(tmp_path, settings) as strict:
        assert word not in json.dumps((await Declared.of(strict.ann.http)).raw)
        assert word not in (await strict.ann.http.get("/docs")).text
    assert word in json.dumps((await Declared.of(world.ann.http)).raw)
    assert word in (await world.ann.http.get("/docs")).text
