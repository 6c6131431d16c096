"""LinkedIn's totals: two digits to the nearest and none below 300; more digits by the largest step they can have had."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.linkedin.platform import LINKEDIN
from smstock.platforms.linkedin.rounding import FLOOR, MORE_DIGITS, TWO_DIGITS, interval, rule


def shown(count: int) -> int:
    """Return a count of 300 or more as LinkedIn shows it, by its scientific notation."""
    digits = str(count)
    return int(f"{int(digits[:2]) + (digits[2] >= '5')}{'0' * (len(digits) - 2)}")


@pytest.mark.parametrize(
    ("total", "ends"),
    [
        (300, (300, 305)),
        (310, (305, 315)),
        (990, (985, 995)),
        (1_000, (995, 1_050)),
        (1_100, (1_050, 1_150)),
        (9_900, (9_850, 9_950)),
        (10_000, (9_950, 10_500)),
        (11_000, (10_500, 11_500)),
        (1_200_000, (1_150_000, 1_250_000)),
        (10_000_000, (9_950_000, 10_500_000)),
    ],
)
def test_two_digits_are_half_a_unit_of_the_second_one_off(total: int, ends: tuple[float, float]) -> None:
    assert rule(total) == TWO_DIGITS
    assert interval(total) == ends


@pytest.mark.parametrize(
    ("total", "ends"),
    [
        (305, (304, 306)),
        (1_050, (1_040, 1_060)),
        (937_000, (936_000, 938_000)),
        (123_456, (123_455, 123_457)),
        (25_312_600, (25_312_500, 25_312_700)),
    ],
)
def test_more_digits_are_a_unit_of_the_last_one_off(total: int, ends: tuple[float, float]) -> None:
    assert rule(total) == MORE_DIGITS == LINKEDIN.rounding(float(total))
    assert interval(total) == ends


@given(st.integers(FLOOR, 5_000_000_000))
def test_the_interval_of_what_is_shown_holds_the_count(count: int) -> None:
    total = shown(count)
    lower, upper = interval(total)
    assert rule(total) == TWO_DIGITS
    assert lower <= count < upper


def test_the_intervals_of_all_that_can_be_shown_tile_without_a_gap_from_the_floor() -> None:
    totals = [first * 10**power for power in range(1, 9) for first in range(10, 100) if first * 10**power >= FLOOR]
    ends = [interval(total) for total in totals]
    assert ends[0][0] == FLOOR
    assert [lower for lower, _ in ends[1:]] == [upper for _, upper in ends[:-1]]


@given(st.integers(FLOOR, 10**9), st.integers(0, 7), st.sampled_from(["nearest", "down", "up"]))
def test_a_total_of_more_digits_holds_the_count_however_a_power_of_ten_rounded_it(
    count: int, power: int, way: str
) -> None:
    step = 10**power
    total = (count + {"nearest": step // 2, "down": 0, "up": step - 1}[way]) // step * step
    if total >= FLOOR and rule(total) == MORE_DIGITS:
        lower, upper = interval(total)
        assert lower <= count <= upper


@given(st.integers(FLOOR, 10**9), st.integers(0, 7))
def test_two_digits_by_chance_hold_what_a_finer_rounding_to_the_nearest_hid(count: int, power: int) -> None:
    step = 10 ** min(power, len(str(count)) - 2)
    total = (2 * count + step) // (2 * step) * step
    if rule(total) == TWO_DIGITS:
        lower, upper = interval(total)
        assert lower <= count < upper
