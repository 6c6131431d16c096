"""Two digits to the nearest: what is shown, and what it can have been, against decimal arithmetic."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.rounding import to_two_digits, two_digit_interval


def shown_by_hand(count: int) -> int:
    step = max(int(10 ** (len(str(count)) - 2)), 10)
    return int((Decimal(count) / step).quantize(Decimal(1), ROUND_HALF_UP)) * step


@given(st.integers(0, 5_000_000_000))
def test_a_count_is_shown_to_the_nearest_unit_of_its_second_digit(count: int) -> None:
    assert to_two_digits(count) == shown_by_hand(count)


@pytest.mark.parametrize(
    ("shown", "interval"),
    [
        (30, (25, 35)),
        (90, (85, 95)),
        (100, (95, 105)),
        (110, (105, 115)),
        (1_000, (995, 1_050)),
        (1_100, (1_050, 1_150)),
        (9_900, (9_850, 9_950)),
        (10_000, (9_950, 10_500)),
        (570_000, (565_000, 575_000)),
        (1_000_000, (995_000, 1_050_000)),
        (260_000_000, (255_000_000, 265_000_000)),
    ],
)
def test_half_a_step_to_either_side(shown: int, interval: tuple[int, int]) -> None:
    assert two_digit_interval(shown) == interval


@given(st.integers(21, 5_000_000_000))
def test_the_interval_holds_the_count_that_was_rounded(count: int) -> None:
    lower, upper = two_digit_interval(shown_by_hand(count))
    assert lower <= count < upper


@given(st.integers(20, 5_000_000_000))
def test_the_intervals_of_neighbours_meet(count: int) -> None:
    shown = shown_by_hand(count)
    after = shown_by_hand(int(two_digit_interval(shown)[1]))
    assert after > shown
    assert two_digit_interval(shown)[1] == two_digit_interval(after)[0]
