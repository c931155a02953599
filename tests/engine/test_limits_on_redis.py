"""What is only so with Redis between processes: counts in common, leases that run out, a server that goes away."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs
from tests import redis

from batchwright.engine.limits import Lease, Limited, Limiter, Weight, line
from batchwright.engine.limits.line import Line, Unreachable
from batchwright.engine.limits.memory import MemoryLimiter, Unlimited
from batchwright.engine.limits.profiles import Profile
from batchwright.engine.limits.redis import LEASE_SECONDS, RedisLimiter, Refusing
from batchwright.model.problems import Problem

FREE = Profile(per_minute=150)
READ = Weight(reads=1, writes=0)
BATCH = Weight(reads=7, writes=3, searches=1, jobs=1)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def limiting(
    url: str, namespace: str, profile: Profile = FREE, otherwise: Limiter | None = None, **options: Any
) -> AsyncIterator[RedisLimiter]:
    """A process's limiter."""
    limiter = RedisLimiter(profile, Line(url), namespace, Refusing() if otherwise is None else otherwise, **options)
    try:
        yield limiter
    finally:
        await limiter.close()


@pytest.fixture
def namespace() -> str:
    return secrets.token_hex(8)


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    """To look at what is kept."""
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


async def refused(work: Awaitable[Lease]) -> tuple[str, int]:
    with pytest.raises(Limited) as refusal:
        await work
    return refusal.value.limiter, refusal.value.retry_after


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Waits for what is about to happen."""
    async with asyncio.timeout(30):
        while not await true():  # each time it asks Redis, so others have their turn
            pass


async def test_processes_share_what_they_count(redis_url: str, namespace: str) -> None:
    async with limiting(redis_url, namespace) as one, limiting(redis_url, namespace) as other:
        for limiter in (one, other) * 75:
            await (await limiter.take("a", READ)).release()
        for limiter in (one, other):
            name, seconds = await refused(limiter.take("a", READ))
            assert (name, 50 < seconds <= 60) == ("per_minute", True)
            await limiter.take("b", READ)


async def test_processes_share_what_is_in_flight(redis_url: str, namespace: str) -> None:
    async with limiting(redis_url, namespace) as one, limiting(redis_url, namespace) as other:
        lease = await one.take("a", Weight(reads=50, writes=0))
        assert await refused(other.take("a", READ)) == ("reads", 1)
        await lease.release()
        await other.take("a", Weight(reads=50, writes=15))


async def test_of_all_that_come_at_once_exactly_the_quota_gets_through(redis_url: str, namespace: str) -> None:
    async def granted(limiter: RedisLimiter) -> bool:
        try:
            async with await limiter.take("a", READ):
                return True
        except Limited:
            return False

    profile = Profile(per_minute=150, reads=1000)
    async with limiting(redis_url, namespace, profile) as one, limiting(redis_url, namespace, profile) as other:
        results = await asyncio.gather(*(granted(limiter) for limiter in (one, other) * 200))
    assert sum(results) == 150


async def test_databases_have_nothing_to_do_with_each_other(redis_url: str, namespace: str) -> None:
    async with limiting(redis_url, namespace) as one, limiting(redis_url, f"{namespace}-other") as other:
        for limiter in (one, other):
            await limiter.take("a", Weight(reads=50, writes=15))


async def test_what_a_killed_process_had_in_flight_runs_out(redis_url: str, namespace: str) -> None:
    clock = Clock()
    async with (
        limiting(redis_url, namespace, clock=clock) as killed,
        limiting(redis_url, namespace, clock=clock) as alive,
    ):
        await killed.take("a", Weight(reads=50, writes=15, jobs=5))
        clock.now = LEASE_SECONDS - 0.001
        assert await refused(alive.take("a", READ)) == ("reads", 1)
        clock.now = LEASE_SECONDS
        lease = await alive.take("a", Weight(reads=50, writes=15, jobs=5))
        await lease.release()
        await alive.take("a", Weight(reads=10, writes=9))


async def test_what_takes_long_stays_in_flight(redis_url: str, namespace: str, client: Redis) -> None:
    clock = Clock()
    async with (
        limiting(redis_url, namespace, clock=clock, lease_seconds=0.03) as slow,
        limiting(redis_url, namespace, clock=clock, lease_seconds=0.03) as other,
    ):
        leases = [await slow.take("a", Weight(reads=25, writes=0)) for _ in range(2)]

        async def renewed() -> bool:
            ends = [float(each.split()[0]) for each in await client.hvals(f"batchwright:{namespace}:{{a}}:held")]
            return all(each >= clock.now + 0.03 for each in ends)

        for _ in range(5):
            clock.now += 0.02
            await until(renewed)
        assert await refused(other.take("a", READ)) == ("reads", 1)
        for lease in leases:
            await lease.release()
            await lease.release()
        await other.take("a", Weight(reads=50, writes=0))


async def test_a_take_that_nobody_waits_for_any_more_leaves_nothing_in_flight(redis_url: str, namespace: str) -> None:
    async with limiting(redis_url, namespace) as limiter:
        left = asyncio.create_task(limiter.take("a", Weight(reads=50, writes=0)))
        await asyncio.sleep(0)
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
        await limiter.take("a", Weight(reads=50, writes=0))


async def test_keys_are_few_and_run_out(redis_url: str, namespace: str, client: Redis) -> None:
    async with limiting(redis_url, namespace, Profile(per_minute=20), lease_seconds=2) as limiter:
        for _ in range(100):
            try:
                await limiter.take("a", BATCH)
            except Limited:
                continue
        keys = [key async for key in client.scan_iter(f"*{namespace}*")]
        names = ["held", "requests", "searches"]
        assert sorted(keys) == [f"batchwright:{namespace}:{{a}}:{name}" for name in names]
        lasts = {key.rpartition(":")[2]: await client.pttl(key) for key in keys}
        assert all(0 < lasts[name] <= most for name, most in zip(names, (3000, 61000, 61000), strict=True))
        assert await client.llen(f"batchwright:{namespace}:{{a}}:requests") <= 20


async def test_what_has_nothing_in_flight_leaves_nothing(redis_url: str, namespace: str, client: Redis) -> None:
    async with limiting(redis_url, namespace) as limiter:
        await (await limiter.take("a", Weight(0, 0))).release()
        assert [key async for key in client.scan_iter(f"*{namespace}*")] == []


async def test_a_server_that_forgot_the_script_is_told_again(redis_url: str, namespace: str, client: Redis) -> None:
    async with limiting(redis_url, namespace) as limiter:
        for _ in range(2):
            await client.script_flush()
            await asyncio.gather(*(limiter.take(token, READ) for token in "abc"))


async def test_a_clock_set_back_a_little_stands_still(redis_url: str, namespace: str) -> None:
    clock = Clock(1000)
    async with limiting(redis_url, namespace, clock=clock) as limiter:
        for _ in range(3):
            await (await limiter.take("a", Weight(reads=50, writes=0))).release()
        clock.now = 970
        assert await refused(limiter.take("a", READ)) == ("per_minute", 60)
        clock.now = 1060
        await limiter.take("a", READ)


async def test_a_clock_set_back_by_much_begins_anew(redis_url: str, namespace: str) -> None:
    clock = Clock(10_000)
    async with limiting(redis_url, namespace, clock=clock) as limiter:
        await limiter.take("a", Weight(reads=50, writes=0))
        for _ in range(2):
            await (await limiter.take("a", Weight(reads=0, writes=10))).release()
        clock.now = 5
        for _ in range(3):
            await (await limiter.take("a", Weight(reads=50, writes=0))).release()
        assert await refused(limiter.take("a", READ)) == ("per_minute", 60)


# Without Redis


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a test's own server has its socket."""
    if not redis.program():
        pytest.skip(redis.MISSING)
    with redis.folder() as path:
        yield path


