"""The quota of a day: short pauses first, then midnight UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from smstock.platforms.linkedin.quota import SHORT_PAUSES, Day

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """A present that is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def wait(self, day: Day) -> float:
        delay = day.delay()
        self.now += timedelta(seconds=delay)
        return delay


def test_refusals_in_a_row_end_the_day() -> None:
    clock = Clock()
    day = Day(clock)
    waits = []
    for _ in range(4):
        day.refused()
        waits.append(clock.wait(day))
    assert waits[:3] == list(SHORT_PAUSES)
    assert clock.now == datetime(2026, 11, 23, 0, 1, tzinfo=UTC)
    assert day.delay() == 0
    day.refused()
    assert day.delay() == SHORT_PAUSES[0]


def test_an_answer_between_makes_the_next_refusal_a_first_one() -> None:
    clock = Clock()
    day = Day(clock)
    for _ in range(10):
        day.refused()
        assert clock.wait(day) == SHORT_PAUSES[0]
        day.accepted()


def test_refusals_of_calls_that_were_under_way_count_once() -> None:
    day = Day(Clock())
    for _ in range(4):
        day.refused()
    assert day.delay() == SHORT_PAUSES[0]


def test_a_known_number_is_kept_until_midnight() -> None:
    clock = Clock()
    day = Day(clock, limit=3)
    for _ in range(3):
        assert day.delay() == 0
        day.begin()
        day.end()
    assert day.delay() == timedelta(hours=12, seconds=60).total_seconds()
    clock.wait(day)
    assert (day.used, day.delay()) == (0, 0)


def test_calls_under_way_take_their_place_and_those_never_sent_give_it_back() -> None:
    day = Day(Clock(), limit=1)
    day.begin()
    assert day.delay() > 0
    day.end(sent=False)
    assert day.delay() == 0


def test_a_restart_counts_the_calls_of_today_and_of_no_other_day() -> None:
    day = Day(Clock(), limit=2)
    yesterday = NOON - timedelta(days=1)
    day.prime([(yesterday, False), (yesterday, True), (NOON - timedelta(hours=11), False)])
    assert (day.used, day.delay()) == (1, 0)


@pytest.mark.parametrize(("refused", "wait"), [(0, 5), (1, 30), (3, 12 * 3600 + 60), (4, 12 * 3600 + 60)])
def test_a_restart_knows_the_refusals_it_was_stopped_by(refused: int, wait: float) -> None:
    day = Day(Clock())
    day.prime([(NOON - timedelta(minutes=9 - minute), minute >= 5 - refused) for minute in range(5)])
    assert day.delay() == 0
    day.refused()
    assert day.delay() == wait


def test_midnight_is_that_of_utc() -> None:
    late = datetime.fromisoformat("2026-11-23T00:30:00+01:00")
    day = Day(lambda: late, limit=1)
    day.begin()
    assert day.delay() == 31 * 60
