"""Sends every request of docs/batch.md and compares what comes back with what the page shows."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.world import World, open_world

from batchwright import app
from batchwright.model.changes import Changes, Insert
from batchwright.settings import Settings
from batchwright.store.interface import Store

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "batch.md").read_text("utf-8")
PARTS = re.compile(
    r"^## (?P<section>[^\n]+)$|^<!-- with: (?P<with>[^\n]+?) -->$|^```http\n(?P<block>.*?)^```$", re.M | re.S
)
ANY = "..."
GID = re.compile(r"\d{12,}")
WORKSPACE = "1200000000000001"


@dataclass(frozen=True)
class Example:
    """A request, and the answer that is shown. server: what is special about it."""

    section: str
    server: str
    request: str
    answer: str


def examples() -> list[Example]:
    found, section, server, request = [], "", "", ""
    for part in PARTS.finditer(PAGE):
        section, server = part["section"] or section, part["with"] or server
        block = part["block"] or ""
        if block.startswith("HTTP/1.1"):
            found.append(Example(section, server, request, block))
            server = ""
        request = block or request
    return found


EXAMPLES = examples()


class Slow:
    """A store that never commits a task of this name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, changes: Changes) -> None:
        if any(isinstance(each, Insert) and each.values.get("name") == "Slow" for each in changes.of):
            await asyncio.Event().wait()
        await self._store.commit(changes)


class Gids:
    """Which gid stands for which of the page's."""

    def __init__(self, workspace: str) -> None:
        self._real = {WORKSPACE: workspace}

    def put(self, text: str) -> str:
        """A text of the page with the real ones."""
        return GID.sub(lambda match: self._real[match[0]], text)

    def same(self, shown: str, real: str) -> None:
        """Another gid each time the page has another, and the same one where it has the same."""
        assert self._real.setdefault(shown, real) == real
        assert len(set(self._real.values())) == len(self._real)


def compare(shown: Any, real: Any, gids: Gids) -> None:
    """Fails where an answer isn't what is shown."""
    if shown == ANY:
        return
    assert type(shown) is type(real), (shown, real)
    if isinstance(shown, dict):
        assert set(shown) - {ANY} <= set(real) if ANY in shown else set(shown) == set(real), (shown, real)
        for name in set(shown) - {ANY}:
            compare(shown[name], real[name], gids)
    elif isinstance(shown, list):
        if shown and shown[0] == ANY:  # only the end is shown
            shown, real = shown[1:], real[1 - len(shown) :]
        assert len(shown) == len(real), (shown, real)
        for one, other in zip(shown, real, strict=True):
            compare(one, other, gids)
    elif isinstance(shown, str):
        match = re.fullmatch(GID.sub(r"(\\d{12,})", re.escape(shown)), real)
        assert match, (shown, real)
        for one, other in zip(GID.findall(shown), match.groups(), strict=True):
            gids.same(one, other)
    else:
        assert shown == real


def values(type: str, text: str) -> Any:
    """The JSON values of a body, and what is around them."""
    if type == "application/x-ndjson":
        return [line if line == ANY else json.loads(line) for line in text.splitlines()]
    if type == "text/event-stream":
        events = [each.split("\n") for each in text.strip().split("\n\n")]
        return [[event, json.loads(data.removeprefix("data: "))] for event, data in events]
    return json.loads(text)


def split(block: str) -> tuple[str, dict[str, str], str]:
    head, _, body = block.partition("\n\n")
    first, *lines = head.strip().split("\n")
    return first, dict(line.split(": ", 1) for line in lines), body


async def ask(world: World, request: str) -> httpx2.Response:
    first, headers, body = split(request)
    method, path = first.split(" ")
    headers |= {"Authorization": f"Bearer {world.ann.token}", "Content-Type": "application/json"}
    return await world.ann.http.request(method, path, content=body.encode(), headers=headers)


@asynccontextmanager
async def opened(server: str, folder: Path) -> AsyncIterator[World]:
    """A world as the page asks for one."""
    given = json.loads("{" + re.sub(r"(\w+)=", r'"\1": ', server) + "}") if "=" in server else {}
    settings = Settings(db=str(folder / "special.db"), limits="off", **given)
    store = None if given else Slow(app.open_store(settings))
    async with open_world(folder, settings, store) as world:
        yield world


async def test_all_is_as_the_page_shows_it(world: World, tmp_path: Path) -> None:
    usual = Gids(world.workspace)
    for number, each in enumerate(EXAMPLES):
        async with AsyncExitStack() as stack:
            here, gids = world, usual
            if each.server:
                (folder := tmp_path / str(number)).mkdir()
                here = await stack.enter_async_context(opened(each.server, folder))
                gids = Gids(here.workspace)
            response = await ask(here, gids.put(each.request))
        first, headers, body = split(each.answer)
        status = HTTPStatus(response.status_code)
        assert first == f"HTTP/1.1 {status} {status.phrase}", (each.section, response.text)
        type = headers.get("Content-Type", "")
        try:
            for name, value in headers.items():
                compare(value, response.headers[name], gids)
            compare(values(type, body), values(type, response.text), gids)
        except AssertionError as problem:
            pytest.fail(f"{each.section}: {problem}\n{response.text}")


def test_every_section_about_a_field_has_an_example() -> None:
    with_example = {each.section for each in EXAMPLES}
    promised = re.findall(r"^\| \[.*?\]\(#(.+?)\) \|", PAGE, flags=re.M)
    anchors = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in with_example}
    assert set(promised) <= anchors
    assert len(EXAMPLES) >= 15