async def test_without_redis_each_process_counts_for_itself_until_it_is_back(
    folder: Path, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "REST_SECONDS", 0.0)
    alone = MemoryLimiter(FREE)
    async with limiting(f"unix://{folder}/redis.sock", namespace, otherwise=alone) as limiter:
        with capture_logs() as logs:
            for _ in range(3):
                await (await limiter.take("a", Weight(reads=50, writes=0))).release()
            assert (await refused(limiter.take("a", READ)))[0] == "per_minute"
        assert [event["event"] for event in logs] == ["limits: Redis can't be reached"]
        with redis.running(folder), capture_logs() as logs:
            lease = await limiter.take("a", Weight(reads=50, writes=0))
            assert await refused(limiter.take("a", READ)) == ("reads", 1)
        await lease.release()
        await lease.release()
    assert [event["event"] for event in logs] == ["limits: Redis is back"]


async def test_a_restart_of_redis_is_not_noticed(folder: Path, namespace: str) -> None:
    with redis.running(folder) as first:
        async with limiting(first.url, namespace) as limiter:
            await limiter.reach()
            await limiter.take("a", READ)
            first.kill()
            with redis.running(folder):
                await limiter.take("a", READ)


async def test_without_redis_requests_may_be_refused(folder: Path, namespace: str) -> None:
    async with limiting(f"unix://{folder}/nobody.sock", namespace, otherwise=Refusing()) as limiter:
        with pytest.raises(Unreachable):
            await limiter.reach()
        for _ in range(2):
            with pytest.raises(Problem) as refusal:
                await limiter.take("a", READ)
            assert (refusal.value.status, refusal.value.headers) == (503, {"Retry-After": "1"})


async def test_a_redis_that_hangs_is_waited_for_once(
    folder: Path, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(line, "REST_SECONDS", 1000.0)
    with redis.running(folder) as server:
        async with limiting(server.url, namespace, otherwise=Unlimited()) as limiter:
            await limiter.take("a", READ)
            server.hang()
            with capture_logs() as logs:
                for _ in range(100):
                    await limiter.take("a", Weight(reads=1000, writes=0))
            assert len(logs) == 1


async def test_what_redis_refuses_to_do_is_told(redis_url: str, namespace: str, client: Redis) -> None:
    await client.set(f"batchwright:{namespace}:{{a}}:requests", "not a list")
    async with limiting(redis_url, namespace, otherwise=Unlimited()) as limiter:
        with capture_logs() as logs:
            await limiter.take("a", READ)
        assert "WRONGTYPE" in logs[0]["reason"]
        await limiter.take("b", READ)
