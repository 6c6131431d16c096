from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.meta.rounding import bounds_interval, point_of_bounds


def to_nearest(count: Decimal, step: int) -> int:
    return int((count / step).quantize(Decimal(1), ROUND_HALF_UP)) * step


def one_bound(count: Decimal) -> int:
    return to_nearest(count, 100 if count < 1_000_000 else 100_000)


@pytest.mark.parametrize(
    ("bounds", "interval"),
    [
        ((88_900, 104_600), (88_850, 104_650)),
        ((0, 1_100), (0, 1_150)),
        ((1_000, 1_100), (0, 1_150)),
        ((1_000, 1_200), (0, 1_250)),
        ((1_000, 1_000_000), (0, 1_050_000)),
        ((1_100, 1_300), (1_050, 1_350)),
        ((935_000, 1_100_000), (934_950, 1_150_000)),
        ((999_900, 999_900), (999_850, 999_950)),
        ((1_000_000, 1_200_000), (999_950, 1_250_000)),
        ((16_500_000, 19_400_000), (16_450_000, 19_450_000)),
    ],
)
def test_the_step_of_a_bound_changes_at_a_million(bounds: tuple[int, int], interval: tuple[int, int]) -> None:
    assert bounds_interval(*bounds) == interval


@given(st.integers(1_200, 5_000_000_000))
def test_the_interval_holds_the_whole_band_before_rounding(upper: int) -> None:
    band = Decimal(upper) * Decimal("0.85"), Decimal(upper)
    lowest, highest = bounds_interval(one_bound(band[0]), one_bound(band[1]))
    assert Decimal(lowest) <= band[0] <= band[1] <= Decimal(highest)


def test_the_point_is_the_middle_of_the_bounds_not_the_upper_one() -> None:
    assert point_of_bounds(85_000, 100_000) == 92_500
