"""What callers see of the limits, counted in memory and in Redis, with a clock that the test moves."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from batchwright import app
from batchwright.accounts import Accounts
from batchwright.engine.auth import identify
from batchwright.engine.limits import Lease, Limiter, Weight, line
from batchwright.engine.limits.line import Line
from batchwright.engine.limits.memory import in_memory
from batchwright.engine.limits.profiles import Profile
from batchwright.engine.limits.redis import RedisLimiter, Refusing
from batchwright.settings import Settings
from tests.oauth.dancing import an_app
from tests.world import World, open_world

# contract/asana-behaviour.md, section 3.3
MESSAGE = "You've made too many requests and hit a rate limit. Please retry after the given amount of time."
ME = {"method": "get", "relative_path": "/users/me"}
FREE = Profile(per_minute=150)
PATIENCE = 60.0  # seconds until a Redis that is kept from answering by all the other tests is given up


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Limits:
    """A world with its limits, which ann meets."""

    world: World
    limiter: Limiter
    clock: Clock

    async def send(self, method: str, path: str, token: str = "", explain: str = "", **rest: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token or self.world.ann.token}"}
        headers |= {"Batchwright-Explain": explain} if explain else {}
        return await self.world.ann.http.request(method, "/api/1.0" + path, headers=headers, **rest)

    async def batch(self, *actions: dict[str, Any], **rest: str) -> httpx2.Response:
        return await self.send("POST", "/batch", json={"data": {"actions": actions}}, **rest)

    async def spend(self, requests: int) -> None:
        """Requests that are answered."""
        while requests:
            count = min(requests, 10)
            assert (await self.batch(*[ME] * count)).status_code == 200
            requests -= count

    async def take(self, weight: Weight) -> Lease:
        """What ann has in flight until it is released."""
        caller = await identify(self.world.store, f"Bearer {self.world.ann.token}")
        return await self.limiter.take(caller.token, weight)

    def making(self, *names: str) -> list[dict[str, Any]]:
        """Actions that make tasks."""
        data = {"workspace": self.world.workspace, "assignee": "me"}
        return [{"method": "post", "relative_path": "/tasks", "data": data | {"name": name}} for name in names]

    async def made(self) -> list[str]:
        """The tasks that there are, seen with another token of ann's, which has limits of its own."""
        token = await Accounts(self.world.store).create_token("ann@acme.example")
        query = {"workspace": self.world.workspace, "assignee": "me", "opt_fields": "name"}
        answer = await self.send("GET", "/tasks", token, params=query)
        return sorted(each["name"] for each in answer.json()["data"])


Limiting = Callable[[Profile], AbstractAsyncContextManager[Limits]]


