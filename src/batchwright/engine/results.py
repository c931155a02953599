"""What a batch tells of its actions: each one's reply as a result, all in order or each as soon as it is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from batchwright.engine.extensions import Extended
from batchwright.engine.running import Action, Running, Start
from batchwright.model.calls import Options, Reply
from batchwright.projection import parse

PARTS = ("body", "headers", "status_code")

Parts = tuple[str, ...]


def parts_of(options: Options) -> Parts:
    """Which of a result's three parts to show: those that opt_fields names, or all."""
    if options.fields is None:
        return PARTS
    named = parse(options.fields)
    return tuple(part for part in PARTS if part in named)


async def plain(actions: Sequence[Action], start: Start, parts: Parts) -> list[dict[str, Any]]:
    """The results of a batch that asks for nothing beyond Asana: all at once, in the order of the actions."""
    replies = await asyncio.gather(*(start(index, action) for index, action in enumerate(actions)))
    return [_result(reply, parts) for reply in replies]


def ordered(replies: Sequence[Reply], asked: Extended, parts: Parts) -> list[dict[str, Any]]:
    """The results, in the order of the actions."""
    return [_told(index, reply, asked, parts) for index, reply in enumerate(replies)]


async def streamed(running: Running, asked: Extended, parts: Parts) -> AsyncGenerator[dict[str, Any]]:
    """Each result as it is there, with its place."""
    async with aclosing(running.finished()) as finished:
        async for index, reply in finished:
            yield {"index": index, **_told(index, reply, asked, parts)}


def _told(index: int, reply: Reply, asked: Extended, parts: Parts) -> dict[str, Any]:
    """A result with its action's id, and no more of it than was asked for."""
    short = asked.results == "status" or (asked.results == "failed" and reply.status < 400)
    id = asked.each[index].id
    result = {"status_code": reply.status} if short else _result(reply, parts)
    return {"id": id, **result} if id else result


def _result(reply: Reply, parts: Parts) -> dict[str, Any]:
    result = {"body": reply.body, "headers": dict(reply.headers), "status_code": reply.status}
    return result if parts == PARTS else {part: result[part] for part in parts}
