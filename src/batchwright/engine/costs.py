"""What a reply cost: the objects it shows, at whatever depth. As with Asana it is known once the reply is made."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self

import msgspec

from batchwright.engine.limits import Lease
from batchwright.model.calls import Reply

# Every record has a gid. In a text it can't look like this: there, quotes are escaped.
OBJECT = b'"gid":'


class Bill:
    """Holds a lease until the reply is made, or streamed to its end, and charges it then.

    counts: False where nobody wants to know what replies cost.
    """

    __slots__ = ("_counts", "_lease", "_streams", "cost")

    def __init__(self, lease: Lease, *, counts: bool) -> None:
        self._lease = lease
        self._counts = counts
        self._streams = False
        self.cost = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._streams:
            await self._lease.release(self.cost)

    def charged(self, reply: Reply) -> Reply:
        """The reply; its body is encoded by now if it was counted."""
        if reply.stream is not None:
            self._streams = True
            return msgspec.structs.replace(reply, stream=self._held(reply.stream))
        return msgspec.structs.replace(reply, body=self._counted(reply.body)) if self._counts else reply

    async def _held(self, stream: AsyncGenerator[Any]) -> AsyncGenerator[Any]:
        try:
            async with aclosing(stream):
                async for each in stream:
                    yield self._counted(each) if self._counts else each
        finally:
            await self._lease.release(self.cost)

    def _counted(self, value: Any) -> msgspec.Raw:
        content = msgspec.json.encode(value)
        self.cost += content.count(OBJECT)
        return msgspec.Raw(content)
