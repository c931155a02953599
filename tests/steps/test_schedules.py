"""Moving dates: by the last due date or the first start date, off weekends or not."""

from __future__ import annotations

from typing import Any

import pytest

from batchwright.model import moments
from batchwright.model.problems import Problem
from batchwright.steps.copying import Schedule

FRIDAY, NOON = "2026-01-02", moments.parse("2026-01-02T12:00:00Z")


def moved(schedule: Schedule, **values: Any) -> dict[str, Any]:
    """The values after the move."""
    schedule.moved(values)
    return values


def test_nothing_wanted_moves_nothing() -> None:
    assert moved(Schedule.of(None, (), dated=False), due_on=FRIDAY, due_at=None) == {"due_on": FRIDAY, "due_at": None}


def test_the_last_due_date_is_the_anchor_whether_it_is_a_day_or_a_moment() -> None:
    rows: tuple[dict[str, Any], ...] = ({"due_on": "2025-12-30"}, {"due_on": None, "due_at": NOON}, {})
    wanted = {"due_on": "2026-01-05", "should_skip_weekends": False}
    assert Schedule.of(wanted, rows, dated=True) == Schedule(3, skip_weekends=False)


def test_the_first_start_date_is_the_anchor() -> None:
    rows = ({"start_on": "2026-01-05"}, {"start_on": "2026-01-02", "due_on": "2020-01-01"})
    wanted = {"start_on": "2026-01-01", "should_skip_weekends": True}
    assert Schedule.of(wanted, rows, dated=True) == Schedule(-1, skip_weekends=True)


def test_without_dates_there_is_nothing_to_move() -> None:
    wanted = {"due_on": "2026-01-05", "should_skip_weekends": True}
    assert Schedule.of(wanted, ({},), dated=True).days == 0


@pytest.mark.parametrize(("days", "day"), [(0, "2026-01-02"), (1, "2026-01-05"), (2, "2026-01-05"), (3, "2026-01-05")])
def test_weekends_move_on_to_monday_and_times_of_day_stay(days: int, day: str) -> None:
    values = moved(Schedule(days, skip_weekends=True), due_on=FRIDAY, due_at=NOON)
    assert (values["due_on"], moments.show(values["due_at"])) == (day, f"{day}T12:00:00.000Z")


def test_the_calendar_ends() -> None:
    with pytest.raises(Problem):
        moved(Schedule(3_000_000), due_on=FRIDAY)
