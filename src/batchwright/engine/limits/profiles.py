"""The limits a server can be started with, as data. The numbers are the contract's, but for the cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from batchwright.settings import Settings

__all__ = ["PROFILES", "Profile", "chosen"]


@dataclass(frozen=True, slots=True)
class Profile:
    """Most that one token may do. All numbers are above 0, but for the cost.

    per_minute, searches: requests in a minute. reads, writes, jobs: in flight. cost: objects shown in a minute, 0 for
    any number of them.
    """

    per_minute: int
    searches: int = 60
    reads: int = 50
    writes: int = 15
    jobs: int = 5
    cost: int = 0


# A thousand objects for each request: docs/decisions/ says why. `off` has no numbers: see `memory.Unlimited`.
PROFILES: Mapping[str, Profile | None] = MappingProxyType(
    {"free": Profile(per_minute=150, cost=150_000), "paid": Profile(per_minute=1500, cost=1_500_000), "off": None}
)


def chosen(settings: Settings) -> Profile | None:
    """The profile that the settings name, with their own numbers instead of its own; with `off` these mean nothing."""
    profile = PROFILES[settings.limits]
    return profile and Profile(
        per_minute=settings.limit_per_minute or profile.per_minute,
        searches=settings.limit_searches or profile.searches,
        reads=settings.limit_reads or profile.reads,
        writes=settings.limit_writes or profile.writes,
        jobs=settings.limit_jobs or profile.jobs,
        cost=settings.limit_cost or profile.cost,
    )
