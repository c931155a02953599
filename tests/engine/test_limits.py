"""Every limit, in memory and on Redis, against a clock the test moves: tables of who gets in when, a model."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from batchwright.engine.limits import Lease, Limited, Limiter, Wait, Weight
from batchwright.engine.limits import line as lines
from batchwright.engine.limits.line import Line
from batchwright.engine.limits.memory import MemoryLimiter, Unlimited, Window, in_memory
from batchwright.engine.limits.profiles import PROFILES, Profile, chosen
from batchwright.engine.limits.redis import RedisLimiter, Refusing
from batchwright.settings import Settings, load, names

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

    def spend(self, weight: Weight, token: str = "a", times: int = 1, cost: int = 0) -> None:
        """Requests that are answered at once, so that only the minute counts them and their replies' cost."""

        async def spends() -> None:
            for _ in range(times):
                await (await self.limiter.take(token, weight)).release(cost)

        self.runner.run(spends())

    def refused(self, weight: Weight, token: str = "a") -> tuple[str, int]:
        with pytest.raises(Limited) as refusal:
            self.take(weight, token)
        return refusal.value.limiter, refusal.value.retry_after

    def explained(self, *actions: Weight) -> Limited:
        """How a batch of these actions is refused, told in detail."""
        with pytest.raises(Limited) as refusal:
            self.runner.run(self.limiter.take("a", sum(actions, NOTHING), actions))
        return refusal.value

    def release(self, leases: Iterable[Lease], cost: int = 0) -> None:
        async def releases() -> None:
            for lease in leases:
                await lease.release(cost)

        self.runner.run(releases())