@pytest.fixture(params=["memory", "redis"])
def limiting(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Limiting:
    """Opens a world with the limits of a profile."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    monkeypatch.setattr(line, "ANSWER_SECONDS", PATIENCE)

    @asynccontextmanager
    async def opened(profile: Profile) -> AsyncIterator[Limits]:
        clock = Clock()
        limiter = in_memory(profile, clock)
        if url:
            namespace = secrets.token_hex(8)
            limiter = RedisLimiter(profile, Line(url), namespace, Refusing(), clock=clock, lease_seconds=1e9)
        monkeypatch.setattr(app, "limiter", lambda *_: limiter)
        async with open_world(tmp_path, Settings(db=str(tmp_path / "x.db"))) as world:
            yield Limits(world, limiter, clock)

    return opened


async def test_a_batch_of_ten_is_refused_on_the_151st_action_and_passes_after_retry_after(limiting: Limiting) -> None:
    async with limiting(FREE) as limits:
        await limits.spend(149)
        limits.clock.now = 12.5
        ten = limits.making(*"abcdefghij")
        refused = await limits.batch(*ten)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "48")
        assert refused.headers["content-type"].startswith("application/json")
        assert list(refused.json()) == ["errors"]
        assert [each["message"] for each in refused.json()["errors"]] == [MESSAGE]
        assert await limits.made() == [], "nothing ran"
        limits.clock.now += 48
        passed = await limits.batch(*ten)
        assert [each["status_code"] for each in passed.json()["data"]] == [201] * 10
        assert await limits.made() == list("abcdefghij")


async def test_a_batch_is_refused_for_what_is_in_flight_and_leaves_no_lease(limiting: Limiting) -> None:
    async with limiting(FREE) as limits:
        lease = await limits.take(Weight(0, 6))
        for _ in range(50):
            refused = await limits.batch(*limits.making(*"abcdefghij"))
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert (await limits.batch(*limits.making(*"abcdefghi"))).status_code == 200
        await lease.release()
        await limits.take(Weight(50, 15, jobs=5))
        assert await limits.made() == list("abcdefghi")


async def test_a_batch_that_a_counted_limit_refused_leaves_no_lease(limiting: Limiting) -> None:
    async with limiting(FREE) as limits:
        await limits.spend(145)
        assert (await limits.batch(ME, *limits.making(*"abcdefghi"))).status_code == 429
        limits.clock.now = 60.0
        await limits.take(Weight(50, 15, jobs=5))


async def test_the_batch_itself_costs_nothing(limiting: Limiting) -> None:
    async with limiting(FREE) as limits:
        for _ in range(150):
            assert (await limits.batch(ME)).status_code == 200
        assert (await limits.batch(ME)).status_code == 429
        await limits.take(Weight(0, 0))


async def test_each_action_counts_in_its_own_limits(limiting: Limiting) -> None:
    async with limiting(Profile(per_minute=1000, searches=3, jobs=2)) as limits:
        task = (await limits.batch(*limits.making("a"))).json()["data"][0]["body"]["data"]["gid"]
        find = {"method": "get", "relative_path": f"/workspaces/{limits.world.workspace}/tasks/search"}
        copy = {"method": "post", "relative_path": f"/tasks/{task}/duplicate", "data": {"name": "b"}}
        assert (await limits.batch(find, ME, find, find)).status_code == 200
        told = (await limits.batch(ME, find, explain="limits")).json()["limits"]
        assert (told["limiter"], told["action"]) == ("searches", 1)
        told = (await limits.batch(copy, ME, copy, copy, explain="limits")).json()["limits"]
        assert (told["limiter"], told["action"]) == ("jobs", 3)
        assert (await limits.batch(copy, copy)).status_code == 200


async def test_tokens_of_one_grant_count_together_and_tokens_of_one_person_do_not(limiting: Limiting) -> None:
    async with limiting(FREE) as limits:
        planner = await an_app(limits.world)
        told = await planner.tokens(limits.world.ann)
        fresh = (await planner.refresh(told["refresh_token"])).json()
        for _ in range(15):
            assert (await limits.batch(*[ME] * 10, token=told["access_token"])).status_code == 200
        assert (await limits.batch(ME, token=fresh["access_token"])).status_code == 429
        assert (await limits.batch(ME)).status_code == 200, "her own token"


# Costs


async def test_a_reply_costs_what_it_shows(limiting: Limiting) -> None:
    async with limiting(Profile(per_minute=150, cost=25)) as limits:
        # Ten tasks with their assignee, one of which tells of gids.
        ten = limits.making(*"bcdefghij", 'a "gid":"1"')
        for action in ten:
            action["options"] = {"fields": ["assignee.name", "name"]}
        assert (await limits.batch(*ten)).status_code == 200
        query = {"workspace": limits.world.workspace, "assignee": "me", "opt_fields": "name"}
        shown = await limits.send("GET", "/tasks", params=query)
        assert 'a "gid":"1"' in [each["name"] for each in shown.json()["data"]]
        limits.clock.now = 20.0
        refused = await limits.send("GET", "/users/me", explain="limits")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")
        assert refused.json()["errors"][0]["message"] == MESSAGE
        waits = [{"passes_after": 40, "limiter": "cost"}]
        assert refused.json()["limits"] == {"limiter": "cost", "action": 0, "actions": waits}
        limits.clock.now = 60.0
        assert (await limits.send("GET", "/users/me")).status_code == 200


async def test_what_is_pretty_costs_the_same(limiting: Limiting) -> None:
    async with limiting(Profile(per_minute=150, cost=2)) as limits:
        me = await limits.send("GET", "/users/me", params={"opt_fields": "name", "opt_pretty": "true"})
        assert me.text.count("\n") > 2
        assert (await limits.send("HEAD", "/users/me")).status_code == 200
        assert (await limits.send("GET", "/users/me", params={"opt_fields": "name"})).status_code == 200
        assert (await limits.send("GET", "/users/me")).status_code == 429


# Refusals that are explained


async def test_a_refusal_is_explained_to_who_asks(limiting: Limiting) -> None:
    async with limiting(FREE) as limits:
        await limits.spend(144)
        limits.clock.now = 15.0
        await limits.spend(5)
        limits.clock.now = 20.0
        answer = await limits.batch(*[ME] * 10, explain="limits")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "40")
        assert answer.json()["errors"][0]["message"] == MESSAGE
        waits = [{"passes_after": 40, "limiter": "per_minute"}] * 10
        assert answer.json()["limits"] == {"limiter": "per_minute", "action": 1, "actions": waits}
        lease = await limits.take(Weight(0, 0))
        await lease.release()


async def test_what_would_pass_now_and_what_never_is_told(limiting: Limiting) -> None:
    async with limiting(Profile(per_minute=150, writes=2)) as limits:
        answer = await limits.batch(ME, *limits.making(*"abc"), explain="limits")
        now, never = {"passes_after": 0, "limiter": None}, {"passes_after": None, "limiter": "writes"}
        told = {"limiter": "writes", "action": 3, "actions": [now, now, now, never]}
        assert (answer.status_code, answer.json()["limits"]) == (429, told)
        assert await limits.made() == []


@pytest.mark.parametrize(
    ("value", "told"), [("Limits", True), ("timing,, limits", True), ("timing", False), ("", False)]
)
async def test_only_who_asks_is_told(value: str, told: bool, limiting: Limiting) -> None:
    async with limiting(Profile(per_minute=1)) as limits:
        passed = await limits.send("GET", "/users/me", explain=value)
        assert (passed.status_code, list(passed.json())) == (200, ["data"])
        refused = await limits.send("GET", "/users/me", explain=value)
        assert (refused.status_code, "limits" in refused.json()) == (429, told)


async def test_nobody_is_told_where_all_is_as_with_asana(tmp_path: Path) -> None:
    settings = Settings(db=str(tmp_path / "x.db"), strict=True, limit_per_minute=1)
    async with open_world(tmp_path, settings) as world:
        limits = Limits(world, in_memory(None), Clock())
        assert (await limits.batch(ME, ME, explain="limits")).json().keys() == {"errors"}
