"""Every operation of the catalogue is asked by people who may not see everything: nothing hidden is ever told.

A new operation is asked too, without a line here; one of a new kind fails until the secrets have a row of it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.api.asking import Asked, Known, asked, vocabulary
from tests.api.secret_things import PEOPLE, WORD, Secrets, keep, told
from tests.world import Client, open_world

from batchwright.engine.replies import BASE_PATH
from batchwright.model.operations import Operation
from batchwright.resources import OPERATIONS

BUILT = [each for each in OPERATIONS if each.built]
BATCH = 10
SHORT = "name,text,email,(resource|parent|project|section|task|assignee|user).(name|text)"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the world that all tests here share."""
    return "asyncio"


@pytest.fixture(scope="module")
async def secrets(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Secrets]:
    """One world of secrets; whatever a test writes is taken back."""
    folder = tmp_path_factory.mktemp("secrets")
    async with open_world(folder) as world:
        yield await keep(world, folder / "world.db")


@dataclass(frozen=True)
class Unchanging:
    """A database that is put back whenever something was written to it."""

    live: sqlite3.Connection
    kept: sqlite3.Connection

    def version(self) -> int:
        """Changes with every commit of somebody else."""
        return int(self.live.execute("PRAGMA data_version").fetchone()[0])

    def restore(self) -> None:
        """Puts everything back."""
        self.kept.backup(self.live)


@contextmanager
def unchanging(path: Path) -> Iterator[Unchanging]:
    """The database as it is now."""
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(":memory:")) as kept:
        live.backup(kept)
        yield Unchanging(live, kept)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("operation", BUILT, ids=[each.id for each in BUILT])
async def test_nothing_hidden_is_told(secrets: Secrets, operation: Operation, person: str) -> None:
    """Singly, and for what changes nothing in batches, with all that opt_fields can reach."""
    known = Known(secrets.hidden[person], secrets.shown[person], WORD if operation.method == "GET" else "Nice")
    requests = list(asked(operation, known))
    texts = vocabulary(operation.kind)
    with unchanging(secrets.path) as database:
        for number, request in enumerate(requests):
            for fields in texts if number == 0 else (SHORT,):
                await _asked(secrets, person, request, fields, database)
        harmless = [each for each in requests if each.method == "GET" or each.refused]
        for start in range(0, len(harmless), BATCH):
            await _batched(secrets, person, harmless[start : start + BATCH], SHORT, database)


async def _asked(secrets: Secrets, person: str, request: Asked, fields: str, database: Unchanging) -> None:
    client, before = secrets.client(person), database.version()
    query = {**_written(request.query), "opt_fields": fields} | _sync(secrets, person, request)
    status, text = await _sent(client, request, query)
    _assert_silent(secrets, person, request, status, text)
    if request.refused:
        assert database.version() == before, f"{request} changed something"
    if database.version() != before:
        database.restore()


async def _batched(secrets: Secrets, person: str, requests: list[Asked], fields: str, database: Unchanging) -> None:
    before = database.version()
    answer = await secrets.client(person).http.post(
        f"{BASE_PATH}/batch",
        json={"data": {"actions": [each.action(fields) for each in requests]}},
        headers={"Authorization": f"Bearer {secrets.client(person).token}"},
    )
    for request, result in zip(requests, answer.json()["data"], strict=True):
        _assert_silent(secrets, person, request, result["status_code"], json.dumps(result))
    assert database.version() == before


def _written(query: Any) -> dict[str, Any]:
    return {name: ",".join(value) if isinstance(value, list) else value for name, value in query.items()}


def _sync(secrets: Secrets, person: str, request: Asked) -> dict[str, str]:
    """The person's own token of before everything happened, where events are asked for."""
    if not request.path.endswith("/events"):
        return {}
    named = {*request.path.split("/"), *request.query.values()}
    return next(({"sync": token} for key, token in secrets.tokens.items() if key[0] == person and key[1] in named), {})


async def _sent(client: Client, request: Asked, query: dict[str, Any]) -> tuple[int, str]:
    body = None if request.data is None else {"data": request.data}
    response = await client.http.request(
        request.method,
        BASE_PATH + request.path,
        params=query,
        json=body,
        headers={"Authorization": f"Bearer {client.token}"},
    )
    return response.status_code, response.text + response.headers.get("location", "")


def _assert_silent(secrets: Secrets, person: str, request: Asked, status: int, text: str) -> None:
    assert status < 500, (request, text)
    if request.refused:
        assert status in (400, 403, 404), (request, text)
    sent = f"{request.path} {request.query} {request.data}"
    said = [word for word in told(text, secrets.words(person)) if status < 300 or word not in sent]
    named = [gid for gid in secrets.kept[person] if f'"{gid}"' in text and gid not in sent]
    assert not said, (said, request, _around(text, said[0]))
    assert not named, (named, request, _around(text, named[0]))


def _around(text: str, word: str) -> str:
    at = text.find(word)
    return text[max(at - 300, 0) : at + 300]


@pytest.mark.parametrize("person", PEOPLE)
async def test_the_tokens_of_somebody_else_show_no_more(secrets: Secrets, person: str) -> None:
    """Page and sync tokens of ann's lists, in lists of their own."""
    ann, client = secrets.world.ann, secrets.client(person)
    project, known = secrets.hidden["bob"]["project"], Known(secrets.hidden[person], secrets.shown[person], WORD)
    pages = [f"/projects/{project}/tasks", f"/projects/{project}/sections", "/workspaces"]
    tokens = [(await ann.get(path, limit=1)).body["next_page"] for path in pages]
    offsets = [token["offset"] for token in tokens if token]
    assert len(offsets) == 2
    sync = (await ann.get("/events", resource=project)).body["sync"]
    for operation in BUILT:
        if operation.paged or "sync" in {each.name for each in operation.params}:
            for request in asked(operation, known):
                for token in ({"offset": offset, "limit": "2"} for offset in offsets):
                    status, text = await _sent(client, request, _written(request.query) | token | {"sync": sync})
                    _assert_silent(secrets, person, request, status, text)
