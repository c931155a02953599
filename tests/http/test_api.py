"""The edge of the API in process: routes before tokens, queries, headers, methods that mean others."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from tests.world import World

from batchwright.engine.replies import BASE_PATH
from batchwright.resources import OPERATIONS

JSON_TYPE = "application/json; charset=UTF-8"
GETS = sorted({operation.path for operation in OPERATIONS if operation.method == "GET"})


async def send(world: World, method: str, path: str, **rest: Any) -> httpx2.Response:
    """A request of ann's, as raw as may be; path: from the root."""
    headers = {"authorization": f"Bearer {world.ann.token}", **rest.pop("headers", {})}
    return await world.ann.http.request(method, path, headers=headers, **rest)


def message(response: httpx2.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == JSON_TYPE
    return response.status_code, response.json()["errors"][0]["message"]


NO_ROUTE = (404, "No matching route for request")
NOT_AUTHORIZED = (401, "Not Authorized")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nope"),
        ("GET", ""),
        ("GET", "/"),
        ("PATCH", "/users/me"),
        ("DELETE", "/workspaces"),
        ("OPTIONS", "/users/me"),
        ("TRACE", "/users/me"),
        ("BREW", "/users/me"),
        ("POST", "/workspaces/1"),
        ("GET", "/batch"),
        ("HEAD", "/batch"),
    ],
)
async def test_routes_come_before_tokens_and_there_is_no_405(world: World, method: str, path: str) -> None:
    for headers in ({}, {"authorization": f"Bearer {world.ann.token}"}):
        if path == "/workspaces/1" and headers:
            continue  # with a token the POST's body decides, below
        response = await world.ann.http.request(method, BASE_PATH + path, headers=headers)
        assert response.status_code == 404
        if method != "HEAD":
            assert message(response) == NO_ROUTE


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer \xff", "bearer x y"])
async def test_without_a_known_token_nothing_is_answered(world: World, token: str) -> None:
    response = await world.ann.http.request(
        "GET", BASE_PATH + "/users/me", headers={b"authorization": token.encode("latin-1")}
    )
    assert message(response) == NOT_AUTHORIZED


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/2.0/users/me", "/api/1.0", "/api/1.0/tasks/%0A/events"])
async def test_unknown_paths_of_the_api_are_answered_in_its_words(world: World, path: str) -> None:
    assert message(await send(world, "GET", path)) == NO_ROUTE


@pytest.mark.parametrize("path", ["/", "/nope", "/apis", "/favicon.ico", "/healthz/x", "/%ff"])
async def test_other_unknown_paths_are_plain(world: World, path: str) -> None:
    response = await send(world, "GET", path)
    assert (response.status_code, response.text) == (404, "Not Found\n")


async def test_replies_carry_their_headers(world: World) -> None:
    response = await send(world, "GET", BASE_PATH + "/users/me")
    assert response.headers["content-type"] == JSON_TYPE
    assert response.headers["x-asana-api-version"] == "1.1"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    other = await send(world, "GET", BASE_PATH + "/users/me")
    assert response.headers["x-request-id"] != other.headers["x-request-id"]


async def test_what_is_made_is_located(world: World) -> None:
    data = {"name": "x", "workspace": world.workspace, "assignee": "me"}
    answer = await world.ann.post("/tasks", data)
    assert answer.status == 201
    assert answer.headers["location"] == f"{BASE_PATH}/tasks/{answer.data['gid']}"


async def test_a_head_is_a_get_without_a_body(world: World) -> None:
    for route in GETS:
        path = route.replace("{workspace_gid}", world.workspace).replace("{user_gid}", "me")
        path = BASE_PATH + re.sub(r"\{[a-z_]+\}", "7", path)
        get, head = [await send(world, method, path) for method in ("GET", "HEAD")]
        assert (head.status_code, head.content) == (get.status_code, b""), route
        assert head.headers["content-type"] == JSON_TYPE


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
@pytest.mark.parametrize("body", [b"", b"{}", b"nonsense", b'{"name":1}', b"\xff"])
async def test_a_body_means_nothing_where_none_belongs(world: World, method: str, body: bytes) -> None:
    path = f"{BASE_PATH}/tasks/7" if method == "DELETE" else f"{BASE_PATH}/users/me"
    response = await send(world, method, path, content=body, headers={"content-type": "application/json"})
    assert response.status_code in (200, 404)


async def test_form_bodies_create(world: World) -> None:
    fields = {"name": "é & co", "workspace": world.workspace, "assignee": "me", "opt_fields": "name"}
    url_encoded = await send(world, "POST", f"{BASE_PATH}/tasks", data=fields)
    multipart = await send(world, "POST", f"{BASE_PATH}/tasks", data=fields, files={"file": b"ignored"})
    for response in (url_encoded, multipart):
        assert response.status_code == 201
        assert response.json()["data"] == {"gid": response.json()["data"]["gid"], "name": "é & co"}


async def test_options_of_the_body_act_like_those_of_the_query(world: World) -> None:
    data = {"name": "x", "workspace": world.workspace, "assignee": "me"}
    body = {"data": data, "options": {"fields": ["name", " completed"], "pretty": True}}
    response = await send(world, "POST", f"{BASE_PATH}/tasks?opt_fields=notes", json=body)
    made = response.json()["data"]
    assert made == {"gid": made["gid"], "name": "x", "completed": False}
    assert response.text.startswith('{\n  "data": {\n    "gid"')
    assert response.text.endswith("}\n")


@pytest.mark.parametrize("query", ["opt_pretty", "opt_pretty=", "opt_pretty=true", "opt_pretty=True", "opt_pretty=1"])
async def test_pretty_replies(world: World, query: str) -> None:
    assert (await send(world, "GET", f"{BASE_PATH}/users/me?{query}")).text.startswith("{\n")
    assert (await send(world, "GET", f"{BASE_PATH}/tasks/7?{query}")).text.startswith("{\n")


