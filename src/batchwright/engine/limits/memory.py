"""The limiter of a single process: it remembers in memory, and forgets tokens that went quiet.

Nothing here awaits, so a `take` is decided and noted in one turn of the event loop and needs no lock.
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from itertools import accumulate, islice

from batchwright.engine.limits import Lease, Limited, Limiter, Wait, Weight
from batchwright.engine.limits.profiles import Profile

__all__ = ["MemoryLimiter", "Unlimited", "Window", "in_memory"]

MINUTE = 60.0
NOTHING = Weight(0, 0)


def in_memory(profile: Profile | None, clock: Callable[[], float] = time.monotonic) -> Limiter:
    """The limiter for an entry of `PROFILES`; `clock` gives seconds and never goes backwards."""
    return Unlimited() if profile is None else MemoryLimiter(profile, clock)


class Window:
    """What was used in the last minute, exactly: a log of when each leaves the window, and how many they are.

    It never holds more than `limit` entries: while the newer ones fill the quota by themselves, the oldest
    decides nothing, for it leaves before they do.
    """

    __slots__ = ("_entries", "_total", "limit", "name")

    def __init__(self, name: str, limit: float) -> None:
        self.name = name
        self.limit = limit
        self._entries: deque[tuple[float, int]] = deque()
        self._total = 0

    def __len__(self) -> int:
        return len(self._entries)

    def fits(self, now: float, units: int) -> bool:
        """Whether `units` more stay within the limit; none always do."""
        while self._entries and self._entries[0][0] <= now:
            self._drop_oldest()
        return not units or self._total + units <= self.limit

    def add(self, now: float, units: int) -> None:
        """Count `units`, granted or refused."""
        if not units:
            return
        self._entries.append((now + MINUTE, units))
        self._total += units
        while self._entries and self._total - self._entries[0][1] >= self.limit:
            self._drop_oldest()

    def opens_at(self, now: float, units: int) -> float:
        """When `units` more will fit if nothing else is added; for too many, when the window is empty."""
        opens, excess = now, self._total + units - self.limit
        for leaves, gone in self._entries if units else ():
            if excess <= 0:
                break
            opens, excess = leaves, excess - gone
        return opens

    def _drop_oldest(self) -> None:
        self._total -= self._entries.popleft()[1]


class Account:
    """What one token used in the last minute and holds in flight."""

    __slots__ = ("_costs", "_profile", "_requests", "_searches", "held", "seen")

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._requests = Window("per_minute", profile.per_minute)
        self._searches = Window("searches", profile.searches)
        self._costs = Window("cost", profile.cost or math.inf)
        self.held = NOTHING
        self.seen = -math.inf

    def admit(self, now: float, weight: Weight, actions: Sequence[Weight]) -> None:
        """Count and hold all of `weight`, or raise `Limited` (the interface says what a refusal costs)."""
        requests = weight.reads + weight.writes
        if not (
            self._requests.fits(now, requests)
            and self._searches.fits(now, weight.searches)
            and self._costs.fits(now, 1 if requests else 0)
        ):
            raise self._refuse(now, weight, actions)
        after = self.held + weight
        if busy := _over(self._profile, after):
            sums = list(accumulate(actions))
            raise Limited(1, busy, self._first(now, busy, sums), self._waits(now, sums))
        self._requests.add(now, requests)
        self._searches.add(now, weight.searches)
        self.held = after

    def charge(self, now: float, cost: int) -> None:
        """Note what a reply cost."""
        self._costs.add(now, cost)

    def _windows(self, weight: Weight) -> tuple[tuple[Window, int], ...]:
        """What each window is asked for. Of the quota of costs it is enough that something is left."""
        requests = weight.reads + weight.writes
        return (self._requests, requests), (self._searches, weight.searches), (self._costs, min(requests, 1))

    def _refuse(self, now: float, weight: Weight, actions: Sequence[Weight]) -> Limited:
        asked, sums = self._windows(weight), list(accumulate(actions))
        full = {
            window.name: self._first(now, window.name, sums) for window, units in asked if not window.fits(now, units)
        }
        for window, units in asked:
            if window is not self._costs and full.keys() - {"cost"}:
                window.add(now, units)
        opens = {window.name: window.opens_at(now, units) for window, units in asked}
        name = max(full, key=opens.__getitem__)
        return Limited(_whole_seconds(now, max(opens.values())), name, full[name], self._waits(now, sums))

    def _first(self, now: float, limiter: str, sums: list[Weight]) -> int:
        """The place of the first action that is too much for a limiter."""
        return next((at for at, each in enumerate(sums) if limiter in self._exceeded(now, each)), 0)

    def _waits(self, now: float, sums: list[Weight]) -> list[Wait]:
        return [self._wait(now, each) for each in sums]

    def _wait(self, now: float, weight: Weight) -> Wait:
        exceeded = self._exceeded(now, weight)
        if not exceeded:
            return Wait()
        name = max(exceeded, key=exceeded.__getitem__)
        return Wait(None if exceeded[name] == math.inf else _whole_seconds(now, exceeded[name]), name)

    def _exceeded(self, now: float, weight: Weight) -> dict[str, float]:
        """The limiters for which a weight is too much, and when each lets it through: never is infinitely late."""
        found = {
            window.name: math.inf if units > window.limit else window.opens_at(now, units)
            for window, units in self._windows(weight)
            if not window.fits(now, units)
        }
        most, held = self._profile, self.held
        for name, asked, used, limit in (
            ("reads", weight.reads, held.reads, most.reads),
            ("writes", weight.writes, held.writes, most.writes),
            ("jobs", weight.jobs, held.jobs, most.jobs),
        ):
            if used + asked > limit:
                found[name] = math.inf if asked > limit else now
        return found


class MemoryLimiter:
    """One profile for every token, each with an account of its own."""

    def __init__(self, profile: Profile, clock: Callable[[], float] = time.monotonic) -> None:
        self._profile = profile
        self._clock = clock
        self._accounts: OrderedDict[str, Account] = OrderedDict()  # least recently seen first

    def __len__(self) -> int:
        """How many tokens are remembered: those of the last minute, and some that the next calls drop."""
        return len(self._accounts)

    @property
    def costs(self) -> bool:
        """Whether the profile limits costs."""
        return self._profile.cost > 0

    async def take(self, token: str, weight: Weight, actions: Sequence[Weight] = ()) -> Lease:
        """Grant all of `weight` or raise `Limited`: see `Limiter`."""
        now = self._clock()
        self._forget_idle(now)
        account = self._account(token, now)
        account.admit(now, weight, actions)
        return HeldLease(self, token, account, weight)

    def charge(self, token: str, cost: int) -> None:
        """What a lease's release does with the cost."""
        now = self._clock()
        self._account(token, now).charge(now, cost)

    async def close(self) -> None:
        """Nothing to let go of."""

    def _account(self, token: str, now: float) -> Account:
        account = self._accounts.get(token)
        if account is None:
            account = self._accounts[token] = Account(self._profile)
        self._touch(token, account, now)
        return account

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

    __slots__ = ("_account", "_limiter", "_token", "_weight")

    def __init__(self, limiter: MemoryLimiter, token: str, account: Account, weight: Weight) -> None:
        self._limiter = limiter
        self._token = token
        self._account = account
        self._weight: Weight | None = weight

    async def release(self, cost: int = 0) -> None:
        weight, self._weight = self._weight, None
        if weight is None:
            return
        if cost:
            self._limiter.charge(self._token, cost)
        self._account.held -= weight


class NoLease(Lease):
    """What everybody gets where nothing is limited."""

    __slots__ = ()

    async def release(self, cost: int = 0) -> None:
        """Nothing is held."""


class Unlimited:
    """The profile `off`: always yes, remembering nothing."""

    costs = False

    async def take(self, token: str, weight: Weight, actions: Sequence[Weight] = ()) -> Lease:
        """Grant `weight`, whatever it is."""
        return _NO_LEASE

    async def close(self) -> None:
        """Nothing to let go of."""


_NO_LEASE = NoLease()


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
