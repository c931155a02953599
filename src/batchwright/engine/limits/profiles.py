"""The limits a server can be started with, as data; the numbers are the contract's."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["PROFILES", "Profile"]


@dataclass(frozen=True, slots=True)
class Profile:
    """Most that one token may do: requests, searches a minute; reads, writes, jobs in flight. All above 0."""

    per_minute: int
    searches: int = 60
    reads: int = 50
    writes: int = 15
    jobs: int = 5


# `off` has no numbers: see `memory.Unlimited`.
PROFILES: Mapping[str, Profile | None] = MappingProxyType(
    {"free": Profile(per_minute=150), "paid": Profile(per_minute=1500), "off": None}
)
