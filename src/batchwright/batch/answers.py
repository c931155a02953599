"""What an app answered to an action, as the action's reply."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Protocol

import msgspec
from starlette.types import Scope

from batchwright.batch.requests import Raw, Request
from batchwright.model.calls import Reply
from batchwright.model.problems import Problem

SHOWN: Final = ("location", "etag", "link", "retry-after")


class Answer(msgspec.Struct, frozen=True):
    """A whole HTTP response."""

    status: int
    headers: tuple[Raw, ...]
    body: bytes


class Target(Protocol):
    """Who answers the actions: an app in this process, or a server elsewhere."""

    async def send(self, request: Request, batch: Scope) -> Answer:
        """The answer. batch: the scope of the batch's own request. Raises Problem 500, 502."""

    async def aclose(self) -> None:
        """Ends what is still open."""


def too_large(most: int) -> Problem:
    """502. What the action did is done."""
    return Problem(502, f"What was answered is larger than {most} bytes. What the action did is not undone")


def reply_of(answer: Answer, shown: frozenset[bytes], *, head: bool, named: bool) -> Reply:
    """The reply. shown: the names of the headers to show.

    head: it has no body, whatever was sent. named: others may take values from it, and it isn't read anew for each.
    """
    return Reply(answer.status, {} if head else _body(answer, named=named), _headers(answer.headers, shown))


def _headers(given: Iterable[Raw], shown: frozenset[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw, value in given:
        if (name := raw.lower()) in shown:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _body(answer: Answer, *, named: bool) -> Any:
    """JSON as it came, other text as a text, nothing as `{}`; null for what no JSON can hold."""
    if not answer.body:
        return {}
    if any(name.lower() == b"content-encoding" and value.lower() != b"identity" for name, value in answer.headers):
        return None
    kind = next((value for name, value in answer.headers if name.lower() == b"content-type"), b"")
    if b"json" in kind.lower():
        try:
            value = msgspec.json.decode(answer.body)
            return value if named else msgspec.Raw(answer.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass  # told as the text that it is
    try:
        return answer.body.decode()
    except UnicodeDecodeError:
        return None