Twin = Callable[[Profile | None, Clock], Limiter]
Benches = Callable[..., Bench]
"""Makes benches of a profile and perhaps a time to begin with; they know nothing of each other."""


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(params=["memory", "redis"])
def twin(request: pytest.FixtureRequest, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> Iterator[Twin]:
    """Makes limiters, in memory or on Redis."""
    monkeypatch.setattr(lines, "ANSWER_SECONDS", 60.0)  # other tests may keep Redis from answering
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
    # contract/asana-behaviour.md section 7, which names no number for the cost
    cost = {name: profile.cost for name, profile in PROFILES.items() if profile}
    assert PROFILES["free"] == Profile(per_minute=150, searches=60, reads=50, writes=15, jobs=5, cost=cost["free"])
    assert PROFILES["paid"] == Profile(per_minute=1500, searches=60, reads=50, writes=15, jobs=5, cost=cost["paid"])
    assert PROFILES["off"] is None
    assert cost["paid"] > cost["free"] > 0


OWN = {"per_minute": 7, "searches": 6, "reads": 5, "writes": 4, "jobs": 3, "cost": 2}


def test_each_number_is_a_setting(tmp_path: Path) -> None:
    own = {f"limit_{name}": number for name, number in OWN.items()}
    assert {name for name in names() if name.startswith("limit_")} == set(own)
    assert chosen(load({"limits": "free", **own}, environ={}, folder=tmp_path).settings) == Profile(**OWN)
    for name, number in OWN.items():
        (tmp_path / "batchwright.toml").write_text(f"limit_{name} = {number}")
        loaded = load(environ={"BATCHWRIGHT_LIMITS": "free"}, folder=tmp_path).settings
        assert chosen(loaded) == replace(profile_of("free"), **{name: number})


def test_without_own_numbers_the_profile_counts_and_off_is_off() -> None:
    assert [chosen(Settings(limits=each)) for each in ("free", "paid", "off")] == list(PROFILES.values())
    assert chosen(Settings(limits="off", limit_per_minute=1)) is None


def profile_of(name: str) -> Profile:
    profile = PROFILES[name]
    assert profile
    return profile


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


# The cost

# Each row: at second, what is asked for, the refusal or what the reply costs.
CostStep = tuple[float, Weight, tuple[str, int] | int]
COSTS: dict[str, Sequence[CostStep]] = {
    "a reply may cost more than is left, and the next request is refused until less is left in the minute": [
        (0.0, READ, 99),
        (10.0, READ, 500),
        (20.0, READ, ("cost", 50)),
        (69.5, READ, ("cost", 1)),
        (70.0, READ, 1),
    ],
    "who waits for Retry-After needs not wait for all of it to be gone": [
        (0.0, READ, 60),
        (30.0, READ, 60),
        (31.0, READ, ("cost", 29)),
        (60.0, READ, 1),
    ],
    "the whole quota may be spent, and nothing more": [
        (0.0, READ, 99),
        (0.0, READ, 1),
        (0.0, WRITE, ("cost", 60)),
    ],
    "it is enough that something is left, whatever is asked for": [
        (0.0, READ, 99),
        (0.0, Weight(10, 10, searches=5), 0),
        (0.0, reads(10), 1),
        (0.0, READ, ("cost", 60)),
    ],
    "what is refused costs nothing": [
        *((0.0, reads(50), 0) for _ in range(2)),
        (0.0, reads(49), 0),
        (30.0, READ, 99),
        *((31.0, READ, ("per_minute", 29)) for _ in range(5)),
        (60.0, READ, 1),
    ],
    "what shows nothing costs nothing, but waits as well": [
        *((0.0, WRITE, 0) for _ in range(20)),
        (0.0, READ, 100),
        (0.0, WRITE, ("cost", 60)),
        (0.0, NOTHING, 0),
    ],
    "a refusal for the cost is not counted": [
        (0.0, READ, 100),
        *((1.0, reads(10), ("cost", 59)) for _ in range(20)),
        (60.0, reads(50), 0),
        (60.0, reads(50), 0),
    ],
    "a counted limit is asked first and counts the refused, and the wait is for both": [
        (0.0, reads(50), 0),
        (0.0, reads(50), 0),
        (20.0, reads(50), 100),
        (30.0, READ, ("cost", 50)),
        (30.0, READ, ("cost", 50)),
        (60.0, reads(50), ("cost", 20)),
    ],
    "of a quota and the cost the one that opens last is named": [
        (0.0, reads(50), 100),
        (60.0, reads(50), 0),
        (60.0, reads(50), 0),
        (60.0, reads(50), 0),
        (61.0, READ, ("per_minute", 59)),
    ],
}


@pytest.mark.parametrize("steps", COSTS.values(), ids=COSTS.keys())
def test_what_replies_cost(steps: Sequence[CostStep], benches: Benches) -> None:
    bench = benches(Profile(per_minute=150, cost=100))
    assert bench.limiter.costs
    for number, (at, weight, then) in enumerate(steps):
        bench.clock.now = at
        if isinstance(then, int):
            bench.spend(weight, cost=then)
        else:
            assert bench.refused(weight) == then, f"step {number}"


def test_a_reply_costs_when_it_is_made_and_once(benches: Benches) -> None:
    bench = benches(Profile(per_minute=150, cost=100))
    slow = bench.take(READ)
    bench.clock.now = 100.0
    bench.spend(READ)
    bench.release(slow * 2, cost=100)
    bench.clock.now = 159.0
    assert bench.refused(READ) == ("cost", 1)
    bench.clock.now = 160.0
    bench.spend(READ, cost=99)
    bench.spend(READ)


def test_each_token_pays_for_itself(benches: Benches) -> None:
    bench = benches(Profile(per_minute=150, cost=100))
    bench.spend(READ, cost=100)
    assert bench.refused(READ) == ("cost", 60)
    bench.spend(READ, token="b", cost=99)
    bench.spend(READ, token="b")


def test_without_a_number_nothing_is_too_dear(benches: Benches) -> None:
    bench = benches(Profile(per_minute=150))
    assert not bench.limiter.costs
    assert not benches(PROFILES["off"]).limiter.costs
    bench.spend(READ, times=10)


# Refusals in detail


def waits(limited: Limited) -> list[tuple[int | None, str]]:
    return [(each.seconds, each.limiter) for each in limited.waits]


def test_the_151st_action_is_named(benches: Benches) -> None:
    bench = benches(PROFILES["free"])
    bench.spend(reads(9))
    bench.clock.now = 10.0
    bench.spend(reads(10), times=14)
    bench.clock.now = 20.0
    limited = bench.explained(*[READ] * 10)
    assert (limited.limiter, limited.retry_after, limited.action) == ("per_minute", 50, 1)
    # The refused ones count: nine leave after 40 seconds, and ten more are needed by the tenth.
    assert waits(limited) == [(50, "per_minute")] * 10
    bench.clock.now = 69.0
    assert bench.explained(READ).action == 0
    bench.clock.now = 70.0
    bench.take(reads(10))


def test_each_action_waits_for_its_own_limit(benches: Benches) -> None:
    bench = benches(PROFILES["paid"])
    bench.spend(SEARCH, times=59)
    bench.clock.now = 25.0
    limited = bench.explained(READ, SEARCH, WRITE, SEARCH, READ)
    assert (limited.limiter, limited.retry_after, limited.action) == ("searches", 35, 3)
    assert waits(limited) == [(0, ""), *[(35, "searches")] * 4]


def test_what_is_in_flight_is_told_of(benches: Benches) -> None:
    bench = benches(PROFILES["paid"])
    leases = bench.take(writes(7), times=2)
    limited = bench.explained(READ, WRITE, READ, WRITE)
    assert (limited.limiter, limited.retry_after, limited.action) == ("writes", 1, 3)
    assert waits(limited) == [(0, ""), (0, ""), (0, ""), (1, "writes")]
    bench.release(leases)
    bench.take(writes(15))


def test_what_never_passes_is_told_of(benches: Benches) -> None:
    bench = benches(Profile(per_minute=150, searches=1, writes=2))
    assert waits(bench.explained(WRITE, WRITE, WRITE)) == [(0, ""), (0, ""), (None, "writes")]
    limited = bench.explained(SEARCH, SEARCH)
    assert (limited.action, waits(limited)) == (1, [(60, "searches"), (None, "searches")])


def test_the_cost_is_told_of(benches: Benches) -> None:
    bench = benches(Profile(per_minute=150, cost=100))
    bench.spend(READ, cost=100)
    bench.clock.now = 45.0
    limited = bench.explained(READ, WRITE)
    assert (limited.limiter, limited.retry_after, limited.action) == ("cost", 15, 0)
    assert waits(limited) == [(15, "cost")] * 2


def test_who_does_not_ask_is_told_of_no_action(benches: Benches) -> None:
    bench = benches(PROFILES["free"])
    with pytest.raises(Limited) as refusal:
        bench.take(reads(151))
    assert (refusal.value.action, list(refusal.value.waits)) == (0, [])


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
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])  # a new bench each time
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

