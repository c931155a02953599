"""How often somebody may try to sign in: counted by address and by e-mail, by the limiters that the API has."""

from __future__ import annotations

import hashlib
from contextlib import AsyncExitStack
from dataclasses import dataclass

from batchwright.engine.limits import Limiter, Weight
from batchwright.engine.limits.profiles import Profile

BY_ADDRESS, BY_EMAIL = Profile(per_minute=20), Profile(per_minute=5)
ONE = Weight(0, 1)


@dataclass(frozen=True)
class Throttle:
    """Two limiters, each with a profile of its own above."""

    by_address: Limiter
    by_email: Limiter

    async def take(self, address: str, email: str) -> AsyncExitStack:
        """Counts a try, which is under way while the answer is open. Raises Limited, whoever has the e-mail address."""
        async with AsyncExitStack() as held:
            await held.enter_async_context(await self.by_address.take(_name(f"address {address}"), ONE))
            await held.enter_async_context(await self.by_email.take(_name(f"email {email.strip().casefold()}"), ONE))
            return held.pop_all()

    async def close(self) -> None:
        """Lets go of what the limiters hold."""
        await self.by_address.close()
        await self.by_email.close()


def _name(of: str) -> str:
    return "sign-in " + hashlib.sha256(of.encode()).hexdigest()[:32]
