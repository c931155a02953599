"""Every limit, in memory and on Redis, against a clock the test moves: tables of who gets in when, a model."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from batchwright.engine.limits import Lease, Limited, Limiter, Weight
from batchwright.engine.limits.line import Line
from batchwright.engine.limits.memory import MemoryLimiter, Unlimited, Window, in_memory
from batchwright.engine.limits.profiles import PROFILES, Profile
from batchwright.engine.limits.redis import RedisLimiter, Refusing

READ = Weight(reads=1, writes=0)
WRITE = Weight(reads=0, writes=1)
SEARCH = Weight(reads=1, writes=0, searches=1)
DUPLICATION = Weight(reads=0, writes=1, jobs=1)
NOTHING = Weight(reads=0, writes=0)


def reads(count: int) -> Weight:
    return Weight(reads=count, writes=0)


def writes(count: int) -> Weight:
    return Weight(reads=0, writes=count)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """A limiter with its clock, driven from plain functions."""

    limiter: Limiter
    clock: Clock
    runner: asyncio.Runner

    def take(self, weight: Weight, token: str = "a", times: int = 1) -> list[Lease]:
        async def takes() -> list[Lease]:
            return [await self.limiter.take(token, weight) for _ in range(times)]

        return self.runner.run(takes())

    def spend(self, weight: Weight, token: str = "a", times: int = 1) -> None:
        """Requests that are answered at once, so that only the minute counts them."""

        async def spends() -> None:
            for _ in range(times):
                async with await self.limiter.take(token, weight):
                    pass

        self.runner.run(spends())

    def refused(self, weight: Weight, token: str = "a") -> tuple[str, int]:
        with pytest.raises(Limited) as refusal:
            self.take(weight, token)
        return refusal.value.limiter, refusal.value.retry_after

    def release(self, leases: Iterable[Lease]) -> None:
        async def releases() -> None:
            for lease in leases:
                await lease.release()

        self.runner.run(releases())


Twin = Callable[[Profile | None, Clock], Limiter]
Benches = Callable[..., Bench]
"""Makes benches of a profile and perhaps a time to begin with; they know nothing of each other."""


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(params=["memory", "redis"])
def twin(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Iterator[Twin]:
    """Makes limiters, in memory or on Redis."""
    if request.param == "memory":
        yield in_memory
        return
    line = Line(request.getfixturevalue("redis_url"))

    def on_redis(profile: Profile | None, clock: Clock) -> Limiter:
        if profile is None:
            return Unlimited()
        # The test's clock leaps, and no lease is renewed as it does, so leases must not run out.
        return RedisLimiter(profile, line, secrets.token_hex(8), Refusing(), clock=clock, lease_seconds=1e9)

    yield on_redis
    runner.run(line.close())


def benches_of(twin: Twin, runner: asyncio.Runner) -> Benches:
    def make(profile: Profile | None, start: float = 0.0) -> Bench:
        clock = Clock(start)
        return Bench(twin(profile, clock), clock, runner)

    return make


@pytest.fixture
def benches(twin: Twin, runner: asyncio.Runner) -> Benches:
    """For what every limiter does."""
    return benches_of(twin, runner)


@pytest.fixture
def in_this_process(runner: asyncio.Runner) -> Benches:
    """For what only the one in memory does."""
    return benches_of(in_memory, runner)


def test_the_profiles_are_the_contracts_numbers() -> None:
    # contract/asana-behaviour.md section 7
    assert PROFILES["free"] == Profile(per_minute=150, searches=60, reads=50, writes=15, jobs=5)
    assert PROFILES["paid"] == Profile(per_minute=1500, searches=60, reads=50, writes=15, jobs=5)
    assert PROFILES["off"] is None


@pytest.mark.parametrize(("name", "quota"), [("free", 150), ("paid", 1500)])
def test_one_request_more_than_the_quota_passes_after_retry_after(name: str, quota: int, benches: Benches) -> None:
    bench = benches(PROFILES[name])
    bench.spend(READ, times=quota)
    assert bench.refused(READ) == ("per_minute", 60)
    bench.clock.now += 60
    bench.spend(READ)


# Each row: at second, what is asked for (and answered at once), and the refusal if it is one.
Step = tuple[float, Weight, tuple[str, int] | None]
COUNTED: dict[str, Sequence[Step]] = {
    "a batch is refused as a whole on the 151st action, and passes after Retry-After": [
        *((0.0, reads(10), None) for _ in range(14)),
        (0.0, reads(9), None),
        (20.0, reads(10), ("per_minute", 40)),
        (60.0, reads(10), None),
    ],
    "the quota is looked at all the time, not once a minute": [
        (0.0, reads(50), None),
        (10.0, reads(50), None),
        (20.0, reads(50), None),
        (30.0, READ, ("per_minute", 30)),
        (60.0, reads(49), None),
        (60.0, READ, ("per_minute", 10)),
    ],
    "Retry-After is rounded up": [
        *((0.5, reads(50), None) for _ in range(3)),
        (10.25, READ, ("per_minute", 51)),
    ],
    "Retry-After is at least one": [
        *((0.0, reads(50), None) for _ in range(3)),
        (59.875, READ, ("per_minute", 1)),
    ],
    "refused requests count, so who keeps asking waits on": [
        *((0.0, reads(50), None) for _ in range(3)),
        *((50.0, reads(10), ("per_minute", 10)) for _ in range(14)),
        (50.0, reads(10), ("per_minute", 60)),
        (60.0, READ, ("per_minute", 50)),
        (110.0, reads(10), None),
    ],
    "nobody waits longer than a minute, however hard they tried": [
        *((0.0, reads(50), None) for _ in range(3)),
        *((1.0, reads(10), ("per_minute", 59)) for _ in range(14)),
        *((1.0, reads(10), ("per_minute", 60)) for _ in range(86)),
        (61.0, reads(50), None),
    ],
    "reads and writes share the quota": [
        *((0.0, Weight(5, 5), None) for _ in range(15)),
        (1.0, WRITE, ("per_minute", 59)),
    ],
    "searches have a quota of their own, within the common one": [
        *((0.0, SEARCH, None) for _ in range(60)),
        (6.0, SEARCH, ("searches", 54)),
        (6.0, reads(40), None),
        (6.0, reads(50), ("per_minute", 54)),
    ],
    "a refused search counts as a search and as a request": [
        *((0.0, SEARCH, None) for _ in range(60)),
        *((30.0, SEARCH, ("searches", 30)) for _ in range(59)),
        (30.0, SEARCH, ("searches", 60)),
        (30.0, reads(30), None),
        (30.0, READ, ("per_minute", 30)),
        (60.0, reads(50), None),
        (60.0, SEARCH, ("searches", 30)),
    ],
    "a refused search waits until the common quota has room as well": [
        *((0.0, SEARCH, None) for _ in range(2)),
        *((10.0, SEARCH, None) for _ in range(58)),
        *((20.0, reads(40), None) for _ in range(2)),
        (40.0, Weight(10, 0, searches=1), ("searches", 30)),
        (70.0, Weight(10, 0, searches=1), None),
    ],
    "of two quotas the one that opens last is named": [
        (0.0, reads(30), None),
        (0.0, reads(50), None),
        *((20.0, SEARCH, None) for _ in range(60)),
        (20.0, reads(10), None),
        (30.0, SEARCH, ("searches", 50)),
    ],
    "who searches nothing does not wait for the quota of searches": [
        (0.0, reads(50), None),
        (0.0, reads(39), None),
        *((30.0, Weight(2, 0, searches=2), None) for _ in range(29)),
        (30.0, Weight(3, 0, searches=3), ("searches", 60)),
        (40.0, READ, ("per_minute", 20)),
    ],
    "a weight above a whole quota never fits": [
        (0.0, reads(151), ("per_minute", 60)),
        (60.0, reads(151), ("per_minute", 60)),
    ],
    "nothing costs nothing": [
        *((0.0, reads(50), None) for _ in range(3)),
        (0.0, NOTHING, None),
        (0.0, READ, ("per_minute", 60)),
        (0.0, NOTHING, None),
    ],
}


@pytest.mark.parametrize("steps", COUNTED.values(), ids=COUNTED.keys())
def test_counted_limits(steps: Sequence[Step], benches: Benches) -> None:
    bench = benches(PROFILES["free"])
    for number, (at, weight, refusal) in enumerate(steps):
        bench.clock.now = at
        if refusal is None:
            bench.spend(weight)
        else:
            assert bench.refused(weight) == refusal, f"step {number}"


def test_a_client_at_exactly_the_quotas_pace_is_never_refused(benches: Benches) -> None:
    bench = benches(Profile(per_minute=120))
    for _ in range(600):
        bench.spend(READ)
        bench.clock.now += 0.5


IN_FLIGHT = {
    "50 reads": (reads(10), 5, [(READ, "reads"), (WRITE, None), (NOTHING, None)]),
    "15 writes": (writes(5), 3, [(WRITE, "writes"), (READ, None), (NOTHING, None)]),
    "5 jobs": (DUPLICATION, 5, [(DUPLICATION, "jobs"), (WRITE, None), (READ, None)]),
    "a batch that needs one read too many": (reads(41), 1, [(Weight(10, 5), "reads"), (Weight(9, 5), None)]),
    "a batch that needs one write too many": (writes(6), 1, [(writes(10), "writes"), (Weight(1, 9), None)]),
}


@pytest.mark.parametrize(("weight", "times", "then"), IN_FLIGHT.values(), ids=IN_FLIGHT.keys())
def test_limits_in_flight(weight: Weight, times: int, then: list[tuple[Weight, str | None]], benches: Benches) -> None:
    bench = benches(PROFILES["paid"])
    leases = bench.take(weight, times=times)
    for asked, limiter in then:
        if limiter is None:
            bench.spend(asked)
        else:
            assert bench.refused(asked) == (limiter, 1)
    bench.release(leases)
    bench.take(weight, times=times)


def test_a_refusal_in_flight_is_not_counted(benches: Benches) -> None:
    bench = benches(Profile(per_minute=60))
    leases = bench.take(reads(50))
    for _ in range(100):
        assert bench.refused(READ) == ("reads", 1)
    bench.release(leases)
    bench.spend(READ, times=10)
    assert bench.refused(READ) == ("per_minute", 60)


def test_a_refused_batch_leaves_nothing_in_flight(benches: Benches) -> None:
    bench = benches(Profile(per_minute=100))
    leases = bench.take(Weight(reads=10, writes=10))
    for _ in range(20):
        assert bench.refused(Weight(reads=4, writes=6)) == ("writes", 1)
    bench.spend(reads(40), times=2)
    for _ in range(5):
        assert bench.refused(Weight(reads=4, writes=1)) == ("per_minute", 60)
    bench.clock.now = 60.0
    bench.take(Weight(reads=40, writes=5))
    bench.release(leases)
    bench.take(Weight(reads=10, writes=10))


def test_a_counted_refusal_comes_before_one_in_flight(benches: Benches) -> None:
    bench = benches(Profile(per_minute=50))
    bench.take(reads(50))
    bench.clock.now = 15.0
    assert bench.refused(READ) == ("per_minute", 45)


def test_a_lease_is_released_once(benches: Benches) -> None:
    bench = benches(PROFILES["free"])
    first, second = bench.take(reads(25), times=2)
    bench.release([first, first, first])
    bench.take(reads(25))
    assert bench.refused(READ) == ("reads", 1)
    bench.release([second])
    bench.take(reads(25))


def test_a_lease_is_released_when_its_block_fails(benches: Benches) -> None:
    bench = benches(PROFILES["free"])

    async def fail() -> None:
        async with await bench.limiter.take("a", reads(50)):
            raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            bench.runner.run(fail())


def test_tokens_have_nothing_to_do_with_each_other(benches: Benches) -> None:
    bench = benches(PROFILES["free"])
    for token in ("a", "b"):
        bench.take(Weight(reads=50, writes=15), token)
        assert bench.refused(READ, token) == ("reads", 1)
    bench.take(Weight(reads=50, writes=15), "c")


def test_off_never_refuses(benches: Benches) -> None:
    bench = benches(PROFILES["off"])
    heavy = Weight(reads=1000, writes=1000, searches=1000, jobs=1000)
    leases = bench.take(heavy, times=1000)
    bench.release(leases + leases)
    bench.spend(heavy, times=1000)


def test_a_weight_is_the_sum_of_its_actions() -> None:
    actions = [READ, SEARCH, DUPLICATION, WRITE, READ]
    total = sum(actions, NOTHING)
    assert total == Weight(reads=3, writes=2, searches=1, jobs=1)
    assert total - SEARCH == Weight(reads=2, writes=2, jobs=1)


def test_a_refusal_says_what_it_is() -> None:
    assert str(Limited(7, "reads")) == "(7, 'reads')"


# Memory


def remembered(bench: Bench) -> int:
    assert isinstance(bench.limiter, MemoryLimiter)
    return len(bench.limiter)


def test_idle_tokens_are_dropped(in_this_process: Benches) -> None:
    bench = in_this_process(PROFILES["free"])
    for number in range(500):
        bench.spend(READ, token=str(number))
    assert remembered(bench) == 500
    bench.clock.now = 60.0
    bench.spend(NOTHING, token="new", times=250)
    assert remembered(bench) == 1


def test_tokens_that_come_once_do_not_pile_up(in_this_process: Benches) -> None:
    bench = in_this_process(PROFILES["free"])
    for number in range(1000):
        bench.spend(READ, token=str(number))
        bench.clock.now += 1
        assert remembered(bench) <= 61


def test_a_token_with_something_in_flight_is_kept(in_this_process: Benches) -> None:
    bench = in_this_process(PROFILES["free"])
    leases = bench.take(reads(50), token="slow")
    for number in range(1000):
        bench.spend(READ, token=str(number))
        bench.clock.now += 1
    assert bench.refused(READ, token="slow") == ("reads", 1)
    assert remembered(bench) <= 62
    bench.release(leases)
    bench.clock.now += 60
    bench.spend(NOTHING, token="new", times=100)
    assert remembered(bench) == 1


@example([(0.0, 1)] * 50)
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.0, 0.1, 7.0]), st.integers(1, 10)), max_size=200))
def test_a_windows_log_never_outgrows_its_limit(steps: list[tuple[float, int]]) -> None:
    window, now = Window("per_minute", limit=20), 0.0
    for pause, units in steps:
        now += pause
        window.fits(now, units)
        window.add(now, units)
        assert len(window) <= 20


@example(start=2 + 2**-47, later=1 - 2**-48)  # the wait is 59 s and too little to show, yet 59 s are not enough
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])  # a new bench each time
@given(start=st.floats(0, 1e9), later=st.floats(0, 60, exclude_max=True))
def test_retry_after_survives_rounding(benches: Benches, start: float, later: float) -> None:
    bench = benches(Profile(per_minute=2), start)
    bench.spend(reads(2))
    bench.clock.now = start + later
    if bench.clock.now >= start + 60:
        return
    _, retry_after = bench.refused(READ)
    bench.clock.now += retry_after
    bench.spend(READ)


# The model: keeps every request it ever saw, and finds Retry-After by trying each second.

SMALL = Profile(per_minute=12, searches=4, reads=6, writes=3, jobs=2)
TOKENS = ("a", "b")
# None of them is above a whole limit, so each is let in some time.
weights = st.builds(
    Weight,
    reads=st.integers(0, 5),
    writes=st.integers(0, 3),
    searches=st.integers(0, 3),
    jobs=st.integers(0, 2),
)
# Eighths of a second are exact in binary, so the model may compare times without rounding.
pauses = st.integers(1, 8 * 70).map(lambda eighths: eighths / 8)


@dataclass
class Model:
    requests: list[tuple[float, int, int]] = field(default_factory=list)
    leases: list[tuple[Lease, Weight]] = field(default_factory=list)

    def full(self, now: float, weight: Weight) -> set[str]:
        past = [(units, searches) for at, units, searches in self.requests if now - at < 60]
        units, searches = weight.reads + weight.writes, weight.searches
        return {
            name
            for name, asked, used, quota in (
                ("per_minute", units, sum(u for u, _ in past), SMALL.per_minute),
                ("searches", searches, sum(s for _, s in past), SMALL.searches),
            )
            if asked and used + asked > quota
        }

    def retry_after(self, now: float, weight: Weight) -> int:
        return next((s for s in range(1, 60) if not self.full(now + s, weight)), 60)

    def busy(self, weight: Weight) -> str | None:
        held = [weight, *(held for _, held in self.leases)]
        if sum(h.reads for h in held) > SMALL.reads:
            return "reads"
        if sum(h.writes for h in held) > SMALL.writes:
            return "writes"
        return "jobs" if sum(h.jobs for h in held) > SMALL.jobs else None

    def count(self, now: float, weight: Weight) -> None:
        self.requests.append((now, weight.reads + weight.writes, weight.searches))


class Machine(RuleBasedStateMachine):
    def __init__(self, twin: Twin, runner: asyncio.Runner) -> None:
        super().__init__()
        self.clock = Clock()
        self.limiter = twin(SMALL, self.clock)
        self.models = {token: Model() for token in TOKENS}
        self.refusal: tuple[str, Weight, float] | None = None
        self.runner = runner

    def run(self, work: Coroutine[None, None, Lease]) -> Lease | Limited:
        try:
            return self.runner.run(work)
        except Limited as limited:
            return limited

    @rule(token=st.sampled_from(TOKENS), weight=weights)
    def take(self, token: str, weight: Weight) -> None:
        if self.refusal and self.refusal[0] == token:
            self.refusal = None
        self.ask(token, weight)

    def ask(self, token: str, weight: Weight) -> Lease | Limited:
        """The limiter's answer, which is the model's."""
        model, now = self.models[token], self.clock.now
        answer = self.run(self.limiter.take(token, weight))
        if full := model.full(now, weight):
            model.count(now, weight)
            assert isinstance(answer, Limited)
            assert answer.limiter in full
            assert answer.retry_after == model.retry_after(now, weight)
            self.refusal = token, weight, now + answer.retry_after
        elif busy := model.busy(weight):
            assert isinstance(answer, Limited)
            assert (answer.limiter, answer.retry_after) == (busy, 1)
        else:
            assert not isinstance(answer, Limited)
            model.count(now, weight)
            model.leases.append((answer, weight))
        return answer

    @precondition(lambda self: any(model.leases for model in self.models.values()))
    @rule(data=st.data(), twice=st.booleans())
    def release(self, data: st.DataObject, twice: bool) -> None:
        model = data.draw(st.sampled_from([model for model in self.models.values() if model.leases]))
        lease, _ = model.leases.pop(data.draw(st.integers(0, len(model.leases) - 1)))
        for _ in range(1 + twice):
            self.runner.run(lease.release())

    @rule(seconds=pauses)
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self.refusal = None

    @precondition(lambda self: self.refusal is not None)
    @rule()
    def obey_retry_after(self) -> None:
        """Who waits exactly that long, and has nothing in flight, is let in."""
        assert self.refusal is not None
        (token, weight, then), self.refusal = self.refusal, None
        self.clock.now = then
        model = self.models[token]
        while model.leases:
            self.runner.run(model.leases.pop()[0].release())
        assert not isinstance(self.ask(token, weight), Limited)


def test_against_the_model(twin: Twin, runner: asyncio.Runner) -> None:
    class Fitted(Machine):
        def __init__(self) -> None:
            super().__init__(twin, runner)

    run_state_machine_as_test(Fitted, settings=settings(max_examples=150, stateful_step_count=40, deadline=None))
