from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import asana
import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from tests.cli.twin import DEMO, App

from batchwright.cli import connections, greeting, main

Client = Callable[[str], None]


def stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Callable[[Client], list[BaseException]]:
    """Call the server from a thread once it is ready, then stop it; returns what went wrong there."""

    said = greeting.say

    def visiting(client: Client) -> list[BaseException]:
        errors: list[BaseException] = []

        def come(url: str) -> None:
            try:
                client(url)
            except BaseException as error:
                errors.append(error)
            finally:
                stop()

        def say(url: str, flags: Sequence[str], demo: Mapping[str, str] | None, *, throwaway: bool) -> None:
            said(url, flags, demo, throwaway=throwaway)
            threading.Thread(target=come, args=(url,), daemon=True).start()

        monkeypatch.setattr(greeting, "say", say)
        return errors

    return visiting


Visit = Callable[[Client], list[BaseException]]


def test_port_0_serves_on_a_free_port_and_prints_it(app: App, visit: Visit, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []

    def client(url: str) -> None:
        seen.extend((url, httpx2.get(url).text))

    errors = visit(client)
    assert main(["serve", "--port", "0"]) == 0
    assert errors == []
    assert seen[1] == "ok"
    assert urlsplit(seen[0]).port not in (None, 0)
    assert f"{seen[0]}/api/1.0" in capsys.readouterr().out
    assert [asked[0] for asked in app.asked] == ["log", "build", "prepare", "open", "close"]


def test_sigterm_lets_what_is_in_flight_finish_and_exits_with_0(app: App, visit: Visit) -> None:
    stopping = threading.Event()
    seen: list[str] = []

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        stop()
        stopping.set()
        await JSONResponse({"data": "whole"})(scope, receive, send)

    def client(url: str) -> None:
        seen.append(httpx2.get(url).text)

    app.answer = answer
    errors = visit(client)
    assert main(["serve", "--port", "0"]) == 0
    assert stopping.is_set()
    assert errors == []
    assert seen == ['{"data":"whole"}']
    assert app.asked[-1] == ("close",)


def test_a_demo_without_a_db_is_thrown_away(app: App, visit: Visit) -> None:
    found: list[bool] = []
    errors = visit(lambda url: found.append(Path(app.asked[1][1]).parent.is_dir()))
    assert main(["serve", "--port", "0", "--demo"]) == 0
    assert errors == []
    assert found == [True]
    assert [asked[0] for asked in app.asked] == ["log", "build", "prepare", "open", "close"]
    built, loaded = (asked[1] for asked in app.asked[1:3])
    assert built == loaded != "batchwright.db"
    assert not Path(built).parent.exists()


def test_a_demo_with_a_db_keeps_it(app: App, visit: Visit, capsys: pytest.CaptureFixture[str]) -> None:
    visit(lambda url: None)
    assert main(["serve", "--port", "0", "--demo", "--db", "kept.db"]) == 0
    assert ("prepare", "kept.db") in app.asked
    assert "thrown away" not in capsys.readouterr().out


def test_an_app_that_refuses_to_start_is_one_line(app: App, capfd: pytest.CaptureFixture[str]) -> None:
    app.refusal = "broken.db is not a database"
    assert main(["serve", "--port", "0"]) == 2
    assert capfd.readouterr() == ("", "batchwright: broken.db is not a database\n")


def test_an_app_that_crashes_while_starting_is_logged_and_a_1(app: App, caplog: pytest.LogCaptureFixture) -> None:
    app.crash = ValueError("a mistake of ours")
    with pytest.raises(SystemExit, match=r"^1$"):
        main(["serve", "--port", "0"])
    assert "ValueError: a mistake of ours" in caplog.text


def test_a_demo_that_is_refused_is_one_line(app: App, capfd: pytest.CaptureFixture[str]) -> None:
    app.refusal = "kept.db holds other data"
    assert main(["serve", "--port", "0", "--demo", "--db", "kept.db"]) == 2
    assert capfd.readouterr() == ("", "batchwright: kept.db holds other data\n")


def test_a_port_that_is_taken_is_one_line(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    assert f"can't listen on 127.0.0.1 port {port}: " in capsys.readouterr().err


def test_a_head_without_end_is_refused(app: App, visit: Visit) -> None:
    replies: list[bytes] = []

    def client(url: str) -> None:
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port), timeout=30) as line:
            line.sendall(b"GET / HTTP/1.1\r\nhost: x\r\nx-long: ")
            for _ in range(connections.HEAD_BYTES // 1024):
                line.sendall(b"x" * 1024)
            replies.append(line.recv(100))

    errors = visit(client)
    assert main(["serve", "--port", "0"]) == 0
    assert errors == []
    assert replies[0].startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nhost: x\r\n"], ids=["nothing", "half a head"])
def test_a_head_that_never_ends_is_cut_off(
    sent: bytes, app: App, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.01)
    replies: list[bytes] = []

    def client(url: str) -> None:
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port), timeout=30) as line:
            line.sendall(sent)
            replies.append(line.recv(100))

    errors = visit(client)
    assert main(["serve", "--port", "0"]) == 0
    assert errors == []
    assert replies == [b""]


