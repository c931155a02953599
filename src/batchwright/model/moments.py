"""Points in time and days: whole milliseconds since 1970 inside, Asana's ISO 8601 texts outside."""

from __future__ import annotations

import datetime as dt
import re
import time
from functools import lru_cache

DAY_MS = 86_400_000

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_UTC = dt.UTC
_MINUTES = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60))


def now() -> int:
    """The present, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def show(ms: int) -> str:
    """`2026-01-31T09:05:07.120Z`."""
    day, rest = divmod(ms, DAY_MS)
    minute, rest = divmod(rest, 60_000)
    return f"{_day(day)}T{_MINUTES[minute]}:{rest // 1000:02d}.{rest % 1000:03d}Z"


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    at = time.gmtime(number * (DAY_MS // 1000))
    return f"{at[0]:04d}-{at[1]:02d}-{at[2]:02d}"


def parse(text: str) -> int | None:
    """Milliseconds of an ISO 8601 date-time (UTC when it names no zone) or date; None when it is neither."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        at = dt.datetime.fromisoformat(text)
        at = at.replace(tzinfo=_UTC) if at.tzinfo is None else at.astimezone(_UTC)  # fails beyond the calendar
        delta = at - dt.datetime(1970, 1, 1, tzinfo=_UTC)
    except (ValueError, OverflowError):
        return None
    return delta // dt.timedelta(milliseconds=1)


def parse_date(text: str) -> str | None:
    """The same text when it is a day of the calendar, written yyyy-mm-dd; None otherwise."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def day_of(ms: int) -> str:
    """The day, in UTC, of a point in time."""
    return show(ms)[:10]
