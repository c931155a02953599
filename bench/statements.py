"""How many statements a request costs: the app in this process, every connection to SQLite listened to.

`python -m bench.statements FILE MANIFEST` prints the counts as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import httpx2

from batchwright import app
from batchwright.settings import Settings
from bench import wire
from bench.manifest import TOKEN, Manifest, read

AROUND = ("BEGIN", "END")  # what is read together


def listen(heard: list[str]) -> None:
    """From now on every statement of every new connection is added to the list."""

    connect = sqlite3.connect

    def heard_of(*given: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **options)
        connection.set_trace_callback(lambda text: heard.append(text) if text not in AROUND else None)
        return connection

    sqlite3.connect = heard_of  # type: ignore[assignment]  # its overloads


async def count(file: str, manifest: Manifest) -> dict[str, dict[str, int]]:
    """Statements and commits of each sort of request, once what is cached is cached."""
    heard: list[str] = []
    listen(heard)
    reads, creates = wire.reads(manifest), wire.creates(manifest)
    requests = {
        "one read": [reads[0]],
        "a batch of ten reads": reads[10:20],
        "one create": [creates[0]],
        "a batch of ten creates": creates[10:20],
    }
    asgi = app.build(Settings(db=file, limits="off"))
    found = {}
    async with (
        asgi.router.lifespan_context(asgi),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(asgi), base_url=f"http://{wire.HOST}") as client,
    ):
        for name, actions in requests.items():
            for _ in range(2):
                heard.clear()
                await _ask(client, actions)
                await asyncio.sleep(0.1)  # what is done once the reply was sent counts too
            asked = [text for text in heard if not text.startswith("--")]  # what a trigger does is part of its cause
            found[name] = {"statements": len(asked), "commits": sum(text.startswith("COMMIT") for text in asked)}
    return found


async def _ask(client: httpx2.AsyncClient, actions: list[wire.Action]) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    if len(actions) == 1:
        method, path, data = actions[0]
        body = None if data is None else {"data": data}
        reply = await client.request(method, wire.BASE + path, json=body, headers=headers)
    else:
        body = {"data": {"actions": wire.entries(actions)}}
        reply = await client.post(f"{wire.BASE}/batch", json=body, headers=headers)
    assert reply.content.count(wire.MARK) == len(actions), reply.text


if __name__ == "__main__":
    print(json.dumps(asyncio.run(count(sys.argv[1], read(Path(sys.argv[2]))))))
