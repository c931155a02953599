from __future__ import annotations

import getpass
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.twin import App

from batchwright import __version__
from batchwright.cli import main

ADD = ["user", "add", "a@example.com", "--name", "Ada", "--workspace", "Engines"]


def test_user_add_prints_what_was_added_as_json(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ADD, "--admin", "--organization"]) == 0
    marks = {"organization": True, "admin": True, "guest": False}
    assert app.asked == [("add_user", "batchwright.db", "a@example.com", "Ada", "Engines", marks)]
    assert json.loads(capsys.readouterr().out)["user"]["gid"] == "1"


def test_user_password_reads_one_line(
    app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(" kept as it is \r\nnot this\n"))
    assert main(["user", "password", "a@example.com", "--stdin"]) == 0
    assert app.asked == [("set_password", "batchwright.db", "a@example.com", " kept as it is ")]
    assert capsys.readouterr() == ("", "a@example.com can sign in with it; sessions ended: 2.\n")


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["a long secret", "a long secret"], 0, "can sign in with it"),
        (["a long secret", "a lnog secret"], 2, "the two passwords differ; none was set"),
        ([], 2, "no password was set"),
    ],
)
def test_user_password_asks_twice(
    typed: list[str],
    code: int,
    said: str,
    app: App,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def answer(prompt: str) -> str:
        if not typed:
            raise EOFError
        return typed.pop(0)

    monkeypatch.setattr(getpass, "getpass", answer)
    assert main(["user", "password", "a@example.com"]) == code
    assert said in capsys.readouterr().err
    assert len(app.asked) == (not code)


def test_token_create_prints_the_token_alone_on_the_last_line(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "create", "a@example.com", "--name", "ci", "--expires-in", "30", "--db", "x.db"]) == 0
    assert app.asked == [("create_token", "x.db", "a@example.com", "ci", 30)]
    assert capsys.readouterr().out.splitlines() == ["1/2:secret"]


def test_token_list_prints_json(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "list", "a@example.com"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"gid": "3", "name": "ci"}]


def test_token_revoke_takes_a_gid_as_text(app: App) -> None:
    assert main(["token", "revoke", "0123"]) == 0
    assert app.asked == [("revoke_token", "batchwright.db", "0123")]


def test_db_upgrade_says_what_it_did(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "upgrade"]) == 0
    assert capsys.readouterr().out == "The tables are up to date.\n"


def test_db_check_exits_with_1_where_there_are_faults(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "check"]) == 0
    app.faults = ["a task without a workspace: 7", "an index is missing"]
    assert main(["db", "check"]) == 1
    assert capsys.readouterr().out.splitlines()[-2:] == app.faults


@pytest.mark.parametrize(
    "command",
    [
        ADD,
        ["token", "create", "a@example.com"],
        ["token", "list", "a@example.com"],
        ["token", "revoke", "1"],
        ["user", "password", "a@example.com", "--stdin"],
        ["db", "upgrade"],
        ["db", "check"],
        ["config"],
    ],
    ids=" ".join,
)
def test_every_command_takes_db(
    command: list[str], app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert main([*command, "--db", "other.db"]) == 0
    assert all(asked[1] == "other.db" for asked in app.asked)
    assert app.asked or "other.db" in capsys.readouterr().out


def test_what_the_app_refuses_is_one_line_and_a_2(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.refusal = "there is no user\n a@example.com"
    assert main(["token", "create", "a@example.com"]) == 2
    assert capsys.readouterr() == ("", "batchwright: there is no user a@example.com\n")


@pytest.mark.parametrize(
    "nonsense",
    [
        ["nope"],
        ["serve", "--nope"],
        ["serve", "--port", "x"],
        ["serve", "--port", "70000"],
        ["serve", "--limits", "gold"],
        ["serve", "--log-format", "xml"],
        ["serve", "--workers", "0"],
        ["serve", "--workers", "2"],
        ["serve", "--workers", "2", "--limits", "free"],
        ["serve", "--redis", "localhost:6379"],
        ["serve", "--db", ""],
        ["serve", "--host", "no such host"],
        ["serve", "extra"],
        ["user", "add"],
        ["user", "add", "a@example.com", "--name", "Ada"],
        ["token", "create", "a@example.com", "--expires-in", "0"],
        ["token", "create", "a@example.com", "--expires-in", "soon"],
        ["token", "create", "a@example.com", "--expires-in", "99999999999"],
        ["token", "revoke"],
        ["db", "nope"],
    ],
    ids=" ".join,
)
def test_nonsense_is_one_line_and_a_2(nonsense: list[str], app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(nonsense) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("batchwright: ")
    assert err.count("\n") == 1
    assert app.asked == []


def test_workers_that_could_not_share_their_limits_are_refused(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--workers", "2"]) == 2
    assert capsys.readouterr().err == (
        "batchwright: 2 workers need Redis to share the limits: add --redis URL, --limits off or --workers 1\n"
    )


def test_config_shows_values_and_their_origins(
    nowhere: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "batchwright.toml").write_text("port = 9000")
    monkeypatch.setenv("BATCHWRIGHT_LIMITS", "off")
    monkeypatch.setenv("BATCHWRIGHT_REDIS", "redis://:secret@localhost/1")
    assert main(["config", "--db", "postgresql://ada:secret@localhost/tasks"]) == 0
    out = capsys.readouterr().out
    shown = {line.split()[0]: line.split()[1:3] for line in out.splitlines()}
    assert shown["port"] == ["9000", "batchwright.toml"]
    assert shown["limits"] == ['"off"', "BATCHWRIGHT_LIMITS"]
    assert shown["host"] == ['"127.0.0.1"', "default"]
    assert shown["db"] == ['"postgresql://ada:***@localhost/tasks"', "flag"]
    assert shown["redis"] == ['"redis://:***@localhost/1"', "BATCHWRIGHT_REDIS"]
    assert "secret" not in out


def test_a_bad_settings_file_stops_every_command(nowhere: Path, app: App, capsys: pytest.CaptureFixture[str]) -> None:
    (nowhere / "batchwright.toml").write_text("prot = 9000")
    for command in (["config"], ["serve"], ["db", "check"]):
        assert main(command) == 2
        assert "no setting 'prot'" in capsys.readouterr().err


def test_help_tells_each_setting_as_it_is_declared(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--help"]) == 0
    out = capsys.readouterr().out
    for flag in ("--host", "--port", "--db", "--demo", "--limits", "--log-format", "--workers", "--redis", "--strict"):
        assert flag in out
    assert "the address to listen on (default: 127.0.0.1)" in out


def test_the_process_exits_with_the_commands_code(nowhere: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "batchwright", *words]
        return subprocess.run(command, cwd=nowhere, capture_output=True, text=True, check=False, timeout=60)

    told = run("--version")
    assert (told.returncode, told.stdout, told.stderr) == (0, f"{__version__}\n", "")
    refused = run("serve", "--port", "99999")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "batchwright: port must be a whole number from 0 to 65535, not 99999 (from flag)\n"
