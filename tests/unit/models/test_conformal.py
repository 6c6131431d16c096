from __future__ import annotations

from math import inf

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.models.conformal import POOLED, SHRINK, band, half_width, half_widths, interval


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=60))
def test_wider_levels_are_never_narrower(errors: list[float]) -> None:
    widths = [half_width(np.array(errors), level) for level in (50, 80, 95)]
    assert widths == sorted(widths)


def test_too_few_errors_give_no_interval() -> None:
    assert half_width(np.array([0.1] * 18), 95) == inf
    assert half_width(np.array([0.1] * 19), 95) == 0.1
    lower, upper = interval(pd.Series([5.0]), inf)
    assert np.isnan(lower[0])
    assert np.isnan(upper[0])


@pytest.mark.parametrize("level", [50, 80, 95])
def test_the_interval_covers_what_the_theorem_says(level: int) -> None:
    """Of exchangeable errors the k-th smallest of n covers the next one with probability k / (n + 1)."""
    rng = np.random.default_rng(level)
    n, trials = 39, 4000
    errors = np.abs(rng.standard_t(3, (trials, n + 1)))
    covered = np.mean([row[n] <= half_width(row[:n], level) for row in errors])
    exact = np.ceil((n + 1) * level / 100) / (n + 1)
    assert covered == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / trials))


def test_each_band_has_its_own_width_drawn_towards_that_of_all() -> None:
    rng = np.random.default_rng(1)
    persons = np.concatenate([np.full(400, 500.0), np.full(400, 5e3), np.full(4, 5e5)])
    errors = np.concatenate([rng.normal(0, 0.8, 400), rng.normal(0, 0.2, 400), rng.normal(0, 0.01, 4)])
    widths = half_widths(errors, persons, 80)
    own = half_width(errors[:400], 80)
    assert widths["<1,000"] == pytest.approx((400 * own + SHRINK * widths[POOLED]) / (400 + SHRINK))
    assert widths["1,000-9,999"] < widths[POOLED] < widths["<1,000"]
    # four cells stand beside ten of the pooled width
    assert widths[">=10,000"] > SHRINK / (4 + SHRINK) * widths[POOLED]
    assert ">=10,000" not in half_widths(errors, persons, 95)


def test_bands_are_closed_below_and_open_above() -> None:
    assert band(np.array([0.0, 999.9, 1000.0, 9999.9, 10_000.0])).tolist() == [
        "<1,000", "<1,000", "1,000-9,999", "1,000-9,999", ">=10,000",
    ]  # fmt: skip
