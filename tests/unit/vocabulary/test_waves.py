"""Names of waves: each day is of one month, one week and one day; names sort by their days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import UsageError
from smstock.vocabulary.dates import Every, check_wave, in_order, is_before, is_wave, month_of_wave, wave, wave_of

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
KINDS = st.sampled_from(get_args(Every))


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@given(DAYS, KINDS)
def test_a_day_is_of_one_wave_of_a_kind(day: date, every: Every) -> None:
    own = wave(wave_of(at(day), every))
    before, after = (
        wave(wave_of(at(date.fromisoformat(end) + timedelta(days=step)), every))
        for end, step in ((own.first, -1), (own.last, 1))
    )
    assert own.every == every
    assert own.holds(day.isoformat())
    assert own.first <= own.middle <= own.last < own.until
    assert (before.last, after.first) < (own.first, own.until)
    assert not before.holds(day.isoformat())
    assert not after.holds(day.isoformat())
    assert in_order([after.name, own.name, before.name]) == [before.name, own.name, after.name]


@given(DAYS)
def test_a_week_is_seven_days_from_monday_and_of_the_month_of_its_thursday(day: date) -> None:
    week = wave(wave_of(at(day), "week"))
    first, middle = date.fromisoformat(week.first), date.fromisoformat(week.middle)
    year, number, _ = day.isocalendar()
    assert week.name == f"{year}-W{number:02}"
    assert (first.isoweekday(), middle.isoweekday()) == (1, 4)
    assert (date.fromisoformat(week.last) - first).days == 6
    assert month_of_wave(week.name) == middle.isoformat()[:7]


@given(DAYS, KINDS, DAYS, KINDS)
def test_waves_sort_by_their_days(one: date, kind: Every, other: date, other_kind: Every) -> None:
    names = wave_of(at(one), kind), wave_of(at(other), other_kind)
    middles = [wave(name).middle for name in names]
    if middles[0] < middles[1]:
        assert is_before(*names)
    assert is_before(*names) + is_before(*names[::-1]) == (names[0] != names[1])


def test_weeks_at_the_turn_of_a_year() -> None:
    turn = [wave_of(datetime(2026, 12, 27, tzinfo=UTC) + timedelta(days=days), "week") for days in range(9)]
    assert turn == ["2026-W52", *["2026-W53"] * 7, "2027-W01"]
    assert (wave("2026-W53").first, wave("2026-W53").last) == ("2026-12-28", "2027-01-03")
    assert [month_of_wave(name) for name in ("2026-W53", "2027-W01")] == ["2026-12", "2027-01"]
    assert in_order(["2027-01", "2027-W01", "2026-W53", "2026-12", "2026-12-31"]) == [
        "2026-12", "2026-12-31", "2026-W53", "2027-W01", "2027-01"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["2027-W53", "2026-W00", "2026-W1", "2026-w47", "2026-13", "2026-02-30", "20261123", "2026W47", "2026-W47-1"],
)
def test_what_names_no_wave(name: str) -> None:
    assert not is_wave(name)
    with pytest.raises(UsageError, match="is not a wave"):
        check_wave(name)


def test_a_name_of_another_kind_is_refused() -> None:
    with pytest.raises(UsageError, match="2026-11 is a month") as refused:
        check_wave("2026-11", "week")
    assert refused.value.allowed == "a week, YYYY-Www"
