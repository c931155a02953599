"""What is told of a row that isn't the caller's: that a gid is taken, as Asana tells it; nothing that can be guessed.

The walk of `test_nobody_where_they_dont_belong.py` looks for secrets in replies; here replies are held side by side.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.api.asking import Asked, Known, asked
from tests.api.secret_things import PEOPLE, WORD, Secrets, keep, ok
from tests.oauth.dancing import an_app
from tests.world import Client, World, open_world

from batchwright.engine.replies import BASE_PATH
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation
from batchwright.model.scopes import EVERYTHING, SCOPES
from batchwright.resources import KINDS, OPERATIONS

BUILT = [each for each in OPERATIONS if each.built]
OF_ROWS = [each for each in BUILT if "{" in each.path]
LACKING = "The following scopes must be present to fulfill this request: "
MOST_CHARACTERS = 12_000


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the world that all tests here share."""
    return "asyncio"


@pytest.fixture(scope="module")
async def secrets(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Secrets]:
    """One world of secrets, to which nothing here may write."""
    folder = tmp_path_factory.mktemp("secrets")
    async with open_world(folder) as world:
        yield await keep(world, folder / "world.db")


async def sent(client: Client, request: Asked) -> tuple[int, Any]:
    """The status and the body of the answer."""
    body = None if request.data is None else {"data": request.data}
    answer = await client.http.request(
        request.method,
        BASE_PATH + request.path,
        params=dict(request.query),
        json=body,
        headers={"Authorization": f"Bearer {client.token}"},
    )
    return answer.status_code, answer.json()


def naming(operation: Operation, **gids: str) -> str:
    """The operation's path with these rows in it, and rows that aren't there in all other places."""
    return re.sub(r"\{(\w+)_gid\}", lambda found: gids.get(found[1], "1"), operation.path)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("operation", OF_ROWS, ids=[each.id for each in OF_ROWS])
async def test_of_a_hidden_row_nothing_is_told_but_that_it_is_there(
    secrets: Secrets, operation: Operation, person: str
) -> None:
    """One reply, whatever is asked of it: neither a body nor a query is looked at before. In a batch the same."""
    kind = re.findall(r"\{(\w+)_gid\}", operation.path)[-1]
    hidden, client = secrets.hidden[person].get(kind), secrets.client(person)
    if hidden is None:
        return
    others = {name: gid for name, gid in secrets.shown[person].items() if name != kind}
    path = naming(operation, **{**others, kind: hidden})
    words = f"You do not have access to this {kind.replace('_', ' ')}."
    known = Known(secrets.hidden[person], secrets.shown[person], "Nice")
    bodies = [each for each in asked(operation, known) if each.path == path][:6]
    requests = [Asked(operation.method, path, {}, {"name": 1} if operation.method != "GET" else None), *bodies]
    replies = [await sent(client, each) for each in requests]
    assert {(status, body["errors"][0]["message"]) for status, body in replies} == {(403, words)}
    assert len({json.dumps(body) for _, body in replies}) == 1
    batched = (await client.batch(*({**each.action("name"), "options": {}} for each in requests))).data
    assert {(each["status_code"], each["body"]["errors"][0]["message"]) for each in batched} == {(403, words)}


GUESSES = (
    ("user", "ann@acme.example", "who@acme.example"),
    ("task", "external:hush-1", "external:hush-9"),
)


@pytest.mark.parametrize("person", ["bob", "gus", "eve"])
@pytest.mark.parametrize(("kind", "taken", "free"), GUESSES, ids=["address", "external"])
async def test_what_can_be_guessed_is_not_confirmed(
    secrets: Secrets, person: str, kind: str, taken: str, free: str
) -> None:
    """A name that a hidden row has and one that none has: the same words, after the same reads."""
    if kind == "user" and person != "eve":
        return  # they know ann
    known = Known({**secrets.hidden[person], kind: taken}, secrets.shown[person], "Nice")
    requests = [each for operation in BUILT for each in asked(operation, known) if taken in str(each)]
    # To invite an address is to say that it is somebody's.
    requests = [each for each in requests if not each.path.endswith("/addUser") or "/teams/" in each.path]
    assert len(requests) > 20
    for request in requests:
        other = Asked(*(_replaced(each, taken, free) for each in (request.method, request.path, request.query)))
        other = replace(other, data=_replaced(request.data, taken, free))
        with reads(secrets.world) as first:
            mine = await sent(secrets.client(person), request)
        with reads(secrets.world) as second:
            theirs = await sent(secrets.client(person), other)
        assert mine[0] in (400, 403, 404), (request, mine)
        assert _replaced(mine[1], taken, free) == theirs[1], request
        assert first == second, request


def _replaced(value: Any, old: str, new: str) -> Any:
    return json.loads(json.dumps(_plain(value)).replace(old, new))


def _plain(value: Any) -> Any:
    return dict(value) if hasattr(value, "items") else value


@contextmanager
def reads(world: World) -> Iterator[list[Any]]:
    """The readings that the store is asked for meanwhile, without their keys."""
    store: Any = world.store
    heard: list[Any] = []
    fetch = store.fetch

    def listened(reading: Any, caller: int, keys: Any) -> Any:
        heard.append((reading, caller))
        return fetch(reading, caller, keys)

    store.fetch = listened
    try:
        yield heard
    finally:
        del store.fetch


