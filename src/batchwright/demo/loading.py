"""Loads the demo's company into a database that doesn't hold it yet."""

from __future__ import annotations

from batchwright.accounts import Accounts
from batchwright.demo.company import MIRA, PEOPLE, WORKSPACE

LABEL = "demo"


async def load(accounts: Accounts) -> str:
    """A fresh token of the company's administrator; the company is loaded first where it is missing."""
    if not await accounts.known(MIRA.email):
        for each in PEOPLE:
            await accounts.add_user(
                each.email, each.name, WORKSPACE, organization=True, admin=each.admin, guest=each.guest
            )
    return await accounts.create_token(MIRA.email, name=LABEL)
