from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.web.retry import pause, retry_after

SUNDAY = "Sun, 22 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(("attempt", "longest"), [(1, 2), (2, 8), (3, 32), (4, 120), (5, 120), (1000, 120)])
def test_the_pause_is_anywhere_up_to_a_ceiling_that_grows_and_ends(attempt: int, longest: float) -> None:
    rng = Random(7)
    pauses = [pause(attempt, rng) for _ in range(2000)]
    assert 0 <= min(pauses) < 0.01 * longest
    assert 0.99 * longest < max(pauses) <= longest
    assert sum(pauses) / len(pauses) == pytest.approx(longest / 2, rel=0.05)


def test_the_same_seed_gives_the_same_pauses() -> None:
    assert [pause(2, Random(1)) for _ in range(3)] == [pause(2, Random(1))] * 3


def test_a_pause_that_was_told_is_kept() -> None:
    assert pause(1, Random(1), told=300.0) == 300.0
    assert pause(4, Random(1), told=0.0) == 0.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([("Retry-After", "0")], 0.0),
        ([("retry-after", " 120 ")], 120.0),
        ([("date", SUNDAY), ("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")], 3600.0),
        ([("date", SUNDAY), ("retry-after", "Sun, 22 Nov 2026 09:00:00 GMT")], 0.0),
        ([("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")], None),
        ([("date", "yesterday"), ("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")], None),
        # without a zone the two cannot be compared
        ([("date", SUNDAY), ("retry-after", "Sun, 22 Nov 2026 11:00:00 -0000")], None),
        ([("date", SUNDAY), ("retry-after", "soon")], None),
        ([("date", SUNDAY), ("retry-after", "-5")], None),
        ([("date", SUNDAY), ("retry-after", "٣")], None),
        ([("date", SUNDAY)], None),
        ([], None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: list[tuple[str, str]], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@given(st.text(), st.text())
def test_whatever_retry_after_holds_it_is_a_wait_or_none(text: str, date: str) -> None:
    told = retry_after([("retry-after", text), ("date", date)])
    assert told is None or told >= 0
