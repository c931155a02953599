"""The limiter of many processes: they share what it remembers, which is in Redis.

`take.lua` decides as `memory.py` does, in a single step. Whatever a process left behind runs out by itself.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from itertools import accumulate, count
from pathlib import Path
from typing import Any

import structlog

from batchwright.engine.limits import Lease, Limited, Limiter, Wait, Weight
from batchwright.engine.limits.line import Line, Script, Unreachable
from batchwright.engine.limits.profiles import Profile
from batchwright.model.problems import Problem

__all__ = ["RedisLimiter", "Refusing"]

LEASE_SECONDS = 15.0  # how long what a killed process had in flight still counts


def _script(*names: str) -> Script:
    return Script.of("".join(Path(__file__).with_name(f"{name}.lua").read_text("utf-8") for name in names))


TAKE, SETTLE, RENEW = _script("log", "take"), _script("log", "settle"), _script("renew")
log = structlog.get_logger("batchwright")


class RedisLimiter:
    """One profile for every token, over a line that is this limiter's own.

    namespace: sets the keys of one database's tokens apart from others in the same Redis. otherwise: who decides
    while Redis can't be reached. clock: seconds; without one, Redis's clock counts, which all processes share.
    """

    def __init__(
        self,
        profile: Profile,
        line: Line,
        namespace: str,
        otherwise: Limiter,
        *,
        clock: Callable[[], float] | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._line = line
        most = profile.per_minute, profile.searches, profile.reads, profile.writes, profile.jobs, profile.cost
        self._most = " ".join(map(str, most))  # one argument is quicker to pack than six
        self._cost = profile.cost
        self._prefix = f"batchwright:{namespace}"
        self._otherwise = otherwise
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._process = secrets.token_hex(8)
        self._numbers = count()
        self._held: dict[str, SharedLease] = {}
        self._renewal: asyncio.TimerHandle | None = None
        self._reached = True

    @property
    def costs(self) -> bool:
        """Whether the profile limits costs."""
        return self._cost > 0

    async def take(self, token: str, weight: Weight, actions: Sequence[Weight] = ()) -> Lease:
        """Grant all of `weight` or raise `Limited`: see `Limiter`. Without Redis, what `otherwise` does."""
        lease = SharedLease(self, f"{self._process}:{next(self._numbers)}", token, weight)
        sums = ",".join(map(_text, accumulate(actions)))
        arguments = self._now(), lease.id, self._lease_seconds, _text(weight), self._most, sums
        try:
            refused = await self._line.run(TAKE, self._keys(token), arguments)
        except Unreachable as problem:
            self._note(problem)
            return await self._otherwise.take(token, weight, actions)
        except asyncio.CancelledError:
            self._give_back(lease, 0)
            raise
        self._note(None)
        if refused:
            raise _limited(*refused)
        self._hold(lease)
        return lease

    async def reach(self) -> None:
        """Ask whether Redis is there. Raises Unreachable."""
        await self._line.ask("PING")

    async def close(self) -> None:
        """Hang up. What is still in flight runs out."""
        if self._renewal is not None:
            self._renewal.cancel()
        await self._line.close()

    async def release(self, lease: SharedLease, cost: int) -> None:
        """What a lease's release does."""
        if self._held.pop(lease.id, None) is None:
            return
        try:
            await self._give_back(lease, cost)
        except Unreachable as problem:
            self._note(problem)

    def _keys(self, token: str) -> tuple[str, str, str, str]:
        # The braces keep a token's keys on one node of a cluster.
        prefix = f"{self._prefix}:{{{token}}}"
        return f"{prefix}:requests", f"{prefix}:searches", f"{prefix}:costs", f"{prefix}:held"

    def _now(self) -> float | str:
        return "" if self._clock is None else self._clock()

    def _give_back(self, lease: SharedLease, cost: int) -> asyncio.Future[object]:
        *_, costs, held = self._keys(lease.token)
        if cost:
            return self._line.run(SETTLE, (held, costs), (self._now(), lease.id, cost, self._cost))
        return self._line.ask("HDEL", held, lease.id)

    def _hold(self, lease: SharedLease) -> None:
        if not lease.holds:
            return
        self._held[lease.id] = lease
        self._renew_in_time()

    def _renew_in_time(self) -> None:
        if self._renewal is None:
            self._renewal = asyncio.get_running_loop().call_later(self._lease_seconds / 3, self._renew)

    def _renew(self) -> None:
        """Tell Redis of everything that is still in flight, each token's at once."""
        self._renewal = None
        arguments: dict[str, list[str | float]] = {}
        for lease in self._held.values():
            arguments.setdefault(lease.token, [self._now(), self._lease_seconds]).extend((lease.id, lease.holds))
        for token, each in arguments.items():
            self._line.run(RENEW, self._keys(token)[3:], tuple(each))
        if self._held:
            self._renew_in_time()

    def _note(self, problem: Unreachable | None) -> None:
        """Log when Redis is lost and when it is back, not each request in between."""
        if problem and self._reached:
            log.warning("limits: Redis can't be reached", reason=str(problem))
        elif not problem and not self._reached:
            log.warning("limits: Redis is back")
        self._reached = problem is None


class SharedLease(Lease):
    """The lease of a weight that was granted by Redis."""

    __slots__ = ("_limiter", "holds", "id", "token")

    def __init__(self, limiter: RedisLimiter, id: str, token: str, weight: Weight) -> None:
        self._limiter = limiter
        self.id = id
        self.token = token
        # As the scripts keep it; empty when nothing is in flight.
        in_flight = weight.reads, weight.writes, weight.jobs
        self.holds = " ".join(map(str, in_flight)) if any(in_flight) else ""

    async def release(self, cost: int = 0) -> None:
        await self._limiter.release(self, cost)


def _text(weight: Weight) -> str:
    return f"{weight.reads} {weight.writes} {weight.searches} {weight.jobs}"


def _limited(limiter: bytes, seconds: int, action: int, *waits: Any) -> Limited:
    pairs = zip(waits[::2], waits[1::2], strict=True)
    told = [Wait(None if after < 0 else after, name.decode()) for after, name in pairs]
    return Limited(seconds, limiter.decode(), action, told)


class Refusing:
    """Says no to everything: for those to whom a limit matters more than an answer."""

    costs = False

    async def take(self, token: str, weight: Weight, actions: Sequence[Weight] = ()) -> Lease:
        """Raise a Problem: not the client's fault, so no 429."""
        raise Problem(
            503,
            "The rate limits can't be checked at the moment. Please retry after the given amount of time.",
            headers={"Retry-After": "1"},
        )

    async def close(self) -> None:
        """Nothing to let go of."""
