"""Moving the dates of copies so that the whole ends, or begins, on a given day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from batchwright.model import moments
from batchwright.model.fields import Field, date, flag
from batchwright.model.problems import bad_request, missing
from batchwright.model.views import Row

DATES = ("due_on", "start_on")
MOMENTS = ("due_at", "start_at")
SATURDAY = 5

schedule_fields: tuple[Field, ...] = (
    flag("should_skip_weekends", required=True, about="Whether a date that falls on a weekend moves on to Monday."),
    date("due_on", nullable=False, about="The day on which the last due date of the copies is to fall."),
    date("start_on", nullable=False, about="The day on which the first start date of the copies is to fall."),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Days to add to every date, and whether to move on from weekends."""

    days: int = 0
    skip_weekends: bool = False

    @staticmethod
    def of(wanted: Mapping[str, Any] | None, rows: Iterable[Row], *, dated: bool) -> Schedule:
        """The schedule of a request's `schedule_dates` for these rows (of which each date column may be there).

        dated: dates are copied at all. Raises Problem 400 for what contradicts itself (duplicateProject).
        """
        if wanted is None:
            return Schedule()
        if not dated:
            raise bad_request("schedule_dates: Dates must be included to use this option")
        given = [name for name in DATES if name in wanted]
        if not given:
            raise missing("schedule_dates: due_on")
        if len(given) > 1:
            raise bad_request("schedule_dates: You may only provide one of due_on or start_on!")
        name = given[0]
        days = [day for row in rows if (day := _day(row, name))]
        anchor = (max if name == "due_on" else min)(days, default=wanted[name])
        return Schedule(_difference(wanted[name], anchor), wanted["should_skip_weekends"])

    def moved(self, values: dict[str, Any]) -> None:
        """Moves the dates among these values in place; times of day stay."""
        for name in DATES:
            if values.get(name):
                values[name] = self._date(values[name])
        for name in MOMENTS:
            if values.get(name):
                day = moments.day_of(values[name])
                values[name] += _difference(self._date(day), day) * moments.DAY_MS

    def _date(self, day: str) -> str:
        try:
            moved = dt.date.fromisoformat(day) + dt.timedelta(days=self.days)
            if self.skip_weekends and moved.weekday() >= SATURDAY:
                moved += dt.timedelta(days=7 - moved.weekday())
        except OverflowError:
            raise bad_request("schedule_dates: A date would leave the calendar") from None
        return moved.isoformat()


def _day(row: Row, name: str) -> str | None:
    moment = row.get(name.replace("_on", "_at"))
    day: str | None = row.get(name) or (moments.day_of(moment) if moment else None)
    return day


def _difference(later: str, earlier: str) -> int:
    return (dt.date.fromisoformat(later) - dt.date.fromisoformat(earlier)).days
