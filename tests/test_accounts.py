"""People and tokens, as whoever keeps the server manages them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from batchwright import app
from batchwright.accounts import Accounts
from batchwright.settings import Settings

ADA = ("ada@example.com", "Ada Lovelace", "Engines")


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
