"""Makes a request that showed a fault smaller, as long as it still shows it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from fuzz.messages import Message

TRIES = 300
Still = Callable[[Message], Awaitable[bool]]


async def smallest(message: Message, still: Still) -> Message:
    """The smallest request found that still shows it; still: sends one and tells."""
    left = TRIES
    smaller = True
    while smaller and left > 0:
        smaller = False
        for each in _smaller(message):
            left -= 1
            if left <= 0:
                break
            if await still(each):
                message, smaller = each, True
                break
    return message


def _smaller(message: Message) -> Iterator[Message]:
    path, _, query = message.target.partition(b"?")
    if query:
        pairs = query.split(b"&")
        for place in range(len(pairs)):
            rest = b"&".join(pairs[:place] + pairs[place + 1 :])
            yield replace(message, target=path + (b"?" + rest if rest else b""))
    if message.body:
        for body in _bodies(message.body):
            yield replace(message, body=body)
    for place in range(len(message.headers)):
        yield replace(message, headers=message.headers[:place] + message.headers[place + 1 :])


def _bodies(body: bytes) -> Iterator[bytes]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        yield from _cuts(body)
        return
    for each in parts_left_out(value):
        yield json.dumps(each).encode()


def _cuts(body: bytes) -> Iterator[bytes]:
    size = len(body) // 2
    while size:
        for begin in range(0, len(body), size):
            yield body[:begin] + body[begin + size :]
        size //= 2


def parts_left_out(value: Any) -> Iterator[Any]:
    """The same value with one part less, large parts first."""
    if isinstance(value, dict):
        for name in value:
            yield {other: each for other, each in value.items() if other != name}
        for name, inner in value.items():
            yield from ({**value, name: each} for each in parts_left_out(inner))
    elif isinstance(value, list):
        for place in range(len(value)):
            yield value[:place] + value[place + 1 :]
        for place, inner in enumerate(value):
            yield from ([*value[:place], each, *value[place + 1 :]] for each in parts_left_out(inner))
    elif isinstance(value, str) and len(value) > 1:
        yield value[: len(value) // 2]
        yield value[len(value) // 2 :]
