"""What raw sockets may do to the server: it answers in bounds, and nobody else notices."""

from __future__ import annotations

import gzip
import json
import socket
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.server.running import Raw, Running, head, raw

JSON = "Content-Type: application/json"
ME = "/users/me"


def message(body: bytes) -> str:
    return str(json.loads(body)["errors"][0]["message"])


def well(server: Running) -> None:
    """It still answers."""
    assert server.send("GET", ME).status_code == 200


def test_a_reply_is_exact_about_itself(server: Running) -> None:
    with raw(server) as line:
        line.send(head(server, "GET", ME))
        status, headers, body = line.answer()
    assert (status, json.loads(body)["data"]["gid"]) == (200, server.user)
    assert headers.keys() == {
        "date",
        "content-length",
        "content-type",
        "cache-control",
        "x-asana-api-version",
        "x-request-id",
        "x-content-type-options",
        "content-security-policy",
        "cross-origin-resource-policy",
        "referrer-policy",
    }
    assert headers["content-type"] == "application/json; charset=UTF-8"


def test_a_connection_is_kept_and_requests_may_be_sent_ahead(server: Running) -> None:
    action = b'{"data":{"actions":[{"method":"get","relative_path":"/users/me"}]}}'
    with raw(server) as line:
        line.send(
            head(server, "GET", ME),
            head(server, "POST", "/batch", JSON, f"Content-Length: {len(action)}"),
            action,
            head(server, "GET", "/nope"),
            head(server, "HEAD", ME),
            head(server, "GET", ME, "Connection: close"),
        )
        answers = [line.answer() for _ in range(3)]
        assert [status for status, _, _ in answers] == [200, 200, 404]
        assert json.loads(answers[1][2])["data"][0]["status_code"] == 200
        assert line.answer()[::2] == (200, b"")
        assert line.answer()[0] == 200
        assert line.ended()


@pytest.mark.parametrize(
    "promise", ["Content-Length: 9000000", "Content-Length: 4000000", "Transfer-Encoding: chunked"]
)
def test_too_long_a_body_is_refused_and_the_connection_closed(tight: Running, promise: str) -> None:
    with raw(tight) as line:
        line.send(head(tight, "POST", "/tasks", JSON, promise))
        for _ in range(100):
            line.send(
                b"10000\r\n" if "chunked" in promise else b"", b" " * 65_536, b"\r\n" if "chunked" in promise else b""
            )
        status, headers, body = line.answer()
        assert (status, message(body)) == (413, "The request is larger than 65536 bytes")
        assert headers["connection"] == "close"
        line.half_close()
        assert line.ended()
    well(tight)


def test_a_body_of_just_the_size_is_taken(tight: Running) -> None:
    body = json.dumps({"data": {"name": "x"}}).ljust(65_536)
    assert tight.send("POST", "/tasks", content=body).status_code == 400
    assert tight.send("POST", "/tasks", content=body + " ").status_code == 413


def test_clients_that_send_it_all_first_see_the_refusal(tight: Running) -> None:
    response = tight.send("POST", "/tasks", content=b" " * 20_000_000)
    assert response.status_code == 413


def test_who_asks_first_need_not_send_it(server: Running) -> None:
    with raw(server) as line:
        line.send(head(server, "POST", "/tasks", JSON, "Expect: 100-continue", "Content-Length: 99999999"))
        assert line.answer()[0] == 413
        line.half_close()
        assert line.ended()
    with raw(server) as line:
        line.send(head(server, "POST", "/tasks", JSON, "Expect: 100-continue", "Content-Length: 2"))
        assert line.answer()[0] == 100
        line.send(b"{}")
        assert line.answer()[0] == 400


@pytest.mark.parametrize("length", ["Content-Length: 60000", "Transfer-Encoding: chunked"])
def test_half_a_body_is_waited_for_only_so_long(tight: Running, length: str) -> None:
    with raw(tight) as line:
        line.send(head(tight, "POST", "/tasks", JSON, length), b'3\r\n{"d\r\n')
        well(tight)
        status, headers, body = line.answer()
        assert (status, message(body)) == (408, "The request did not arrive in time")
        assert headers["connection"] == "close"
        line.half_close()
        assert line.ended()


def test_many_slow_bodies_do_not_slow_others(tight: Running) -> None:
    def slow(number: int) -> int:
        with raw(tight) as line:
            line.send(head(tight, "PUT", f"/tasks/{number}", JSON, "Content-Length: 60000"))
            for _ in range(3):
                line.send(b" ")
            return line.answer()[0]

    with ThreadPoolExecutor(20) as pool:
        statuses = pool.map(slow, range(20))
        well(tight)
        assert set(statuses) == {408}


def test_a_refused_stranger_is_not_read_on(tight: Running) -> None:
    with raw(tight) as line:
        line.send(b"POST /api/1.0/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n12345")
        status, headers, _ = line.answer()
        assert (status, headers["connection"]) == (401, "close")
        line.half_close()
        assert line.ended()


def test_who_hangs_up_is_no_error(server: Running) -> None:
    before = len(server.lines())
    with raw(server) as line:
        line.send(head(server, "POST", "/tasks", JSON, "Content-Length: 100"), b"{")
    with raw(server) as line:
        line.send(head(server, "POST", "/tasks", JSON, "Content-Length: 100"), b"{")
        line.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for _ in range(50):
        with raw(server) as line:
            line.send(head(server, "GET", ME))
    server.lines_of(server.send("GET", ME).headers["x-request-id"])
    events = server.lines()[before:]
    assert {event["level"] for event in events} == {"info"}
    assert [event["status"] for event in events if event["method"] == "POST"] == [499, 499]