async def test_without_a_scope_all_rows_are_the_same(secrets: Secrets) -> None:
    """Whoever lacks an operation's scope is told that, whether the row is shown, hidden or missing."""
    scopes = {each.needs for each in BUILT if each.needs}
    app = await an_app(secrets.world, scopes=tuple(SCOPES))
    for scope in sorted(scopes):
        rest = " ".join(each for each in SCOPES if each not in (scope, EVERYTHING))
        client = replace(secrets.world.bob, token=(await app.tokens(scope=rest))["access_token"])
        for operation in (each for each in BUILT if each.needs == scope):
            paths = {naming(operation, **gids) for gids in (secrets.shown["bob"], secrets.hidden["bob"], {})}
            replies = [await sent(client, Asked(operation.method, path, {}, _nothing(operation))) for path in paths]
            assert {status for status, _ in replies} == {403}
            assert {body["errors"][0]["message"] for _, body in replies} == {LACKING + scope}
            actions = [Asked(operation.method, path).action("name") for path in paths]
            if operation.batchable:
                batched = (await client.batch(*actions)).data
                assert {each["body"]["errors"][0]["message"] for each in batched} == {LACKING + scope}


def _nothing(operation: Operation) -> dict[str, Any] | None:
    return None if operation.method == "GET" else {}


SHOWN = [each for each in BUILT if each.method == "GET" and each.kind and each.path == f"/{KINDS[each.kind].plural}"
         f"/{{{each.kind}_gid}}"]  # fmt: skip


@pytest.mark.parametrize("person", ["bob", "gus"])
@pytest.mark.parametrize("operation", SHOWN, ids=[each.kind for each in SHOWN])
async def test_no_path_of_fields_leads_to_what_is_hidden(secrets: Secrets, operation: Operation, person: str) -> None:
    """Each field of each row that is three references away."""
    kind, client = operation.kind, secrets.client(person)
    gid = secrets.shown[person].get(kind)
    if not gid or (person, kind) == ("gus", "team_membership"):  # which is none of his business
        return
    for fields in _packed(_paths(KINDS[kind], 3)):
        answer = await client.get(f"{operation.path.partition('{')[0]}{gid}", opt_fields=fields)
        assert answer.status == 200, answer.body
        text = json.dumps(answer.data)
        assert WORD not in text
        assert not [each for each in secrets.kept[person] if f'"{each}"' in text]


def _paths(kind: Kind, depth: int) -> Iterator[str]:
    said = [each.name for each in kind.fields if not each.hidden and not each.target]
    yield f"({'|'.join(['gid', *said])})"
    for each in kind.fields if depth else ():
        if each.target and not each.hidden:
            yield from (f"{each.name}.{below}" for below in _paths(KINDS[each.target], depth - 1))


def _packed(terms: Iterator[str]) -> Iterator[str]:
    part: list[str] = []
    names = 0
    for term in terms:
        size = term.count("|") + term.count(".") + 1
        if part and (names + size > 1_500 or len(",".join([*part, term])) > MOST_CHARACTERS):
            yield ",".join(part)
            part, names = [], 0
        part.append(term)
        names += size
    yield ",".join(part)


@pytest.mark.parametrize("person", PEOPLE)
async def test_searches_are_no_oracles(secrets: Secrets, person: str) -> None:
    """Words that only hidden things say find nothing, also where a visible one mentions them."""
    client, home = secrets.client(person), secrets.world.workspace if person != "eve" else secrets.world.elsewhere
    for word in (WORD, "hush plan", "hus", "words"):
        for kind in ("tasks", "projects"):
            found: Any = await ok(client.get(f"/workspaces/{home}/{kind}/search", text=word, opt_fields="name"))
            assert found == [], (word, kind)
        for sort in ("project", "task", "tag", "team", "user"):
            found = await ok(client.get(f"/workspaces/{home}/typeahead", resource_type=sort, query=word))
            assert found == []


async def test_what_is_tied_to_hidden_things_counts_as_if_it_were_not(secrets: Secrets) -> None:
    """Filters, numbers and lists agree with the record, in which hidden things aren't."""
    bob, task, home = secrets.world.bob, secrets.shown["bob"]["task"], secrets.world.workspace
    record = (await bob.get(f"/tasks/{task}", opt_fields="dependencies,dependents,parent,memberships.project")).data
    assert (record["dependencies"], record["dependents"], record["parent"]) == ([], [], None)
    assert [each["project"]["gid"] for each in record["memberships"]] == [secrets.shown["bob"]["project"]]
    for filters in ({"is_blocked": "true"}, {"is_blocking": "true"}, {"is_subtask": "true"}, {"teams.any": "null"}):
        found: Any = await ok(bob.send("GET", f"/workspaces/{home}/tasks/search", query=filters | {"text": "Acme"}))
        assert (task in [each["gid"] for each in found]) == ("teams.any" in filters)
    for relation in ("dependencies", "dependents"):
        assert (await bob.get(f"/tasks/{task}/{relation}")).data == []
