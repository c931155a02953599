"""What several tests of tasks begin with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.world import Client, World

from batchwright.accounts import Accounts
from batchwright.model import gids, ranks
from batchwright.resources.sections.kind import SECTION
from batchwright.resources.tags import TAG


async def a_task(client: Client, world: World, **values: Any) -> dict[str, Any]:
    """The full record of a new task of the client's."""
    where = {} if values.keys() & {"projects", "memberships", "parent"} else {"workspace": world.workspace}
    answer = await client.post("/tasks", {"name": "T", **where, **values})
    assert answer.status == 201, answer.body
    data: dict[str, Any] = answer.data
    return data


async def a_project(client: Client, world: World, **values: Any) -> str:
    """The gid of a new project of the client's in the organization."""
    answer = await client.post("/projects", {"name": "P", "workspace": world.workspace, **values})
    assert answer.status == 201, answer.body
    return str(answer.data["gid"])


async def a_section(world: World, project: str, name: str) -> str:
    """The gid of a new last section of a project."""
    return await world.make(SECTION, name=name, project=project, rank=ranks.last(gids.make()))


async def a_tag(world: World, name: str = "urgent", workspace: str = "") -> str:
    """The gid of a new tag, of the organization unless another workspace is named."""
    return await world.make(TAG, name=name, workspace=workspace or world.workspace)


async def a_colleague(world: World, name: str = "cal", *, guest: bool = False) -> Client:
    """One more person of the organization, who is no admin of it."""
    accounts = Accounts(world.store)
    email = f"{name}@acme.example"
    made = await accounts.add_user(email, name.title(), "Acme", guest=guest)
    return replace(world.ann, token=await accounts.create_token(email), gid=made["user"]["gid"])


def gids_of(records: list[dict[str, Any]]) -> list[str]:
    """Their gids."""
    return [each["gid"] for each in records]


def names_of(records: list[dict[str, Any]]) -> list[str]:
    """Their names."""
    return [each["name"] for each in records]
