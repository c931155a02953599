"""Passwords to hashes and back to a yes or no: argon2id, on threads of its own, as it takes a core for a while."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from batchwright.model.problems import Problem

SHORTEST, LONGEST = 10, 1_000  # characters
AT_ONCE, QUEUED = 2, 30  # hashes being worked out, and all that wait for them: each takes memory
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's cheat sheet, the first of its choices
T = TypeVar("T")


def fault(password: str, email: str) -> str | None:
    """Why nobody should have this password, in words for whoever chose it; None when it will do."""
    if len(password) < SHORTEST:
        return f"The password needs at least {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"The password can have at most {LONGEST} characters"
    if any("\ud800" <= each <= "\udfff" for each in password):
        return "The password is not valid UTF-8"
    if password.strip().casefold() == email.casefold() or len(set(password)) < 3:
        return "The password is too easy to guess"
    return None


class Passwords:
    """Hashes and compares; for one event loop."""

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(AT_ONCE, "password")
        self._under_way = 0

    async def hash(self, password: str) -> str:
        """What is stored of a password. Raises Problem 503 when too many wait."""
        return await self._apart(partial(self._hasher.hash, _spelled(password)))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether this is the password behind a hash.

        Where there is none (nobody has the e-mail address, or no password), as much work is done for a no: the time
        tells nothing. Raises Problem 503 when too many wait.
        """
        return await self._apart(partial(self._compare, stored, _spelled(password)))

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made more cheaply than hashes are now."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Lets the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _compare(self, stored: str | None, password: str) -> bool:
        nobodys = _nobodys(self._hasher)  # always, so that who asks first waits equally long for either answer
        try:
            self._hasher.verify(stored or nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    async def _apart(self, work: Callable[[], T]) -> T:
        if self._under_way >= QUEUED:
            raise Problem(503, "Too many people are signing in at the moment", headers={"Retry-After": "2"})
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._under_way -= 1


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    return hasher.hash("the password of nobody at all")


def _spelled(password: str) -> str:
    # One character can be written in several ways, and keyboards differ in theirs.
    return unicodedata.normalize("NFC", password)