SMALL = Profile(per_minute=12, searches=4, reads=6, writes=3, jobs=2, cost=20)
TOKENS = ("a", "b")
actions = st.builds(
    Weight,
    reads=st.integers(0, 2),
    writes=st.integers(0, 1),
    searches=st.integers(0, 1),
    jobs=st.integers(0, 1),
)
batches = st.lists(actions, min_size=1, max_size=4)
# Eighths of a second are exact in binary, so the model may compare times without rounding.
pauses = st.integers(1, 8 * 70).map(lambda eighths: eighths / 8)


def counted(weight: Weight) -> dict[str, int]:
    """What a weight asks of each quota of a minute; of the cost that something is left."""
    requests = weight.reads + weight.writes
    return {"per_minute": requests, "searches": weight.searches, "cost": min(requests, 1)}


def flying(weight: Weight) -> dict[str, int]:
    return {"reads": weight.reads, "writes": weight.writes, "jobs": weight.jobs}


@dataclass
class Model:
    used: list[tuple[float, str, int]] = field(default_factory=list)
    leases: list[tuple[Lease, Weight]] = field(default_factory=list)

    def full(self, now: float, weight: Weight) -> set[str]:
        return {
            name
            for name, asked in counted(weight).items()
            if asked and asked + self.spent(now, name) > getattr(SMALL, name)
        }

    def spent(self, now: float, name: str) -> int:
        return sum(units for at, of, units in self.used if of == name and now - at < 60)

    def opens_after(self, now: float, weight: Weight) -> int:
        return next((s for s in range(1, 60) if not self.full(now + s, weight)), 60)

    def busy(self, weight: Weight) -> list[str]:
        held = [flying(each) for each in [weight, *(each for _, each in self.leases)]]
        return [name for name in held[0] if sum(each[name] for each in held) > getattr(SMALL, name)]

    def never(self, weight: Weight) -> set[str]:
        asked = counted(weight) | flying(weight)
        return {name for name, units in asked.items() if units > getattr(SMALL, name)}

    def too_much(self, now: float, weight: Weight) -> set[str]:
        return self.full(now, weight) | set(self.busy(weight))

    def count(self, now: float, weight: Weight) -> None:
        self.used += [(now, name, units) for name, units in counted(weight).items() if name != "cost"]

    def check(self, now: float, weight: Weight, wait: Wait) -> None:
        """Whether that is when a weight would pass."""
        if not self.too_much(now, weight):
            assert wait == Wait()
        elif never := self.never(weight):
            assert wait.seconds is None
            assert wait.limiter in never
        else:
            assert wait.seconds == self.opens_after(now, weight)
            assert wait.limiter in self.too_much(now, weight)


