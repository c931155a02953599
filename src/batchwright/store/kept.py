"""Results that hold for one edition of the database, kept until there is a newer one or they are too many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from typing import Any

MOST = 16 * 1024 * 1024  # bytes of a process
EACH = 200  # bytes that a result takes, or the place of several, besides its own


class Kept:
    """What was found for gids, by what was asked about them; empty anew with each edition (`store.editions`)."""

    def __init__(self) -> None:
        self._edition = -1
        self._found: defaultdict[Hashable, dict[int, Any]] = defaultdict(dict)
        self._size = 0

    def of(self, edition: int, key: Hashable) -> dict[int, Any]:
        """What is known by this edition, to look up and to add to; what is added must have been read after it."""
        if edition < self._edition:
            return {}  # read before a commit that others know of already: not to be mixed with what they keep
        if edition > self._edition or self._size > MOST:
            self._found, self._size, self._edition = defaultdict(dict), 0, edition
        if key not in self._found:
            self._size += EACH
        return self._found[key]

    def added(self, number: int, size: int) -> None:
        """Takes note of so many more results, of so many bytes in all."""
        self._size += number * EACH + size
