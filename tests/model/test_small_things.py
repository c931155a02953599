"""gids, moments and ranks."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright.model import gids, moments, ranks


def test_gids_rise_and_look_like_asanas() -> None:
    made = [gids.make() for _ in range(10_000)]
    assert made == sorted(set(made))
    assert all(16 <= len(str(gid)) <= 19 for gid in made)
    assert gids.parse(str(made[0])) == made[0]


@pytest.mark.parametrize("text", ["", "me", "-1", "1.5", " 1", "1 ", "٣", "9223372036854775808", "1" * 400])
def test_what_is_no_gid(text: str) -> None:
    assert gids.parse(text) is None


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_moments_come_back_to_the_millisecond(at: dt.datetime) -> None:
    ms = moments.parse(at.isoformat())
    assert ms is not None
    whole = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert dt.datetime.fromisoformat(moments.show(ms)) == whole
    assert moments.day_of(ms) == whole.date().isoformat()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-01-31T09:05:07.120Z", "2026-01-31T09:05:07.120Z"),
        ("2026-01-31T09:05:07+02:00", "2026-01-31T07:05:07.000Z"),
        ("2026-01-31T09:05", "2026-01-31T09:05:00.000Z"),
        ("2026-01-31", "2026-01-31T00:00:00.000Z"),
    ],
)
def test_moments_in_many_spellings(text: str, shown: str) -> None:
    ms = moments.parse(text)
    assert ms is not None
    assert moments.show(ms) == shown


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "yesterday", "2026-02-30T00:00:00Z", "0001-01-01T00:00+24:00", "1" * 99),
        *("9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01"),  # years 10000 and 0 in UTC
    ],
)
def test_what_is_no_moment(text: str) -> None:
    assert moments.parse(text) is None


@pytest.mark.parametrize(("text", "day"), [("2024-02-29", "2024-02-29"), ("2023-02-29", None), ("20240229", None)])
def test_days(text: str, day: str | None) -> None:
    assert moments.parse_date(text) == day


def test_new_keys_are_last_or_first_without_a_look_at_the_others() -> None:
    keys: list[str] = []
    for _ in range(100):
        keys = [ranks.first(gids.make()), *keys, ranks.last(gids.make())]
    assert keys == sorted(set(keys))


@given(st.lists(st.floats(0, 1), max_size=200))
def test_there_is_always_room_between_two(places: list[float]) -> None:
    keys = [ranks.last(gids.make()) for _ in range(2)]
    for place in places:
        at = int(place * len(keys))
        low, high = keys[at - 1] if at else "", keys[at] if at < len(keys) else ""
        keys.insert(at, ranks.between(low, high))
        assert low < keys[at]
        assert not high or keys[at] < high


def test_between_two_that_share_a_key_comes_after_both() -> None:
    key = ranks.last(gids.make())
    assert ranks.between(key, key) > key
