"""Where an action may lead: one spelling for each path, and nothing that could mean another place."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.batch.asking import Elsewhere, get, message, results

from batchwright.batch import BatchEndpoint, Problem
from batchwright.batch.paths import allowance_of, canonical

ELSEWHERE = [
    "//evil.example/x",
    "///evil.example",
    "http://evil.example/x",
    "/http://evil.example/x",
    "https:evil.example//x",
    "/../admin",
    "..",
    "/a/../../admin",
    "/a/./b",
    "/a/..",
    "/a/%2e%2e/admin",
    "/a/.%2E/admin",
    "/a/%252e%252e/admin",
    "/a%2fb",
    "/a/..%2fadmin",
    "/a/..%5cadmin",
    "/a\\..\\admin",
    "/\\evil.example",
    "/a/..;x=1/admin",
    "/a/%c0%ae%c0%ae/admin",
    "/a/\uff0e\uff0e/admin",
    "/a/\u2025/admin",
    "/a\uff0fb",
    "/a/%EF%BC%8Fb",
    "/a//b",
    "/a%00b",
    "/a%0d%0aX-Injected:%201",
    "/a\r\nX-Injected: 1",
    "/a#b",
    "/%ff",
    "/\ud800",
    "/" + "a" * 9_000,
]


@pytest.mark.parametrize("path", ELSEWHERE, ids=ascii)
def test_what_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(Problem) as refused:
        canonical(path)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("path", "spelled"),
    [
        ("/tasks/1", "/tasks/1"),
        ("tasks/1", "/tasks/1"),
        ("", "/"),
        ("/tasks/", "/tasks/"),
        ("/%61dmin", "/admin"),
        ("/ta%73ks/%C3%A9%20%3F", "/tasks/%C3%A9%20%3F"),
        ("/é@x:1", "/%C3%A9@x:1"),
        ("/100%", "/100%25"),
        ("/...", "/..."),
        ("/.well-known/a..b", "/.well-known/a..b"),
        ("/me@evil.example", "/me@evil.example"),
    ],
)
def test_a_path_has_one_spelling(path: str, spelled: str) -> None:
    assert canonical(path) == spelled
    assert canonical(spelled) == spelled


PIECES = ["/", ".", "..", "%2e", "%2F", "%25", "@", ":", ";", "\\", "a", "é", "\uff0e", "?"]
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join)


@given(st.one_of(st.text(), TEXTS, TEXTS.map(quote)))
@example("@evil.example")
@example(":80@evil.example/")
@example(".evil.example")
def test_whatever_is_asked_for_stays_at_the_host_and_below_the_base(path: str) -> None:
    try:
        spelled = canonical(path)
    except Problem:
        return
    url = httpx2.URL("https://shop.example/base").copy_with(raw_path=b"/base" + spelled.encode())
    assert (url.scheme, url.netloc, url.query) == ("https", b"shop.example", b"")
    assert url.raw_path == b"/base" + spelled.encode()
    assert not {"", ".", ".."} & set(unquote(spelled).split("/")[1:-1])
    assert httpx2.URL("https://shop.example/base/").join("./" + spelled[1:]).host == "shop.example"
    assert canonical(spelled) == spelled


def test_patterns_name_methods_and_whole_segments() -> None:
    allowance = allowance_of(["GET /tasks/{id}", "POST /tasks", "GET /a.c", "GET /the list/{x}/"])
    found = {
        (method, path)
        for method in ("GET", "HEAD", "POST", "PUT")
        for path in ("/tasks", "/tasks/1", "/tasks/", "/tasks/1/", "/tasks/1/2", "/a.c", "/abc", "/the%20list/1/")
        if allowance(method, path)
    }
    reads = {(method, path) for method in ("GET", "HEAD") for path in ("/tasks/1", "/a.c", "/the%20list/1/")}
    assert found == reads | {("POST", "/tasks")}


@pytest.mark.parametrize("path", ELSEWHERE, ids=ascii)
async def test_nothing_of_it_reaches_a_server_or_the_rule(path: str) -> None:
    asked: list[Any] = []

    async def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200)

    def allow(method: str, path: str) -> bool:
        asked.append(path)
        return True

    gateway = BatchEndpoint("http://shop.example/base", allow=allow, transport=Elsewhere(answer))
    if "\ud800" in path:  # it can't even be sent
        return
    (result,) = await results(gateway, get(path))
    assert (result["status_code"], asked) == (400, [])
    assert message(result).startswith("relative_path: ")
