"""The OpenAPI document and the page that is made from it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from html import unescape
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator
from tests.contract.reference import Described
from tests.world import World

PAGE = "/docs"
DOCUMENT = "/api/1.0/openapi.json"


@pytest.fixture
async def document(world: World) -> Any:
    """The document as anybody gets it, without a token."""
    answer = await world.ann.http.get(DOCUMENT)
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
async def page(world: World) -> httpx2.Response:
    """The page as anybody gets it."""
    return await world.ann.http.get(PAGE)


def references(value: Any) -> set[str]:
    """Every `$ref` in the document."""
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def followed(document: Any) -> Callable[[Any], Any]:
    """What finds the parameter behind a `$ref`."""
    return Described(document).followed


async def test_every_reference_leads_somewhere(document: Any) -> None:
    for each in references(document):
        target = document
        for name in each.removeprefix("#/").split("/"):
            target = target[name]


async def test_nothing_is_described_that_no_operation_uses(document: Any) -> None:
    used = references(document)
    described = {
        f"#/components/{group}/{name}"
        for group in ("headers", "parameters", "responses", "schemas")
        for name in document["components"][group]
    }
    compact = {each for each in described if each.endswith(("Compact", "Response"))}
    assert described - used - compact == set()


async def test_schemas_are_json_schemas(document: Any) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_every_parameter_of_a_path_is_described(document: Any) -> None:
    for path, item in document["paths"].items():
        for operation in item.values():
            named = {each["name"] for each in operation["parameters"] if each.get("in") == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


async def test_a_reply_fulfils_the_document(world: World, document: Any) -> None:
    schema = {"$ref": "#/components/schemas/UserResponse", "components": document["components"]}
    answer = await world.ann.get("/users/me")
    assert list(Draft202012Validator(schema).iter_errors(answer.data)) == []
    assert set(answer.data) <= set(document["components"]["schemas"]["UserResponse"]["properties"])


async def test_other_methods_have_no_route(world: World) -> None:
    answer = await world.ann.post("/openapi.json")
    assert (answer.status, answer.message) == (404, "No matching route for request")


async def test_the_page_needs_nothing_but_itself(page: httpx2.Response) -> None:
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert not re.findall(r"<script|<img|<iframe|@import|url\(|<link(?! rel=\"icon\" href=\"data:,\")", page.text)
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


async def test_the_page_shows_every_operation_and_has_no_dead_links(page: httpx2.Response, document: Any) -> None:
    places = set(re.findall(r'id="([^"]+)"', page.text))
    ids = {operation["operationId"] for item in document["paths"].values() for operation in item.values()}
    assert ids <= places
    assert set(re.findall(r'href="#([^"]+)"', page.text)) <= places
    assert len(places) == len(re.findall(r'id="', page.text))


async def test_the_page_shows_the_headers_of_requests_and_replies(page: httpx2.Response, document: Any) -> None:
    bodies = re.split(r'<div class="body" id="(\w+)">', page.text)
    shown = dict(zip(bodies[1::2], bodies[2::2], strict=True))
    for operation in (each for item in document["paths"].values() for each in item.values()):
        given = [each for each in map(followed(document), operation["parameters"]) if each["in"] == "header"]
        assert given
        for each in given:
            assert f"<code>{each['name']}</code>" in shown[operation["operationId"]]
    _, replies = page.text.split('<h2 id="headers">')
    assert all(f"<code>{name}</code>" in replies for name in document["components"]["headers"])


async def test_the_page_tells_every_way_a_batch_is_answered(page: httpx2.Response) -> None:
    (told,) = re.findall(r"<p>Answers(?:(?!</p>).)*createBatchRequest</code>.</p>", page.text, re.DOTALL)
    for each in ("<b>200</b>", "array of BatchResponse", "<b>202</b>", "BatchJobResponse", "text/event-stream"):
        assert each in told


async def test_the_page_names_the_address_it_was_read_at(page: httpx2.Response) -> None:
    assert "export API=http://server.test/api/1.0\n" in page.text


async def test_an_odd_address_does_no_harm(world: World) -> None:
    odd = await world.ann.http.get(PAGE, headers={"host": 'x"><script>'})
    assert "<script" not in odd.text


async def test_the_commands_reach_their_operations(world: World, page: httpx2.Response, document: Any) -> None:
    """Each command as a shell would read it: a route, and JSON for a body."""
    commands = [unescape(each) for each in re.findall(r"<code>(curl .*?)</code>", page.text, re.DOTALL)]
    assert len(commands) == sum(len(item) for item in document["paths"].values())
    for command in commands:
        words = shlex.split(command.replace("\\\n", ""))
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        url = next(each for each in words if each.startswith("$API")).removeprefix("$API")
        if "-d" in words:
            assert "data" in json.loads(words[words.index("-d") + 1])
        answer = await world.nobody.send(method, url)
        assert answer.status == 401, command
