"""One connection to Redis. Commands that come while others are under way go together in the next turn.

So they stay in order, and when many requests come at once a command costs a fifth of what it costs alone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import NoScriptError

__all__ = ["Line", "Script", "Unreachable"]

ANSWER_SECONDS = 1.0
REST_SECONDS = 1.0  # after a failure nothing is tried for so long: requests don't queue up behind a dead server
Command = tuple[str | bytes | int | float, ...]


class Unreachable(Exception):
    """Redis did not answer, or not as it should; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script and the name that Redis gives it."""

    text: str
    digest: str

    @classmethod
    def of(cls, text: str) -> Script:
        """The script with this text."""
        return cls(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


class Line:
    """A connection that is opened when it is first used, and again when it broke. For one event loop."""

    def __init__(self, url: str) -> None:
        # A command may have run before its connection broke. It is sent once more all the same: to count a request
        # twice is the lesser evil, and a lease has its own id, so it is held once.
        self._redis = Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 1, supported_errors=(Disconnected,)),
        )
        self._scripts: dict[str, str] = {}
        self._waiting: list[tuple[Command, asyncio.Future[Any]]] = []
        self._turns: asyncio.Task[None] | None = None
        self._rests_until = 0.0
        self._reason = ""

    def run(self, script: Script, keys: tuple[str, ...], arguments: Command) -> asyncio.Future[Any]:
        """Begins to run a script; the future gets what it answers, or Unreachable."""
        self._scripts[script.digest] = script.text
        return self.ask("EVALSHA", script.digest, len(keys), *keys, *arguments)

    def ask(self, *command: str | bytes | int | float) -> asyncio.Future[Any]:
        """Begins a command; the future gets its answer, or Unreachable."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        future.add_done_callback(_heard)
        if loop.time() < self._rests_until:
            future.set_exception(Unreachable(self._reason))
            return future
        self._waiting.append((command, future))
        if self._turns is None:
            self._turns = loop.create_task(self._take_turns())
        return future

    async def close(self) -> None:
        """Finishes what is waiting, then hangs up."""
        if self._turns is not None:
            await self._turns
        await self._redis.aclose()

    async def _take_turns(self) -> None:
        try:
            while self._waiting:
                turn, self._waiting = self._waiting, []
                try:
                    answers = await self._exchange([command for command, _ in turn])
                except Exception as problem:
                    answers = [problem] * len(turn)
                    self._rests_until = asyncio.get_running_loop().time() + REST_SECONDS
                    self._reason = _reason(problem)
                for (_, future), answer in zip(turn, answers, strict=True):
                    if future.done():
                        continue
                    if isinstance(answer, Exception):
                        future.set_exception(Unreachable(_reason(answer)))
                    else:
                        future.set_result(answer)
        finally:
            self._turns = None

    async def _exchange(self, commands: list[Command]) -> list[Any]:
        answers = await self._send(commands)
        unknown = [at for at, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:
            again = [("EVAL", self._scripts[str(commands[at][1])], *commands[at][2:]) for at in unknown]
            for at, answer in zip(unknown, await self._send(again), strict=True):
                answers[at] = answer
        return answers

    async def _send(self, commands: list[Command]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            return await pipeline.execute(raise_on_error=False)


def _heard(future: asyncio.Future[Any]) -> None:
    # Not everybody waits for an answer, and a failure that nobody looked at would be logged as a mistake.
    if not future.cancelled():
        future.exception()


def _reason(problem: Exception) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__
