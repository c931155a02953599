"""What the store on PostgreSQL does when the database hangs up."""

from __future__ import annotations

import asyncio
from itertools import chain
from pathlib import Path

import psycopg
from tests import postgres
from tests.world import World, open_world

from batchwright.settings import Settings


def hang_up(database: str) -> int:
    """Ends all other connections to the database, as its restart would; how many there were."""
    ending = """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
    with psycopg.connect(database, autocommit=True) as connection:
        return len(connection.execute(ending).fetchall())


async def some_reads(world: World) -> set[int]:
    """What reads that come together are answered, among them one of every sort."""
    asked = [(world.ann.get("/users/me"), world.ann.get("/projects", workspace=world.workspace)) for _ in range(10)]
    return {each.status for each in await asyncio.gather(*chain(*asked))}


async def test_nobody_notices_that_idle_connections_broke(tmp_path: Path, postgres_database: str) -> None:
    database = postgres.emptied(postgres_database)
    async with open_world(tmp_path, Settings(db=database, limits="off")) as world:
        assert await some_reads(world) == {200}
        assert hang_up(database) >= 2
        assert await some_reads(world) == {200}
        hang_up(database)
        made = await world.ann.post("/tasks", {"name": "x", "workspace": world.workspace})
        assert (made.status, made.data["name"]) == (201, "x")
        hang_up(database)
        assert (await world.ann.put(f"/tasks/{made.data['gid']}", {"name": "y"})).status == 200


async def test_who_asks_while_the_database_is_away_is_told_so_and_served_afterwards(
    tmp_path: Path, postgres_database: str
) -> None:
    database = postgres.emptied(postgres_database)
    name = postgres_database.partition("?")[0].rpartition("/")[2]
    elsewhere = postgres_database.replace(f"/{name}?", "/postgres?")
    async with open_world(tmp_path, Settings(db=database, limits="off")) as world:
        with psycopg.connect(elsewhere, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            try:
                ending = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
                connection.execute(ending, (name,))
                answer = await world.ann.get("/users/me")
                assert (answer.status, answer.message) == (500, "Server Error")
            finally:
                connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
        assert (await world.ann.get("/users/me")).status == 200
        assert (await world.ann.post("/tasks", {"name": "x", "workspace": world.workspace})).status == 201
