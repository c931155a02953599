"""batchwright app, over a real database."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from batchwright import app
from batchwright.cli import main
from batchwright.engine.tokens import CLIENT_SECRET, genuine, same
from batchwright.oauth.apps import App, find_app
from batchwright.settings import Settings

BACK = "https://app.example/back"


@pytest.fixture
def db(tmp_path: Path) -> str:
    return str(tmp_path / "apps.db")


def made(db: str, capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, Any]:
    assert main(["app", "create", "Planner", "--redirect-uri", BACK, *flags, "--db", db]) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def stored(db: str, client_id: str) -> App | None:
    async def ask() -> App | None:
        store = app.open_store(Settings(db=db))
        try:
            return await find_app(store, client_id)
        finally:
            await store.close()

    return asyncio.run(ask())


def test_create_prints_the_secret_this_once(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = made(db, capsys, "--scope", "tasks:read", "--scope", "openid")
    secret = said.pop("client_secret")
    assert genuine(secret, CLIENT_SECRET)
    assert main(["app", "list", "--db", db]) == 0
    assert json.loads(capsys.readouterr().out) == [said]
    assert (said["name"], said["redirect_uris"], said["scopes"]) == ("Planner", [BACK], ["openid", "tasks:read"])
    kept = stored(db, said["client_id"])
    assert kept is not None
    assert same(secret, kept.secret_digest)


def test_a_public_app_has_no_secret(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = made(db, capsys, "--public")
    assert "client_secret" not in said
    assert (said["confidential"], said["scopes"]) == (False, ["default"])
    assert main(["app", "rotate", said["client_id"], "--db", db]) == 2
    assert "public" in capsys.readouterr().err


def test_rotate_prints_the_new_secret_alone(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = made(db, capsys)
    assert main(["app", "rotate", said["client_id"], "--db", db]) == 0
    fresh = capsys.readouterr().out.strip()
    kept = stored(db, said["client_id"])
    assert kept is not None
    assert same(fresh, kept.secret_digest)
    assert not same(said["client_secret"], kept.secret_digest)


def test_a_deleted_app_is_gone(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = made(db, capsys)
    assert main(["app", "delete", said["client_id"], "--db", db]) == 0
    assert stored(db, said["client_id"]) is None
    assert main(["app", "delete", said["client_id"], "--db", db]) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["create", "P"], "redirect-uri"),
        (["create", " ", "--redirect-uri", BACK], "an app needs a name"),
        (["create", "P\n", "--redirect-uri", BACK], "an app needs a name"),
        (["create", "P", "--redirect-uri", "http://app.example"], "not a redirect URI"),
        (["create", "P", "--redirect-uri", BACK, "--scope", "tasks:burn"], "there is no scope tasks:burn"),
        (["rotate", "1"], "no app has the client id 1"),
        (["delete", "x"], "no app has the client id x"),
    ],
    ids=str,
)
def test_a_mistake_is_one_line(line: list[str], said: str, db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["app", *line, "--db", db]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
