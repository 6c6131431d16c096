from __future__ import annotations

from math import inf

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from smstock.models.conformal import (
    POOLED,
    SHRINK,
    HalfWidths,
    band,
    effective_number,
    half_width,
    half_widths,
    interval,
)


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
    small = (400 * own + SHRINK * widths[POOLED]) / (400 + SHRINK)
    assert widths["100-999"] == pytest.approx((400 * own + SHRINK * small) / (400 + SHRINK))
    # no cell is below 100 persons: such a one is taken for one of the small
    assert widths["<100"] == pytest.approx(small)
    assert widths["1,000-9,999"] < widths[POOLED] < widths["100-999"]
    # four cells stand beside ten of the pooled width
    assert widths[">=10,000"] > SHRINK / (4 + SHRINK) * widths[POOLED]
    assert ">=10,000" not in half_widths(errors, persons, 95)


def test_bands_are_closed_below_and_open_above() -> None:
    assert band(np.array([0.0, 99.9, 100.0, 999.9, 1000.0, 9999.9, 10_000.0])).tolist() == [
        "<100", "<100", "100-999", "100-999", "1,000-9,999", "1,000-9,999", ">=10,000",
    ]  # fmt: skip


def test_the_smallest_have_a_width_of_their_own_where_they_err_more_than_the_small() -> None:
    """Half widths of normal errors in each band are 1.28 sd, whatever the bands beside them."""
    persons, sds = np.repeat([50.0, 500.0, 5e3], 500), np.repeat([0.5, 0.2, 0.1], 500)
    errors = sds * np.tile(ndtri((np.arange(500) + 0.5) / 500), 3)
    widths = half_widths(errors, persons, 80)
    for name, sd in (("<100", 0.5), ("100-999", 0.2), ("1,000-9,999", 0.1)):
        assert widths[name] == pytest.approx(1.2816 * sd, rel=0.04)


def test_a_few_of_the_smallest_are_drawn_towards_the_small_and_not_towards_all() -> None:
    rng = np.random.default_rng(1)
    persons = np.concatenate([np.full(5, 50.0), np.full(300, 500.0), np.full(300, 5e4)])
    errors = np.concatenate([np.full(5, 0.9), 0.4 * rng.standard_normal(300), 0.02 * rng.standard_normal(300)])
    widths = half_widths(errors, persons, 80)
    small = (305 * half_width(errors[:305], 80) + SHRINK * widths[POOLED]) / (305 + SHRINK)
    assert widths["<100"] == pytest.approx((5 * 0.9 + SHRINK * small) / (5 + SHRINK))


@pytest.mark.parametrize(("share", "groups"), [(0.0, 9), (0.5, 9), (1.0, 19), (0.5, 30)])
def test_errors_that_go_together_in_a_destination_still_cover_a_new_destination(share: float, groups: int) -> None:
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(600):
        common = np.sqrt(share) * rng.standard_normal((groups + 1, 1))
        errors = common + np.sqrt(1 - share) * rng.standard_normal((groups + 1, 8))
        width = half_width(errors[:-1].ravel(), 80, np.repeat(np.arange(groups), 8))
        covered.append((np.abs(errors[-1]) <= width).mean())
    assert np.mean(covered) == pytest.approx(0.81, abs=0.03)


def test_errors_of_one_destination_are_worth_little_together() -> None:
    errors, groups = np.repeat(np.arange(1, 16) / 10, 4), np.repeat(np.arange(15), 4)
    assert effective_number(errors, groups) == pytest.approx(15)
    assert half_width(errors, 95) == 1.5
    assert half_width(errors, 95, groups) == inf


def test_a_band_that_is_known_keeps_its_width_where_that_of_all_sizes_is_not() -> None:
    # the large corridors of each destination err alike, the small ones by themselves
    rng = np.random.default_rng(1)
    groups = np.concatenate([np.arange(30), np.repeat(np.arange(14), 30)])
    errors = np.concatenate([0.01 * rng.standard_normal(30), np.repeat(np.arange(1, 15) / 10, 30)])
    persons = np.concatenate([np.full(30, 100.0), np.full(420, 5e4)])
    widths = half_widths(errors, persons, 95, groups)
    assert widths[POOLED] == inf
    assert widths["100-999"] == pytest.approx(half_width(errors[:30], 95))
    assert ">=10,000" not in widths


def test_a_tail_that_a_band_has_no_errors_for_is_in_proportion_to_that_of_all_sizes() -> None:
    """A band of 80 % at a factor of 1.32 beside all sizes of 1.6 and 2.5 does not jump to 2.5 at 95 %."""
    rng = np.random.default_rng(1)
    large = pd.DataFrame({"destination": [f"A{n}" for n in range(10)], "estimate": 50_000.0})
    small = pd.DataFrame({"destination": [f"B{n}" for n in range(90)], "estimate": 100.0})
    large["stock"] = large["estimate"] * np.exp(0.1 * rng.standard_normal(10))
    small["stock"] = small["estimate"] * np.exp(0.8 * rng.standard_normal(90))
    learnt = HalfWidths.of({"all": pd.concat([large, small], ignore_index=True)})
    at_80, at_95 = (learnt.at("all", level, ">=10,000") for level in (80, 95))
    assert at_95 / at_80 == pytest.approx(learnt.at("all", 95) / learnt.at("all", 80))
    assert at_95 < learnt.at("all", 95)
