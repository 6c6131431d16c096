from __future__ import annotations

from collections import deque
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.web.quota import HOUR, MINUTE, SLACK, Limiter


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def limiter_of(limit: int) -> tuple[Limiter, Clock]:
    clock = Clock()
    return Limiter(limit, clock=clock), clock


def call(limiter: Limiter, times: int = 1) -> None:
    for _ in range(times):
        assert limiter.delay() == 0
        limiter.begin()
        limiter.end()


def test_calls_may_come_in_a_burst_until_the_hour_is_full() -> None:
    limiter, clock = limiter_of(300)
    call(limiter, 299)
    clock.now = 100.0
    call(limiter)
    assert limiter.used == 300
    assert limiter.delay() == HOUR + SLACK - 100
    clock.now = HOUR + SLACK
    assert limiter.used == 1
    call(limiter, 299)
    assert limiter.delay() == 100


def test_a_call_keeps_its_place_until_an_hour_after_its_answer() -> None:
    limiter, clock = limiter_of(1)
    limiter.begin()
    clock.now = 5000.0
    assert limiter.used == 1
    # the answer has not come: a whole hour is the least that the wait can be
    assert limiter.delay() == HOUR + SLACK
    limiter.end()
    clock.now = 6000.0
    assert limiter.delay() == HOUR + SLACK - 1000


def test_a_call_that_was_never_sent_gives_its_place_back() -> None:
    limiter, _ = limiter_of(1)
    limiter.begin()
    limiter.end(sent=False)
    assert limiter.delay() == 0


def test_a_limit_may_rise_and_fall() -> None:
    limiter, clock = limiter_of(2)
    call(limiter, 2)
    assert limiter.delay() > 0
    limiter.limit = 5
    clock.now = 10.0
    call(limiter, 3)
    limiter.limit = 2
    # four of the five have to leave, the last of them at its time
    assert limiter.delay() == HOUR + SLACK
    clock.now = HOUR + SLACK
    assert limiter.delay() == 10


def test_earlier_calls_are_counted_in_whatever_order_they_are_told() -> None:
    limiter, clock = limiter_of(3)
    clock.now = 10_000.0
    limiter.prime([9_000.0, 6_000.0, 99_999.0])
    limiter.prime([8_000.0])
    assert limiter.used == 3
    assert limiter.delay() == 8_000 + HOUR + SLACK - 10_000
    clock.now = 9_000.0 + HOUR + SLACK
    assert limiter.used == 1
    # a time in the future was taken for now
    clock.now = 10_000.0 + HOUR + SLACK
    assert limiter.used == 0


@pytest.mark.parametrize(
    ("percent", "used"), [(None, 110), (10, 110), (36.9, 110), (50, 150), (99, 297), (100, 300), (140, 420), (1e9, 600)]
)
def test_calls_that_only_the_platform_knows_of_take_places(percent: float | None, used: int) -> None:
    limiter, _ = limiter_of(300)
    call(limiter, 110)
    for _ in range(3):
        limiter.correct(call_percent=percent, time_percent=None)
        assert limiter.used == used


def test_time_that_is_nearly_spent_slows_the_calls_in_proportion() -> None:
    limiter, clock = limiter_of(300)
    call(limiter, 100)
    limiter.correct(call_percent=None, time_percent=89.9)
    clock.now = 600.0
    call(limiter, 100)
    limiter.correct(call_percent=None, time_percent=95.0)
    # 200 calls took 95 %, so 189 take 90 %: 12 have to leave before the next one
    assert limiter.delay() == HOUR + SLACK - 600
    clock.now = HOUR + SLACK
    call(limiter, 89)
    assert limiter.delay() == 600
    limiter.correct(call_percent=None, time_percent=60.0)
    call(limiter, 100)
    limiter.correct(call_percent=None, time_percent=1e9)
    assert limiter.delay() > 0
    clock.now *= 3
    call(limiter)


def test_the_longer_pause_stands() -> None:
    limiter, clock = limiter_of(1)
    limiter.pause(60.0)
    limiter.pause(30.0)
    assert limiter.delay() == 60
    clock.now = 60.0
    assert limiter.delay() == 0
    limiter.pause(-5.0)
    assert limiter.delay() == 0


