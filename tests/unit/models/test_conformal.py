from __future__ import annotations

from math import inf

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.models.conformal import half_width, interval


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
