"""Several workers behind one socket: they serve together, end together, are replaced, and share their limits."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import pytest
from redis import Redis
from tests.server.running import API, COMMAND, PATIENCE, Running, head, locked, raw, running

from batchwright import app
from batchwright.engine.auth import identify
from batchwright.engine.limits import Limited, Weight
from batchwright.engine.limits.line import Line
from batchwright.engine.limits.profiles import Profile
from batchwright.engine.limits.redis import LEASE_SECONDS, RedisLimiter, Refusing
from batchwright.settings import Settings

ME = {"method": "get", "relative_path": "/users/me"}
PROFILE = Profile(per_minute=150)


def until(true: Callable[[], object]) -> None:
    """Waits for what is about to happen."""
    give_up = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up


def pids(server: Running) -> list[int]:
    """Its workers' processes."""
    process = server.process.pid
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()]


def alive(pid: int) -> bool:
    """Whether it is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def answered(server: Running, event: str = "request") -> Counter[int]:
    """How much each worker has answered."""
    return Counter(line["worker"] for line in server.lines() if line["event"] == event)


def ask(server: Running) -> tuple[int, dict[str, str]]:
    """A request on a connection of its own, which goes to any worker: its status and headers."""
    with raw(server) as line:
        line.send(head(server, "GET", "/users/me", "Connection: close"))
        return line.answer()[:2]


def both_answer(server: Running) -> bool:
    """Sends another request; whether both workers have answered one by now."""
    assert ask(server)[0] == 200
    return set(answered(server)) == {1, 2}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, workers=2) as started:
        yield started


def test_what_is_in_flight_in_any_worker_is_finished_before_the_end(server: Running) -> None:
    workers = pids(server)
    assert len(workers) == 2
    data = {"name": "t", "workspace": server.workspace, "assignee": "me"}
    actions = [ME, {"method": "post", "relative_path": "/tasks", "data": data}]
    body = json.dumps({"data": {"actions": actions}}).encode()
    with ExitStack() as stack:
        lines = []
        with locked(server.db):
            # The read among the actions is answered while the write waits for the lock: the batch is in flight.
            while set(answered(server, "action")) != {1, 2}:
                lines.append(stack.enter_context(raw(server)))
                lines[-1].send(head(server, "POST", "/batch", f"Content-Length: {len(body)}"), body)
                until(lambda: answered(server, "action").total() == len(lines))
            server.process.send_signal(signal.SIGTERM)
            until(lambda: not server.accepts())
            assert server.process.poll() is None
        for line in lines:
            status, _, content = line.answer()
            assert (status, [each["status_code"] for each in json.loads(content)["data"]]) == (200, [200, 201])
            assert line.ended()
    assert server.process.wait(PATIENCE) == 0
    assert not any(alive(pid) for pid in workers)
    assert server.process.stdout is not None
    assert "serves the API" not in server.process.stdout.read(), "it says once that it is ready"


def test_a_worker_that_dies_is_replaced_while_the_other_serves(server: Running) -> None:
    until(lambda: both_answer(server))
    dead, other = pids(server)
    os.kill(dead, signal.SIGKILL)
    until(lambda: dead not in pids(server) and len(pids(server)) == 2)
    assert other in pids(server)
    before = answered(server)

    def both_answered_again() -> bool:
        assert ask(server)[0] == 200
        return set(answered(server) - before) == {1, 2}

    until(both_answered_again)
    told = [line for line in server.lines() if line["event"] == "a worker ended and is started again"]
    assert [line["code"] for line in told] == [-signal.SIGKILL]
    assert server.stop() == 0


def test_workers_end_when_nobody_supervises_them_any_more(server: Running) -> None:
    workers = pids(server)
    server.process.kill()
    server.process.wait()
    until(lambda: not any(alive(pid) for pid in workers))
    assert not server.accepts()


def test_workers_share_their_limits(tmp_path: Path, redis_url: str) -> None:
    with running(tmp_path, workers=2, limits="free", redis=redis_url) as server, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(server), range(250)))
        assert Counter(status for status, _ in answers) == {200: 150, 429: 100}
        assert all(1 <= int(headers["retry-after"]) <= 60 for status, headers in answers if status == 429)
        assert set(answered(server)) == {1, 2}
        assert server.batch(ME).status_code == 429
        assert server.stop() == 0
        assert {line["level"] for line in server.lines()} == {"info"}


def test_what_killed_workers_had_in_flight_runs_out(tmp_path: Path, redis_url: str) -> None:
    with running(tmp_path, workers=2, limits="free", redis=redis_url) as server, Redis.from_url(redis_url) as redis:
        namespace, token = asyncio.run(limited(server))
        making = {"workspace": server.workspace, "assignee": "me"}
        ten = {"data": {"actions": [{"method": "post", "relative_path": "/tasks", "data": making}] * 10}}
        body, key = json.dumps(ten).encode(), f"batchwright:{namespace}:{{{token}}}:held"
        with locked(server.db), raw(server) as line:
            line.send(head(server, "POST", "/batch", f"Content-Length: {len(body)}"), body)
            until(lambda: redis.hlen(key))
            for pid in pids(server):
                os.kill(pid, signal.SIGKILL)
            assert line.ended()
        (left,) = redis.hvals(key)
        ends = float(left.split()[0])
        assert ends <= redis.time()[0] + 1 + LEASE_SECONDS
        assert asyncio.run(refusing(redis_url, namespace, token, ends - 0.001)) == "writes"
        assert asyncio.run(refusing(redis_url, namespace, token, ends)) == ""


async def limited(server: Running) -> tuple[str, str]:
    """What Redis knows the server's database and ann's token by."""
    store = app.open_store(Settings(db=str(server.db)))
    caller = await identify(store, f"Bearer {server.token}")
    await store.close()
    return sha256(store.secret).hexdigest()[:16], caller.token


async def refusing(url: str, namespace: str, token: str, now: float) -> str:
    """The limiter that refuses all that may be in flight at that time; "" for none."""
    limiter = RedisLimiter(PROFILE, Line(url), namespace, Refusing(), clock=lambda: now)
    try:
        await limiter.take(token, Weight(reads=50, writes=15, jobs=5))
    except Limited as refused:
        return refused.limiter
    finally:
        await limiter.close()
    return ""


def test_the_demo_is_loaded_once_for_all_workers(tmp_path: Path) -> None:
    command = [str(COMMAND), "serve", "--demo", "--port", "0", "--workers", "3", "--limits", "off"]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=tmp_path) as process,
    ):
        assert process.stdout is not None
        url, token = (process.stdout.readline() for _ in range(2))
        assert API in url
        assert token.startswith("Demo access token: ")
        process.send_signal(signal.SIGTERM)
        assert "access token" not in process.stdout.read()
        assert process.wait(PATIENCE) == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "log"], "the demo's database is thrown away"


def test_what_the_first_worker_can_not_do_is_one_line_and_a_2(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("not a database, and long enough to be told from one" * 100)
    command = [str(COMMAND), "serve", "--port", "0", "--workers", "2", "--limits", "off", "--db", "x.db"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "batchwright: can't use the database at x.db: file is not a database\n"
