"""Points in time and days: whole milliseconds since 1970 inside, Asana's ISO 8601 texts outside."""

from __future__ import annotations

import datetime as dt
import re
import time

DAY_MS = 86_400_000

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_UTC = dt.UTC


def now() -> int:
    """The present, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def show(ms: int) -> str:
    """`2026-01-31T09:05:07.120Z`."""
    seconds, rest = divmod(ms, 1000)
    at = time.gmtime(seconds)
    return f"{at[0]:04d}-{at[1]:02d}-{at[2]:02d}T{at[3]:02d}:{at[4]:02d}:{at[5]:02d}.{rest:03d}Z"


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