@pytest.mark.parametrize("query", ["", "opt_pretty=false", "opt_pretty=False", "opt_pretty=true&opt_pretty=false"])
async def test_terse_replies(world: World, query: str) -> None:
    assert (await send(world, "GET", f"{BASE_PATH}/users/me?{query}")).text.startswith('{"data"')


async def test_a_post_may_mean_a_put_or_a_delete(world: World) -> None:
    task = (await world.ann.post("/tasks", {"name": "x", "workspace": world.workspace, "assignee": "me"})).data["gid"]
    path = f"{BASE_PATH}/tasks/{task}"
    put = {"data": {"name": "y"}, "options": {"method": "put", "fields": "name"}}
    assert (await send(world, "POST", path, json=put)).json()["data"] == {"gid": task, "name": "y"}
    form = {"name": "z", "opt_method": "PUT", "opt_fields": "name"}
    assert (await send(world, "POST", path, data=form)).json()["data"] == {"gid": task, "name": "z"}
    deleted = await send(world, "POST", path, json={"options": {"method": "delete"}})
    assert (deleted.status_code, deleted.json()) == (200, {"data": {}})


@pytest.mark.parametrize("meant", ["get", "patch", "", 7, ["put"]])
async def test_a_post_may_mean_nothing_else(world: World, meant: object) -> None:
    response = await send(world, "POST", f"{BASE_PATH}/tasks", json={"data": {}, "options": {"method": meant}})
    assert message(response) == (400, "options: method: Value is not one of post, put, delete")


async def test_only_a_post_may_mean_something_else(world: World) -> None:
    task = (await world.ann.post("/tasks", {"name": "x", "workspace": world.workspace, "assignee": "me"})).data["gid"]
    body = {"data": {"name": "y"}, "options": {"method": "delete"}}
    assert (await send(world, "PUT", f"{BASE_PATH}/tasks/{task}", json=body)).status_code == 200
    assert message(await send(world, "POST", f"{BASE_PATH}/tasks/{task}", json={"data": {}})) == NO_ROUTE
    body = {"options": {"method": "delete"}}
    assert message(await send(world, "POST", f"{BASE_PATH}/workspaces/{world.workspace}", json=body)) == NO_ROUTE


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("opt_fields=name&opt_fields=email", 200),
        ("opt_fields=email%zz%", 200),
        ("%=%&&=&a;b", 200),
        ("opt_fields=%ff", 400),
        ("%c3=1", 400),
        ("&".join(["a=1"] * 1001), 400),
        ("&".join(f"a{number}=1" for number in range(900)), 200),
    ],
    ids=lambda each: str(each)[:20],
)
async def test_queries_of_every_sort(world: World, query: str, status: int) -> None:
    response = await send(world, "GET", f"{BASE_PATH}/users/me?{query}")
    assert response.status_code == status


async def test_of_a_repeated_parameter_the_last_counts(world: World) -> None:
    response = await send(world, "GET", f"{BASE_PATH}/users/me?opt_fields=name&opt_fields=email")
    assert response.json()["data"] == {"gid": world.ann.gid, "email": "ann@acme.example"}


@pytest.mark.parametrize("limit", ["100", "1"])
async def test_the_sdks_limit_is_ignored_where_there_are_no_pages(world: World, limit: str) -> None:
    actions = [{"method": "get", "relative_path": "/users/me"}] * 2
    answer = await world.ann.batch(*actions, limit=limit)
    assert [result["status_code"] for result in answer.data] == [200, 200]
    assert answer.body.get("next_page") is None


@pytest.mark.parametrize("host", ["tasks.example:8080", "[::1]:80"])
async def test_pages_link_to_the_host_that_was_asked(world: World, host: str) -> None:
    for _ in range(2):
        await world.ann.post("/tasks", {"name": "x", "workspace": world.workspace, "assignee": "me"})
    path = f"{BASE_PATH}/tasks?assignee=me&workspace={world.workspace}&limit=1"
    response = await send(world, "GET", path, headers={"host": host})
    following = response.json()["next_page"]
    assert following["uri"] == f"http://{host}{BASE_PATH}{following['path']}"


async def test_pages_link_to_the_same_question(world: World) -> None:
    for _ in range(2):
        await world.ann.post("/tasks", {"name": "x", "workspace": world.workspace, "assignee": "me"})
    asked = (
        f"/tasks?assignee=me&workspace={world.workspace}&limit=1&opt_fields=name,(followers|assignee).email&opt_pretty="
    )
    response = await send(world, "GET", BASE_PATH + asked)
    following = response.json()["next_page"]
    assert following["path"] == f"{asked}true&offset={following['offset']}"


async def test_opt_fields_past_the_bounds_are_refused_before_anything_is_done(world: World) -> None:
    task = {"name": "unwanted", "workspace": world.workspace, "assignee": "me"}
    fields = "name," * 4_000
    single = await world.ann.send("POST", "/tasks", json={"data": task, "options": {"fields": fields}})
    action = {"relative_path": "/tasks", "method": "post", "data": task, "options": {"fields": [fields]}}
    of_batch = await world.ann.send("POST", "/batch", json={"data": {"actions": [action]}})
    assert single.status == of_batch.data[0]["status_code"] == 400
    del action["options"]
    whole = await world.ann.send("POST", "/batch", json={"data": {"actions": [action]}, "options": {"fields": fields}})
    assert whole.status == 400
    listed = await world.ann.get("/tasks", assignee="me", workspace=world.workspace)
    assert listed.data == []