def test_a_pause_and_a_full_hour_are_both_waited_for() -> None:
    limiter, _ = limiter_of(1)
    call(limiter)
    limiter.pause(60.0)
    assert limiter.delay() == HOUR + SLACK
    limiter.pause(2 * HOUR)
    assert limiter.delay() == 2 * HOUR


def test_without_a_time_the_pause_after_a_refusal_is_5_then_15_then_60_minutes() -> None:
    limiter, clock = limiter_of(1)
    pauses = []
    for _ in range(4):
        limiter.refused(None)
        pauses.append(limiter.delay() / 60)
        clock.now += limiter.delay()
    assert pauses == [5, 15, 60, 60]
    limiter.accepted()
    limiter.refused(None)
    assert limiter.delay() == 300


def test_a_time_that_was_told_counts_and_a_second_refusal_after_it_waits_longer() -> None:
    limiter, clock = limiter_of(1)
    limiter.refused(120.0)
    assert limiter.delay() == 120 + MINUTE
    clock.now += limiter.delay()
    limiter.refused(120.0)
    assert limiter.delay() == 900
    clock.now += limiter.delay()
    limiter.refused(7200.0)
    assert limiter.delay() == 7200 + MINUTE


def test_refusals_of_calls_that_were_under_way_together_are_one() -> None:
    limiter, clock = limiter_of(1)
    for told in (None, None, None):
        limiter.refused(told)
    assert limiter.delay() == 300
    limiter.refused(600.0)
    assert limiter.delay() == 600 + MINUTE
    clock.now += limiter.delay()
    limiter.refused(None)
    assert limiter.delay() == 900


def most_in_an_hour(times: list[float]) -> int:
    window: deque[float] = deque()
    most = 0
    for time in sorted(times):
        window.append(time)
        while window[0] <= time - HOUR:
            window.popleft()
        most = max(most, len(window))
    return most


seconds = st.floats(0, 5000)
latencies = st.tuples(st.floats(0, 100), st.floats(0, 1))


@given(
    limit=st.integers(1, 8),
    workers=st.integers(1, 5),
    idle=st.lists(seconds, max_size=40),
    wires=st.lists(latencies, min_size=1),
    killed=st.none() | st.integers(1, 60),
)
def test_no_rolling_hour_ever_holds_more_calls_than_the_limit(
    limit: int, workers: int, idle: list[float], wires: list[tuple[float, float]], killed: int | None
) -> None:
    """Calls go out as soon as they may, or later; the platform counts each somewhere between sending and answer."""
    limiter, clock = limiter_of(limit)
    counted: list[float] = []
    answered: list[float] = []
    under_way: list[float] = []
    for number in range(61):
        if number == killed:
            # the process is killed, and comes back when what was under way has been counted, which nobody knows of
            clock.now = max([clock.now, *under_way])
            limiter = Limiter(limit, clock=clock)
            limiter.prime([*answered, *[clock.now] * workers])
            under_way = []
        clock.now += idle[number % len(idle)] if idle else 0.0
        while True:
            for ended in sorted(time for time in under_way if time <= clock.now):
                under_way.remove(ended)
                answered.append(ended)
                limiter.end()
            if len(under_way) < workers and not limiter.delay():
                break
            free = [clock.now + limiter.delay()] if len(under_way) < workers else []
            clock.now = min([*free, *under_way])
        latency, moment = wires[number % len(wires)]
        limiter.begin()
        counted.append(clock.now + moment * latency)
        under_way.append(clock.now + latency)
    assert most_in_an_hour(counted) <= limit


def test_a_client_that_always_asks_spends_the_whole_quota() -> None:
    limiter, clock = limiter_of(300)
    rng = Random(1)
    calls = []
    while clock.now < 24 * HOUR:
        clock.now += limiter.delay()
        limiter.begin()
        calls.append(clock.now)
        clock.now += rng.uniform(0.4, 0.8)
        limiter.end()
    assert most_in_an_hour(calls) == 300
    in_each_hour = [sum(HOUR * hour <= time < HOUR * (hour + 1) for time in calls) for hour in range(24)]
    assert sum(in_each_hour) >= 0.98 * 24 * 300
    assert all(later >= earlier for earlier, later in pairwise(calls))