def test_half_closed_is_gone(server: Running) -> None:
    with raw(server) as line:
        line.half_close()
        assert line.ended()
    well(server)


@pytest.mark.parametrize(
    "path",
    [
        "/users/me?" + "a" * 70_000,
        "/users/" + "a" * 70_000,
        "/users/me\r\nX-Long: " + "a" * 70_000,
        "/users/me" + "\r\nX: y" * 20_000,
    ],
    ids=["query", "path", "header", "headers"],
)
def test_too_long_a_head_is_refused(server: Running, path: str) -> None:
    with raw(server) as line:
        line.send(head(server, "GET", path))
        status, _, body = line.answer()
        assert status == 400
        assert message(body)
        assert line.ended()
    well(server)


@pytest.mark.parametrize("path", ["/users/me?x=" + "a" * 30_000, "/users/" + "a" * 30_000])
def test_a_long_head_is_taken(server: Running, path: str) -> None:
    with raw(server) as line:
        line.send(head(server, "GET", path))
        assert line.answer()[0] in (200, 404)


@pytest.mark.parametrize(
    ("start", "statuses"),
    [
        (b"GET /api/1.0/users/me\xff HTTP/1.1", (400,)),
        (b"GET /api/1.0/users/%ff%00 HTTP/1.1", (404,)),
        (b"GET /api/1.0/users/%zz HTTP/1.1", (404,)),
        (b"GET /api/1.0/users/me?opt_fields=\xff HTTP/1.1", (400,)),
        (b"GET /api/1.0/users/me?opt_fields=%ff HTTP/1.1", (400,)),
        (b"GET /api/1.0//users//me HTTP/1.1", (200, 404)),
        (b"GET /api/1.0/../1.0/users/me HTTP/1.1", (404,)),
        (b"GET http://elsewhere/api/1.0/users/me HTTP/1.1", (200,)),
        (b"GET http://elsewhere HTTP/1.1", (400, 404)),
        (b"OPTIONS * HTTP/1.1", (400, 404)),
        (b"OPTIONS /api/1.0/users/me HTTP/1.1", (404,)),
        (b"CONNECT elsewhere:443 HTTP/1.1", (400, 404)),
        (b"FETCH /api/1.0/users/me HTTP/1.1", (400, 404)),
        (b"GET /api/1.0/users/me", (200, 400)),
        (b"GET /api/1.0/users/me HTTP/9.9", (400,)),
        (b"\x16\x03\x01\x02", (400,)),
        (b"GET /api/1.0/users/me HTTP/1.1\r\nContent-Length: -1", (400,)),
        (b"GET /api/1.0/users/me HTTP/1.1\r\nContent-Length: +1", (400,)),
        (b"GET /api/1.0/users/me HTTP/1.1\r\nContent-Length: 99999999999999999999999999", (400,)),
        (b"GET /api/1.0/users/me HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4", (400,)),
        (b"GET /api/1.0/users/me HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked", (400,)),
        (b"GET /api/1.0/users/me HTTP/1.1\r\nX: a\x00b", (400,)),
        (b"GET /api/1.0/users/me HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade", (200,)),
    ],
    ids=lambda each: repr(each)[-40:],
)
def test_odd_requests_are_answered(server: Running, start: bytes, statuses: tuple[int, ...]) -> None:
    with raw(server) as line:
        line.send(start, f"\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode())
        status, _, body = line.answer()
        assert status in statuses
        assert status == 200 or not body.startswith(b"{") or message(body)
    well(server)


def test_a_body_longer_than_promised_ends_the_connection(server: Running) -> None:
    with raw(server) as line:
        line.send(head(server, "PUT", "/tasks/7", JSON, "Content-Length: 2"), b"{}surplus \r\n\r\n")
        assert line.answer()[0] == 404
        assert line.ended()
    well(server)


def test_a_broken_chunk_ends_the_request(server: Running) -> None:
    with raw(server) as line:
        line.send(head(server, "PUT", "/tasks/7", JSON, "Transfer-Encoding: chunked"), b"2\r\n{}\r\nnonsense\r\n")
        assert line.answer()[0] == 400
        assert line.ended()
    well(server)


def test_an_old_client_is_answered(server: Running) -> None:
    with raw(server) as line:
        line.send(head(server, "GET", ME).replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert line.answer()[0] == 200
        assert line.ended()


@pytest.mark.parametrize(
    ("body", "header", "status"),
    [
        (b"[" * 10_000_000, JSON, 400),
        (b"[]" * 5_000_000, JSON, 400),
        (b'{"data":[' + b"[]," * 1_000_000 + b"[]]}", JSON, 400),
        (b'{"data":{"actions":[' + b"0," * 1_000_000 + b"0]}}", JSON, 400),
        (b'{"a":' * 1_000_000, JSON, 400),
        (gzip.compress(b"{}"), "Content-Encoding: gzip", 415),
        (b"a=1&" * 2_000_000, "Content-Type: application/x-www-form-urlencoded", 400),
        (b"--b\r\n" * 2_000_000, "Content-Type: multipart/form-data; boundary=b", 400),
    ],
    ids=["brackets", "trailing", "wide", "actions", "deep", "gzip", "form", "multipart"],
)
def test_heavy_bodies_are_refused(server: Running, body: bytes, header: str, status: int) -> None:
    name, _, value = header.partition(": ")
    assert server.send("POST", "/batch", content=body, headers={name: value}).status_code == status
    well(server)


def test_raw_reads_what_it_is_sent(server: Running) -> None:
    """The helper itself: a reply that never comes is noticed."""
    with raw(server) as line:
        assert isinstance(line, Raw)
        line.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert line.answer()[2] == b"ok\n"
        assert line.ended()
