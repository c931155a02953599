"""The limiter of a single process: it remembers in memory, and forgets tokens that went quiet.

Nothing here awaits, so a `take` is decided and noted in one turn of the event loop and needs no lock.
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import islice

from batchwright.engine.limits import Lease, Limited, Limiter, Weight
from batchwright.engine.limits.profiles import Profile

__all__ = ["MemoryLimiter", "Unlimited", "Window", "in_memory"]

MINUTE = 60.0
NOTHING = Weight(0, 0)


def in_memory(profile: Profile | None, clock: Callable[[], float] = time.monotonic) -> Limiter:
    """The limiter for an entry of `PROFILES`; `clock` gives seconds and never goes backwards."""
    return Unlimited() if profile is None else MemoryLimiter(profile, clock)


class Window:
    """The requests of the last minute, exactly: a log of when each leaves the window, and how many they are.

    It never holds more than `limit` entries: while the newer ones fill the quota by themselves, the oldest
    decides nothing, for it leaves before they do.
    """

    __slots__ = ("_entries", "_limit", "_total", "name")

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self._limit = limit
        self._entries: deque[tuple[float, int]] = deque()
        self._total = 0

    def __len__(self) -> int:
        return len(self._entries)

    def fits(self, now: float, units: int) -> bool:
        """Whether `units` more stay within the limit; none always do."""
        while self._entries and self._entries[0][0] <= now:
            self._drop_oldest()
        return not units or self._total + units <= self._limit

    def add(self, now: float, units: int) -> None:
        """Count `units`, granted or refused."""
        if not units:
            return
        self._entries.append((now + MINUTE, units))
        self._total += units
        while self._entries and self._total - self._entries[0][1] >= self._limit:
            self._drop_oldest()

    def opens_at(self, now: float, units: int) -> float:
        """When `units` more will fit if nothing else is added; for too many, when the window is empty."""
        opens, excess = now, self._total + units - self._limit
        for leaves, gone in self._entries if units else ():
            if excess <= 0:
                break
            opens, excess = leaves, excess - gone
        return opens

    def _drop_oldest(self) -> None:
        self._total -= self._entries.popleft()[1]


class Account:
    """What one token used in the last minute and holds in flight."""

    __slots__ = ("_profile", "_requests", "_searches", "held", "seen")

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._requests = Window("per_minute", profile.per_minute)
        self._searches = Window("searches", profile.searches)
        self.held = NOTHING
        self.seen = -math.inf

    def admit(self, now: float, weight: Weight) -> None:
        """Count and hold all of `weight`, or raise `Limited` (the interface says what a refusal costs)."""
        requests = weight.reads + weight.writes
        if not (self._requests.fits(now, requests) and self._searches.fits(now, weight.searches)):
            raise self._refuse(now, weight)
        after = self.held + weight
        if busy := _over(self._profile, after):
            raise Limited(1, busy)
        self._requests.add(now, requests)
        self._searches.add(now, weight.searches)
        self.held = after

    def _refuse(self, now: float, weight: Weight) -> Limited:
        costs = (self._requests, weight.reads + weight.writes), (self._searches, weight.searches)
        full = [window.name for window, units in costs if not window.fits(now, units)]
        for window, units in costs:
            window.add(now, units)
        opens = {window.name: window.opens_at(now, units) for window, units in costs}
        return Limited(_whole_seconds(now, max(opens.values())), max(full, key=opens.__getitem__))


class MemoryLimiter:
    """One profile for every token, each with an account of its own."""

    def __init__(self, profile: Profile, clock: Callable[[], float] = time.monotonic) -> None:
        self._profile = profile
        self._clock = clock
        self._accounts: OrderedDict[str, Account] = OrderedDict()  # least recently seen first

    def __len__(self) -> int:
        """How many tokens are remembered: those of the last minute, and some that the next calls drop."""
        return len(self._accounts)

    async def take(self, token: str, weight: Weight) -> Lease:
        """Grant all of `weight` or raise `Limited`: see `Limiter`."""
        now = self._clock()
        self._forget_idle(now)
        account = self._accounts.get(token)
        if account is None:
            account = self._accounts[token] = Account(self._profile)
        self._touch(token, account, now)
        account.admit(now, weight)
        return HeldLease(account, weight)

    async def close(self) -> None:
        """Nothing to let go of."""

    def _forget_idle(self, now: float) -> None:
        # Two at a time: a call adds one token at most, so what piled up shrinks, and no call pays for all.
        for token in list(islice(self._accounts, 2)):
            account = self._accounts[token]
            if now < account.seen + MINUTE:
                return
            if account.held == NOTHING:
                del self._accounts[token]
            else:
                self._touch(token, account, now)

    def _touch(self, token: str, account: Account, now: float) -> None:
        account.seen = now
        self._accounts.move_to_end(token)


class HeldLease(Lease):
    """The lease of a granted weight; it holds nothing once released."""

    __slots__ = ("_account", "_weight")

    def __init__(self, account: Account, weight: Weight) -> None:
        self._account = account
        self._weight = weight

    async def release(self) -> None:
        self._account.held -= self._weight
        self._weight = NOTHING


class Unlimited:
    """The profile `off`: always yes, remembering nothing."""

    async def take(self, token: str, weight: Weight) -> Lease:
        """Grant `weight`, whatever it is; every caller shares one lease that holds nothing."""
        return _NO_LEASE

    async def close(self) -> None:
        """Nothing to let go of."""


_NO_LEASE = HeldLease(Account(Profile(per_minute=1)), NOTHING)


def _over(most: Profile, held: Weight) -> str | None:
    if held.reads > most.reads:
        return "reads"
    if held.writes > most.writes:
        return "writes"
    return "jobs" if held.jobs > most.jobs else None


def _whole_seconds(now: float, then: float) -> int:
    seconds = max(1, math.ceil(then - now))
    # The subtraction may round down; adding the result back is what the client's clock will do.
    return seconds if now + seconds >= then else seconds + 1
