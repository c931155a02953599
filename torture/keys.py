"""Clients that send with idempotency keys, and send again what they weren't answered until they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torture.load import Client, Planned
from torture.wire import Line


@dataclass(frozen=True)
class Sent:
    """A batch as it is sent, however often: with a key for all of it, or one for each action; as one, or not."""

    planned: list[Planned]
    key: str
    atomic: bool

    async def send(self, line: Line) -> tuple[int, Any]:
        """Once more."""
        more = {"atomic": True} if self.atomic else {}
        return await line.batch([action for _, _, action in self.planned], self.key, **more)


@dataclass
class Keyed(Client):
    """A client that never leaves anything unknown."""

    sent: Sent | None = None

    @property
    def waits(self) -> bool:
        """Whether a batch hasn't been answered."""
        return self.sent is not None

    async def step(self, line: Line) -> bool:
        """A new batch, or the last one again; whether all of it is done. Raises Lost."""
        await line.open()
        if self.sent is None:
            self.sent = self._new_batch()
        else:
            self.ledger.counts["sent again"] += 1
        status, body = await self.sent.send(line)
        if status != 200:
            self.refused(status, body)
            return False
        good, hopeless = True, False
        for (track, doing, action), result in zip(self.sent.planned, body["data"], strict=True):
            code, answer = result["status_code"], result["body"]
            self.ledger.counts["replayed"] += "idempotency-replayed" in result["headers"]
            if code >= 400:
                good = False
                hopeless = hopeless or (code < 500 and code not in (424, 429))
                if code != 424:  # another action of an atomic batch failed, and that one tells why
                    self.refused(code, answer, f"{action['method']} {action['relative_path']}")
            elif self.sent.atomic and any(each["status_code"] >= 400 for each in body["data"]):
                self.ledger.fault(f"an atomic batch was done in part: {body['data']}")
            elif doing is None:
                self.seen(track, answer["data"])
            elif track.doing is not None:
                self.ledger.acknowledge(track, answer)
        if good or hopeless:  # which is told as a fault
            self.sent = None
        return good

    def _new_batch(self) -> Sent:
        planned = self.plan()
        for track, doing, _ in planned:
            track.doing = doing
        key = self._word("key")
        if self.random.random() < 0.5:
            keyed = [action | {"idempotency_key": f"{key} {index}"} for index, (*_, action) in enumerate(planned)]
            planned = [(track, doing, action) for (track, doing, _), action in zip(planned, keyed, strict=True)]
            key = ""
        return Sent(planned, key, self.random.random() < 0.4)


def all_answered(of: Sequence[Keyed]) -> list[str]:
    """Tells if a batch is left over."""
    return [f"client {each.number} has a batch that was never answered" for each in of if each.waits]
