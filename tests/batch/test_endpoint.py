"""BatchEndpoint over an app that knows nothing of it: the same contract as the server's own batch."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import httpx2
import msgspec
import pytest
from fastapi import FastAPI
from starlette.types import Scope
from tests.batch.asking import get, message, post, results, send, statuses
from tests.batch.shop import shop

from batchwright.batch import BatchEndpoint, Problem

ALLOW = (
    *("POST /orders", "GET /orders/{number}", "DELETE /orders/{number}", "GET /echo/{rest}", "POST /echo"),
    *("GET /broken", "GET /cancelled", "GET /moved", "GET /stream/{count}", "GET /page", "GET /picture", "GET /lies"),
    *("GET /together/{number}", "GET /never", "POST /later", "POST /batch"),
)


def mounted(app: FastAPI | None = None, **how: Any) -> FastAPI:
    app = app or shop()
    app.add_route("/batch", BatchEndpoint(app, **{"allow": ALLOW, **how}))  # type: ignore[arg-type] # any ASGI app
    return app


async def test_actions_are_answered_in_order_each_with_status_headers_and_body() -> None:
    app = mounted()
    await results(app, post("/orders", {"product": "tea"}))
    answered = await results(
        app,
        post("/orders", {"product": "milk", "amount": 2}),
        get("/orders/1"),
        get("/orders/9"),
        {"method": "DELETE", "relative_path": "/orders/1"},
        post("/orders", {"amount": 2}),
    )
    assert [set(each) for each in answered] == [{"status_code", "headers", "body"}] * 5
    assert answered[0] == {
        "status_code": 201,
        "headers": {"location": "/orders/2"},
        "body": {"id": 2, "by": "nobody", "product": "milk", "amount": 2},
    }
    assert statuses(answered[1:]) == [200, 404, 204, 422]
    assert answered[2]["body"] == {"detail": "No such order"}
    assert (answered[3]["headers"], answered[3]["body"]) == ({}, {})


async def test_actions_run_at_once() -> None:
    answered = await results(mounted(), *(get(f"/together/{number}") for number in range(3)))
    assert [each["body"] for each in answered] == [0, 1, 2]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"actions": []}, "actions: A batch has 1 to 3 actions, not 0"),
        ({"actions": [get("/page")] * 4}, "actions: A batch has 1 to 3 actions, not 4"),
        ({"actions": "x"}, "actions: Value is not an array"),
        ({"actions": [get("/page"), {"method": "get"}]}, "actions: [1]: relative_path: Missing required field"),
        ({"actions": [get("/page")], "atomic": True}, "atomic: Only a server with its own database can"),
        ({"actions": [get("/page")], "dry_run": True}, "dry_run: Only a server with its own database can"),
        (
            {"actions": [{**get("/page"), "idempotency_key": "k"}]},
            "idempotency_key: Only a server with its own database can",
        ),
        ({"actions": [get("/page", depends_on=["b"])]}, "actions: [0]: depends_on: No action has the id b"),
    ],
)
async def test_what_refuses_the_whole_batch_runs_nothing(data: dict[str, Any], said: str) -> None:
    app = mounted(max_actions=3, before=_never)
    response = await send(app, **{"actions": [], **data})
    assert (response.status_code, message(response.json())) == (400, said)


def _never(scope: Scope, actions: Sequence[Mapping[str, Any]]) -> None:
    raise AssertionError("a malformed batch costs nothing")


@pytest.mark.parametrize(
    ("action", "status", "said"),
    [
        ({"method": "trace", "relative_path": "/page"}, 400, "method: Value is not one of"),
        (get("/page?a=1"), 400, "relative_path: Query strings are not accepted"),
        (get("/admin"), 400, "relative_path: GET /admin is not supported in batch requests"),
        ({"method": "put", "relative_path": "/page"}, 400, "relative_path: PUT /page is not supported"),
        (get("/page", data=[1]), 400, "data: Value is not a JSON object"),
        (get("/page", options="x"), 400, "options: Value is not a JSON object"),
        (get("/page", options={"colour": 1}), 400, "options: colour: Value is not one of fields, limit, offset"),
        (get("/page", data={"a": {"b": 1}}), 400, "a: Value is not a string"),
        (post("/batch", {"actions": [get("/page")]}), 400, "relative_path: POST /batch is not supported in batch"),
        (get("/broken"), 500, "Internal Server Error"),
        (get("/cancelled"), 500, "Server Error"),
    ],
)
async def test_what_refuses_only_the_action(action: Any, status: int, said: str) -> None:
    first, refused, last = await results(mounted(), get("/page"), action, get("/page"))
    assert (first["status_code"], refused["status_code"], last["status_code"]) == (200, status, 200)
    assert (refused["body"] if isinstance(refused["body"], str) else message(refused)).startswith(said)
    assert "secret" not in json.dumps(refused)


async def test_data_and_options_become_query_or_body() -> None:
    app = mounted(options={"fields": "opt_fields", "limit": "per_page"})
    data = {"tag": ["a b", "c"], "yes": True, "none": None, "n": 1.5}
    read, written = await results(
        app,
        get("/echo/x", data=data, options={"limit": 3, "fields": ["id", "by"]}),
        post("/echo", {"a": [1, {"b": None}]}, options={"limit": 3}),
    )
    assert read["body"]["tags"] == ["a b", "c"]
    assert read["body"]["query"] == "tag=a+b&tag=c&yes=true&n=1.5&per_page=3&opt_fields=id%2Cby"
    assert written["body"] == {"body": '{"a":[1,{"b":null}]}', "query": "per_page=3"}


async def test_bodies_are_wrapped_for_apps_that_want_it_so() -> None:
    bare = {"method": "post", "relative_path": "/echo"}
    wrapped, none = await results(mounted(wrap="data"), post("/echo", {"a": 1}), bare)
    assert (wrapped["body"]["body"], none["body"]["body"]) == ('{"data":{"a":1}}', "")


async def test_a_head_is_a_get_without_its_body() -> None:
    app = shop()
    app.add_api_route("/thing", lambda: "x", methods=["GET", "HEAD"])
    answered = await results(mounted(app, allow=["GET /thing"]), {"method": "head", "relative_path": "/thing"})
    assert answered == [{"status_code": 200, "headers": {}, "body": {}}]


async def test_answers_that_are_no_json_are_told_as_what_they_are() -> None:
    app = mounted(show=["content-type"])
    page, picture, lies, stream = await results(app, get("/page"), get("/picture"), get("/lies"), get("/stream/2"))
    assert (page["body"], picture["body"], lies["body"]) == ("<p>Grüße</p>", None, '{"data": [1, 2')
    assert picture["headers"] == {"content-type": "image/png"}
    assert stream["body"] == [0, 1, 0]


async def test_an_answer_past_the_bound_is_refused_alone() -> None:
    first, last = await results(mounted(max_answer_bytes=1_000), get("/stream/100000000"), get("/stream/100"))
    assert (first["status_code"], last["status_code"]) == (502, 200)
    assert message(first).startswith("What was answered is larger than 1000 bytes")


async def test_redirects_are_not_followed() -> None:
    (moved,) = await results(mounted(), get("/moved"))
    assert (moved["status_code"], moved["headers"]) == (307, {"location": "/admin"})


async def test_an_action_carries_the_callers_authorization_and_what_was_listed_and_no_more() -> None:
    given = {
        "authorization": "Bearer mine",
        "cookie": "session=mine",
        "x-trace": "7",
        "x-forwarded-for": "10.0.0.1",
        "x-role": "admin",
        "accept-encoding": "gzip",
    }
    (bare,) = await results(mounted(), get("/echo/x"), headers=given)
    assert bare["body"]["headers"] == {
        "host": "shop.example",
        "authorization": "Bearer mine",
        "accept": "application/json",
        "accept-encoding": "identity",
        "batchwright-action": "1",
    }
    (more,) = await results(mounted(forward=["X-Trace", "Cookie"]), get("/echo/x"), headers=given)
    assert set(more["body"]["headers"]) - set(bare["body"]["headers"]) == {"x-trace", "cookie"}


async def test_an_action_has_a_state_of_its_own_and_the_callers_address() -> None:
    app = mounted(state=["db"])

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"db": "the database", "user": "found by a middleware"}
        await app(scope, receive, send)

    (echo,) = await results(outer, get("/echo/x"))
    assert echo["body"]["state"] == {"db": "the database"}
    assert echo["body"]["client"] == "192.0.2.7"


async def test_it_answers_below_a_root_path_and_in_a_mounted_app() -> None:
    api, site = shop(), FastAPI()
    mounted(api)
    site.mount("/api", api)
    response = await send(site, get("/echo/x"), path="/api/batch")
    assert response.json()["data"][0]["body"]["path"] == "/echo/x"

    async def proxied(scope: Any, receive: Any, send: Any) -> None:
        await api({**scope, "root_path": "/shop", "path": "/shop" + scope["path"]}, receive, send)

    (echo,) = await results(proxied, get("/echo/x"))
    assert (echo["body"]["path"], echo["body"]["url"]) == ("/shop/echo/x", "http://shop.example/shop/orders/1")


async def test_paths_are_below_the_base() -> None:
    app = FastAPI()
    app.mount("/v1", shop())
    app.add_route("/batch", BatchEndpoint(app, allow=["GET /page"], base="/v1"))  # type: ignore[arg-type] # as above
    assert statuses(await results(app, get("/page"), get("page"), get("/v1/page"))) == [200, 200, 400]


async def test_an_action_that_takes_too_long_holds_up_nobody_and_is_given_up() -> None:
    app = shop()
    for seconds, extra in ((0.02, {}), (30, {"timeout_ms": 20})):
        endpoint = BatchEndpoint(app, allow=ALLOW, timeout_seconds=seconds)
        never, page = await results(endpoint, get("/never", **extra), get("/orders/9"))
        assert (never["status_code"], page["status_code"], "not undone" in message(never)) == (504, 404, True)
        await endpoint.aclose()
    assert app.state.after == ["given up"] * 2


async def test_what_an_app_does_after_its_answer_is_not_waited_for_but_finished() -> None:
    app = shop()
    endpoint = BatchEndpoint(app, allow=ALLOW)
    async with endpoint:
        assert statuses(await results(endpoint, post("/later"))) == [200]
        assert app.state.after == []
        app.state.gate.set()
    assert app.state.after == ["finished"]


async def test_the_apps_lifespan_is_not_touched() -> None:
    app = shop()
    endpoint = BatchEndpoint(app, allow=ALLOW)
    sent: list[str] = []
    received = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Any:
        return {"type": next(received)}

    async def sending(message: Any) -> None:
        sent.append(message["type"])

    await endpoint({"type": "lifespan"}, receive, sending)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert app.state.lives == 0


async def test_before_is_asked_once_with_all_actions_and_may_refuse_them_all() -> None:
    seen: list[list[str]] = []

    async def before(scope: Scope, actions: Sequence[Mapping[str, Any]]) -> None:
        seen.append([each["relative_path"] for each in actions])
        if len(actions) > 2:
            raise Problem(429, "Too many for today", headers={"Retry-After": "7"})

    app = mounted(before=before)
    assert statuses(await results(app, get("/page"), get("/admin"))) == [200, 400]
    refused = await send(app, *[post("/orders", {"product": "tea"})] * 3)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    assert message(refused.json()) == "Too many for today"
    assert seen == [["/page", "/admin"], ["/orders"] * 3]
    assert app.state.orders == {}


async def test_a_function_is_asked_about_the_path_that_values_make() -> None:
    asked: list[str] = []

    def allow(method: str, path: str) -> bool:
        asked.append(path)
        return path == "/orders" or path.endswith("/1")

    await results(mounted(allow=allow), post("/orders", {"product": "tea"}, id="made"), get("/orders/{made#/id}"))
    assert asked == ["/orders", "/orders/1"]


async def test_allow_may_be_a_function_and_one_that_fails_fails_its_action() -> None:
    def picky(method: str, path: str) -> bool:
        if path == "/lies":
            raise RuntimeError("a secret")
        return (method, path) == ("GET", "/page")

    assert statuses(await results(mounted(allow=picky), get("/page"), get("/lies"), get("/admin"))) == [200, 500, 400]


async def test_values_of_other_replies_order_and_short_results() -> None:
    answered = await results(
        mounted(),
        get("/orders/{made#/id}", id="read"),
        post("/orders", {"product": {"$ref": "page#"}}, id="made"),
        get("/page", id="page"),
        get("/orders/{nothing#/id}"),
        get("/lies", id="nothing"),
        results="failed",
    )
    assert statuses(answered) == [200, 201, 200, 424, 200]
    assert [set(each) for each in answered][:2] == [{"id", "status_code"}] * 2
    (read, _) = await results(
        mounted(),
        get("/orders/{made#/id}"),
        post("/orders", {"product": "tea"}, id="made"),
    )
    assert read["body"]["product"] == "tea"


async def test_a_value_may_not_lead_where_the_path_was_not_asked_for() -> None:
    app = mounted(allow=["POST /orders", "GET /orders/1", "GET /orders/{number}"])
    made = post("/orders", {"product": "../admin"}, id="made")
    other, climbed, _ = await results(app, get("/orders/{made#/id}"), get("/orders/{made#/product}"), made)
    assert (other["status_code"], climbed["status_code"]) == (400, 400)
    assert message(other) == "relative_path: /orders/1 is not a path that was asked for"


@pytest.mark.parametrize(
    ("accept", "begins"), [("application/x-ndjson", b"{"), ("text/event-stream", b"event: result")]
)
async def test_results_are_streamed_as_they_come(accept: str, begins: bytes) -> None:
    app = mounted()
    response = await send(app, get("/page"), get("/orders/7"), headers={"accept": accept})
    assert response.headers["content-type"].startswith(accept)
    assert "x-asana-api-version" not in response.headers
    lines = [line for line in response.content.splitlines() if b'"index"' in line]
    found = {each["index"]: each["status_code"] for each in (json.loads(line[line.index(b"{") :]) for line in lines)}
    assert (found, response.content.startswith(begins)) == ({0: 200, 1: 404}, True)


async def test_parts_of_results_and_pretty_answers() -> None:
    response = await send(mounted(), get("/page"), path="/batch?opt_fields=status_code&opt_pretty=true&limit=100")
    assert response.text == '{\n  "data": [\n    {\n      "status_code": 200\n    }\n  ]\n}\n'


@pytest.mark.parametrize(
    ("method", "headers", "content", "status"),
    [
        ("GET", {}, b"", 405),
        ("POST", {"content-type": "text/plain"}, b'{"data":{"actions":[]}}', 415),
        ("POST", {}, b'{"data":{"actions":[]}}', 415),
        ("POST", {"content-type": "application/json"}, b"[" * 100_000, 400),
        ("POST", {"content-type": "application/json; charset=utf-8"}, b'{"data":', 400),
        ("POST", {"content-type": "application/json"}, b" " * 2_000, 413),
        ("POST", {"content-type": "application/json", "batchwright-action": "1"}, b"{}", 400),
    ],
)
async def test_what_is_no_batch(method: str, headers: dict[str, str], content: bytes, status: int) -> None:
    app = mounted(max_body_bytes=1_000 if len(content) == 2_000 else 1_000_000)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        response = await client.request(method, "/batch", headers=headers, content=content)
    assert (response.status_code, list(response.json())) == (status, ["errors"])


@pytest.mark.parametrize(
    "how",
    [
        {"allow": "GET /page"},
        {"allow": ["GET page"]},
        {"allow": ["get /page"]},
        {"allow": ["HEAD /page"]},
        {"allow": ["GET /page/x{id}"]},
        {"allow": ["GET /page/../admin"]},
        {"forward": ["Host"]},
        {"forward": ["Content-Length"]},
        {"show": ["Set-Cookie"]},
        {"base": "v1"},
    ],
)
def test_what_can_not_be_meant_is_refused_at_the_start(how: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        BatchEndpoint(shop(), **{"allow": ALLOW, **how})


def test_it_is_imported_without_the_server() -> None:
    code = "import sys, batchwright.batch; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    heavy = {"sqlalchemy", "alembic", "psycopg", "sqlite3", "redis", "jinja2", "uvicorn", "argon2", "httpx2", "fastapi"}
    assert {each for each in loaded if each.split(".")[0] in heavy} == set()
    ours = {"app", "cli", "console", "demo", "resources", "shapes", "steps", "oauth", "openapi", "accounts"}
    assert {each for each in loaded if each.startswith("batchwright.") and each.split(".")[1] in ours} == set()
    assert {each for each in loaded if each.startswith("batchwright.store.")} <= {"batchwright.store.editions"}


async def test_an_answer_is_read_once_however_many_values_are_taken_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    decode, read = msgspec.json.decode, list[int]()

    def counting(raw: Any, **how: Any) -> Any:
        read.append(len(raw))
        return decode(raw, **how)

    monkeypatch.setattr("msgspec.json.decode", counting)
    app = mounted()
    taking = [post("/echo", {str(n): {"$ref": f"long#/{n}"} for n in range(100)}) for _ in range(3)]
    answered = await results(app, get("/stream/5000", id="long"), *taking)
    assert answered[3]["body"]["body"].endswith('"99":99}')
    assert len([size for size in read if size > 20_000]) == 1


async def test_what_a_middleware_sets_in_its_context_for_one_action_is_not_seen_by_another() -> None:
    app = shop()
    user: ContextVar[str] = ContextVar("user", default="nobody")

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        assert user.get() == "nobody"
        user.set(scope["path"])
        await app(scope, receive, send)

    endpoint = BatchEndpoint(inner, allow=ALLOW)
    assert statuses(await results(endpoint, get("/echo/1"), get("/echo/2"), get("/echo/3", depends_on=[]))) == [200] * 3


async def test_many_batches_at_once_do_not_mix() -> None:
    app = mounted()

    async def one(name: str) -> list[str]:
        answered = await results(app, *[get(f"/echo/{n}") for n in range(5)], headers={"authorization": name})
        return [each["body"]["headers"]["authorization"] + each["body"]["path"] for each in answered]

    names = [f"caller {number}" for number in range(20)]
    assert await asyncio.gather(*(one(name) for name in names)) == [
        [f"{name}/echo/{n}" for n in range(5)] for name in names
    ]
