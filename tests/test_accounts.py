"""People and tokens, as whoever keeps the server manages them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher, extract_parameters

from batchwright import app
from batchwright.accounts import SIGNING_IN, Accounts
from batchwright.engine.passwords import QUEUED, Passwords
from batchwright.model.problems import Problem
from batchwright.settings import Settings

ADA = ("ada@example.com", "Ada Lovelace", "Engines")
PASSWORDS = Passwords()


class Counting(PasswordHasher):
    """Takes down what it is asked to compare with."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.compared: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        """As it is."""
        self.compared.append(str(hash))
        return super().verify(hash, password)


@pytest.fixture
async def accounts(tmp_path: Path) -> AsyncIterator[Accounts]:
    """Over a fresh database."""
    store = app.open_store(Settings(db=str(tmp_path / "accounts.db")))
    yield Accounts(store)
    await store.close()


async def test_what_is_there_already_is_found_again(accounts: Accounts) -> None:
    first = await accounts.add_user(*ADA, organization=True, admin=True)
    assert await accounts.add_user(*ADA) == first
    assert await accounts.add_user("ADA@example.com", "Somebody", "Engines", admin=True) == first


@pytest.mark.parametrize(
    ("marks", "refusal"),
    [
        ({"admin": True}, "ada@example.com is in Engines already, not as an admin"),
        ({"guest": True}, "ada@example.com is in Engines already, not as a guest"),
        ({"organization": True}, "Engines is there already, and no organization"),
        ({"admin": True, "guest": True}, "a guest can't be an admin"),
    ],
)
async def test_marks_that_would_change_nothing_are_refused(
    accounts: Accounts, marks: dict[str, Any], refusal: str
) -> None:
    await accounts.add_user(*ADA)
    with pytest.raises(app.Refused, match=re.escape(refusal)):
        await accounts.add_user(*ADA, **marks)


async def test_a_password_is_set_and_changed_and_signs_in(accounts: Accounts) -> None:
    await accounts.add_user(*ADA)
    user = int((await accounts.add_user(*ADA))["user"]["gid"])
    for secret in ("correct horse", "battery staple"):
        assert await accounts.set_password("Ada@example.com", secret, PASSWORDS) == 0
        assert await accounts.signs_in(" ADA@example.com ", secret, PASSWORDS) == user
    assert await accounts.signs_in("ada@example.com", "correct horse", PASSWORDS) is None
    assert await accounts.signs_in("eve@example.com", "battery staple", PASSWORDS) is None


async def test_a_character_is_the_same_however_it_is_spelled(accounts: Accounts) -> None:
    await accounts.add_user(*ADA)
    await accounts.set_password("ada@example.com", "caf\u00e9 au lait", PASSWORDS)
    assert await accounts.signs_in("ada@example.com", "cafe\u0301 au lait", PASSWORDS) is not None


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("nine char", "The password needs at least 10 characters"),
        ("x" * 500 + "y" * 501, "The password can have at most 1000 characters"),
        ("ADA@example.com", "The password is too easy to guess"),
        ("121212121212", "The password is too easy to guess"),
        ("\udcff and more of it", "The password is not valid UTF-8"),
    ],
)
async def test_a_poor_password_is_refused(accounts: Accounts, password: str, refusal: str) -> None:
    await accounts.add_user(*ADA)
    with pytest.raises(app.Refused, match=refusal):
        await accounts.set_password("ada@example.com", password, PASSWORDS)
    assert await accounts.signs_in("ada@example.com", password.replace("\udcff", ""), PASSWORDS) is None


async def test_a_hash_that_was_cheaper_is_made_anew_at_the_next_sign_in(accounts: Accounts) -> None:
    await accounts.add_user(*ADA)
    old = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    await accounts.set_password("ada@example.com", "correct horse", old)
    for _ in range(2):
        assert await accounts.signs_in("ada@example.com", "correct horse", PASSWORDS) is not None
        stored = (await accounts.store.fetch(SIGNING_IN, 0, ("ada@example.com",)))["ada@example.com"][0][2]
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_no_takes_the_same_work_whoever_is_asked_for(accounts: Accounts) -> None:
    """What is counted is what the time goes to: one comparison each, with hashes that cost the same."""
    hasher = Counting()
    passwords = Passwords(hasher)
    await accounts.add_user(*ADA)
    await accounts.add_user("bob@example.com", "Bob", "Engines")
    await accounts.set_password("ada@example.com", "correct horse", passwords)
    hasher.compared.clear()
    for email in ("ada@example.com", "bob@example.com", "nobody@example.com"):
        assert await accounts.signs_in(email, "wrong horse", passwords) is None
    assert [extract_parameters(each) for each in hasher.compared] == [extract_parameters(hasher.compared[0])] * 3


async def test_too_many_at_once_are_sent_away(accounts: Accounts) -> None:
    await accounts.add_user(*ADA)
    tries = (accounts.signs_in("ada@example.com", "wrong horse", PASSWORDS) for _ in range(QUEUED + 1))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    refused = [each for each in answers if isinstance(each, Problem)]
    assert [each.status for each in refused] == [503]
    assert answers.count(None) == QUEUED