def test_the_printed_lines_work_as_pasted(app: App, visit: Visit, capsys: pytest.CaptureFixture[str]) -> None:
    """The shell runs the curl line and Python runs the snippet; both must send the same authorized batch."""
    received: list[object] = []

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        received.append((request.url.path, request.headers["authorization"], await request.json()))
        await JSONResponse({"data": [{"status_code": 200}]})(scope, receive, send)

    outputs: list[str] = []

    def client(url: str) -> None:
        lines = greeting.text(url, [], DEMO, throwaway=True).splitlines()
        curl = next(line for line in lines if line.startswith("curl "))
        snippet = "\n".join(lines[lines.index("import asana") :])
        for command in (["bash", "-c", curl], [sys.executable, "-c", snippet]):
            outputs.append(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)

    app.answer = answer
    errors = visit(client)
    assert main(["serve", "--port", "0", "--demo"]) == 0
    assert errors == []
    assert received == [("/api/1.0/batch", "Bearer 1/2:demo", greeting.CALLS)] * 2
    assert all("status_code" in output for output in outputs)


def test_without_a_demo_it_says_how_to_get_a_token() -> None:
    said = greeting.text("http://127.0.0.1:1", ["--db", "my tasks.db"], None, throwaway=False)
    assert "batchwright token create ada@example.com --db 'my tasks.db'" in said
    assert "Bearer $TOKEN" in said
    assert asana.BatchAPIApi.__name__ in said


@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        (["--host", "0.0.0.0"], "http://127.0.0.1:"),
        (["--host", "::1"], "http://[::1]:"),
        (["--host", "localhost"], "http://"),
    ],
    ids=str,
)
def test_the_printed_url_can_be_called(flags: list[str], shown: str, app: App, visit: Visit) -> None:
    seen: list[str] = []

    def client(url: str) -> None:
        seen.extend((url, httpx2.get(url).text))

    errors = visit(client)
    assert main(["serve", "--port", "0", *flags]) == 0
    assert errors == []
    assert seen[0].startswith(shown)
    assert seen[1] == "ok"


def test_the_log_format_reaches_the_logs(app: App, visit: Visit) -> None:
    visit(lambda url: None)
    assert main(["serve", "--port", "0", "--log-format", "json"]) == 0
    assert app.asked[0] == ("log", "json")


def test_what_the_batch_may_be_asked_for_is_a_flag(app: App, visit: Visit) -> None:
    visit(lambda url: None)
    assert main(["serve", "--port", "0", "--strict", "--max-batch-actions", "3"]) == 0
    assert (app.settings.strict, app.settings.max_batch_actions) == (True, 3)


def test_a_public_url_is_what_is_printed(
    app: App, visit: Visit, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHWRIGHT_PUBLIC_URL", "https://tasks.example.org/")
    visit(lambda url: None)
    assert main(["serve", "--port", "0"]) == 0
    assert "https://tasks.example.org/api/1.0" in capsys.readouterr().out
