from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smstock.sandbox.quota import HOUR, PROLONGED, Quota, quota

gaps = st.lists(st.floats(0, 900) | st.sampled_from([0.0, 1.0, HOUR, HOUR / 3]), max_size=150)


def admitted(limit: int, gaps: list[float]) -> list[float]:
    """Return when calls passed that come with some gaps between them."""
    counted, now, passed = Quota(limit), 0.0, []
    for gap in gaps:
        now += gap
        if counted.admit(now):
            passed.append(now)
    return passed


@given(st.integers(1, 5), gaps)
def test_no_rolling_hour_holds_more_calls_than_the_limit(limit: int, gaps: list[float]) -> None:
    passed = admitted(limit, gaps)
    assert all(earlier + HOUR <= later for earlier, later in zip(passed, passed[limit:], strict=False))


@given(st.integers(1, 5), st.lists(st.integers(0, 900), min_size=6, max_size=60))
def test_whoever_waits_as_long_as_he_is_told_passes(limit: int, gaps: list[int]) -> None:
    counted, now = Quota(limit), 0.0
    for gap in gaps:
        now += gap
        if not counted.admit(now):
            now += 60 * counted.regain_minutes(now)
            assert counted.regain_minutes(now) == 0
            assert counted.admit(now)


def test_a_paced_caller_is_never_refused() -> None:
    assert len(admitted(300, [HOUR / 300] * 7200)) == 7200


def test_a_call_during_a_block_prolongs_it_and_is_not_counted() -> None:
    counted = Quota(1)
    assert [counted.admit(now) for now in (0, 1, 2, 3)] == [True, False, False, False]
    assert counted.blocked_until == HOUR + 2 * PROLONGED
    assert counted.percent(3) == 100
    assert not counted.admit(HOUR + 1)
    assert counted.admit(HOUR + 3 * PROLONGED)


def test_active_ads_and_the_full_tier_raise_the_limit() -> None:
    assert [quota("limited").limit, quota("limited", 3).limit, quota("full").limit] == [300, 420, 100_000]


def test_what_others_have_spent_comes_back_within_the_hour() -> None:
    counted = Quota(300)
    counted.spend(0.5, 10_000)
    assert counted.percent(10_000) == 50
    assert sum(counted.admit(10_000) for _ in range(200)) == 150
    assert Quota(300).percent(0) == 0
    counted = Quota(300)
    counted.spend(0.5, 10_000)
    assert counted.percent(10_000 + HOUR) == 0
