"""How much a token may ask for: the interface that every limiter has.

`answer(call)` takes the whole weight of an HTTP request here, once and before anything runs; the twins differ
only in where they remember it. Numbers are in `profiles.py`, the twin for one process in `memory.py`.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

import msgspec

__all__ = ["Lease", "Limited", "Limiter", "Wait", "Weight"]


class Weight(msgspec.Struct, frozen=True):
    """What a call costs, in requests; a batch weighs the sum of its actions and nothing itself.

    Every request is a read (GET, HEAD) or a write (POST, PUT, PATCH, DELETE). A search is a read too and a
    duplication a write too, so `Weight(reads=1, writes=0, searches=1)` is one search.
    """

    reads: int
    writes: int
    searches: int = 0
    jobs: int = 0

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(
            self.reads + other.reads,
            self.writes + other.writes,
            self.searches + other.searches,
            self.jobs + other.jobs,
        )

    def __sub__(self, other: "Weight") -> "Weight":
        return Weight(
            self.reads - other.reads,
            self.writes - other.writes,
            self.searches - other.searches,
            self.jobs - other.jobs,
        )


class Wait(msgspec.Struct, frozen=True):
    """When an action would pass together with those before it: in so many seconds, None for never.

    limiter: what it would wait for; "" for what would pass now, when `seconds` is 0.
    """

    seconds: int | None = 0
    limiter: str = ""


class Limited(Exception):
    """The weight was refused as a whole: the caller gets 429 and `Retry-After`.

    `retry_after` is in whole seconds, at least 1. `limiter` is the limit that refused: `per_minute` or
    `searches` (counted over a minute), `cost` (of the replies of a minute), `reads`, `writes` or `jobs` (in flight).
    If the actions were given: `action` is the place of the first one that was too much for that limiter, and `waits`
    has one entry for each of them, as things are after the refusal.
    """

    def __init__(self, retry_after: int, limiter: str, action: int = 0, waits: Sequence[Wait] = ()) -> None:
        super().__init__(retry_after, limiter)
        self.retry_after = retry_after
        self.limiter = limiter
        self.action = action
        self.waits = waits


class Lease(Protocol):
    """What is in flight for a granted weight, until it is released; `async with` releases it."""

    __slots__ = ()

    async def release(self, cost: int = 0) -> None:
        """Give back what is in flight, and charge what the reply cost. Once is enough, again does nothing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.release()


class Limiter(Protocol):
    """Decides whether a token may do more, by `contract/asana-behaviour.md` section 7.

    **Counted limits** (`per_minute`, `searches`) slide: what counts at any moment are exactly the requests of
    the 60 seconds before it. So no 60 seconds carry more than the quota, the 151st request of a minute is
    refused however the first 150 were spread, and nobody waits longer than a minute. (A token bucket or GCRA
    keeps one number instead of a log, but lets nearly twice the quota through in the first minute, and which
    request it refuses depends on how fast the client is; a pair of weighted counters is not exact.)

    **The cost** of a reply is known when it is made, and charged then; it counts for a minute. Whoever has spent the
    quota, or more than that with one reply, is refused until less of it is left in the minute.

    **Limits in flight** (`reads`, `writes`, `jobs`) are held by the lease from `take` to `release`.

    **A refusal takes nothing**: no part of the weight is in flight afterwards. Who refuses decides its cost:

    - A counted limit: the refused requests still count, against both quotas, so ignoring `Retry-After` gets a
      client fewer and fewer requests through. `Retry-After` is worked out *after* they are counted: the first
      whole second at which the same weight fits into both windows although its own refusal is still in them.
      Hence a client that waits exactly that long is let in by the counted limits, unless others used the
      token meanwhile.
    - The cost, or a limit in flight: nothing is counted. The vendor's page charges only for what "this limiter", the
      counted one, rejects; to charge here could fill the window of a client that obeys, and break that promise of a
      second. What is in flight has 1 for its `Retry-After`, for nobody knows when another request will end.

    Counted limits are asked first, then the cost, then what is in flight. A weight above a whole quota never fits: by
    a counted limit it is refused with the longest wait and counts like any other.
    """

    @property
    def costs(self) -> bool:
        """Whether it wants to know what replies cost."""

    async def take(self, token: str, weight: Weight, actions: Sequence[Weight] = ()) -> Lease:
        """Grant `weight` to `token` (its gid, never its secret), or raise `Limited` and grant none of it.

        actions: the weights that it is the sum of, if a refusal shall tell of each.
        """

    async def close(self) -> None:
        """Let go of what it holds outside the process. It isn't used afterwards."""