class Machine(RuleBasedStateMachine):
    def __init__(self, twin: Twin, runner: asyncio.Runner) -> None:
        super().__init__()
        self.clock = Clock()
        self.limiter = twin(SMALL, self.clock)
        self.models = {token: Model() for token in TOKENS}
        self.refusal: tuple[str, list[Weight], float] | None = None
        self.runner = runner

    def run(self, work: Coroutine[None, None, Lease]) -> Lease | Limited:
        try:
            return self.runner.run(work)
        except Limited as limited:
            return limited

    @rule(token=st.sampled_from(TOKENS), batch=batches)
    def take(self, token: str, batch: list[Weight]) -> None:
        if self.refusal and self.refusal[0] == token:
            self.refusal = None
        self.ask(token, batch)

    def ask(self, token: str, batch: list[Weight]) -> Lease | Limited:
        """The limiter's answer, which is the model's."""
        model, now = self.models[token], self.clock.now
        sums = list(accumulate(batch))
        weight = sums[-1]
        answer = self.run(self.limiter.take(token, weight, batch))
        too_much = [model.too_much(now, each) for each in sums]
        if full := model.full(now, weight):
            if full != {"cost"}:
                model.count(now, weight)
            assert isinstance(answer, Limited)
            assert answer.limiter in full
            assert answer.retry_after == model.opens_after(now, weight)
            self.refusal = token, batch, now + answer.retry_after
        elif busy := model.busy(weight):
            assert isinstance(answer, Limited)
            assert (answer.limiter, answer.retry_after) == (busy[0], 1)
        else:
            assert not isinstance(answer, Limited)
            model.count(now, weight)
            model.leases.append((answer, weight))
            return answer
        assert answer.limiter in too_much[answer.action]
        assert not any(answer.limiter in each for each in too_much[: answer.action])
        for each, wait in zip(sums, answer.waits, strict=True):
            model.check(now, each, wait)
        return answer

    @precondition(lambda self: any(model.leases for model in self.models.values()))
    @rule(data=st.data(), twice=st.booleans(), cost=st.sampled_from([0, 0, 1, 3, 10, 50]))
    def release(self, data: st.DataObject, twice: bool, cost: int) -> None:
        model = data.draw(st.sampled_from([model for model in self.models.values() if model.leases]))
        lease, weight = model.leases.pop(data.draw(st.integers(0, len(model.leases) - 1)))
        cost *= counted(weight)["cost"]  # what asks for nothing is shown nothing
        for _ in range(1 + twice):
            self.runner.run(lease.release(cost))
        model.used.append((self.clock.now, "cost", cost))
        self.refusal = None

    @rule(seconds=pauses)
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self.refusal = None

    @precondition(lambda self: self.refusal is not None)
    @rule()
    def obey_retry_after(self) -> None:
        """Who waits exactly that long, and has nothing in flight, is let in, unless it is too much at any time."""
        assert self.refusal is not None
        (token, batch, then), self.refusal = self.refusal, None
        self.clock.now = then
        model = self.models[token]
        while model.leases:
            self.runner.run(model.leases.pop()[0].release())
        never = model.never(sum(batch, NOTHING))
        assert isinstance(self.ask(token, batch), Limited) == bool(never)


def test_against_the_model(twin: Twin, runner: asyncio.Runner) -> None:
    class Fitted(Machine):
        def __init__(self) -> None:
            super().__init__(twin, runner)

    run_state_machine_as_test(Fitted, settings=settings(max_examples=75, stateful_step_count=40, deadline=None))
