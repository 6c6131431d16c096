"""Counts seen through floors and rounding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.skills.counts import gaussian_sites, log_likelihood, marginals


def one(number: float) -> np.ndarray:
    return np.array([number])


@pytest.mark.parametrize("theta", [3.0, 5.0, 6.0])
def test_the_likelihood_of_an_interval_is_the_sum_of_poisson_probabilities(theta: float) -> None:
    from scipy.stats import poisson

    expected = poisson.pmf(np.arange(95, 105), np.exp(theta)).sum()
    assert log_likelihood(one(theta), one(95.0), one(105.0))[0] == pytest.approx(np.log(expected), rel=1e-9)


def test_below_a_floor_small_counts_are_certain_and_large_ones_impossible() -> None:
    small, large = log_likelihood(np.log([50.0, 500.0]), np.zeros(2), np.full(2, 300.0))
    assert small == pytest.approx(0, abs=1e-12)
    assert large < -50


@given(st.floats(300, 1e7), st.floats(1e-4, 0.3))
def test_a_site_has_mean_and_variance_of_the_exact_likelihood(middle: float, half: float) -> None:
    lower, upper = one(middle * (1 - half)), one(middle * (1 + half))
    mean, precision = gaussian_sites(lower, upper)
    places, weights = marginals(one(0.0), one(np.inf), lower, upper)
    exact = (places * weights).sum()
    sd = np.sqrt((weights * (places - exact) ** 2).sum())
    assert mean[0] == pytest.approx(exact, abs=0.06 * sd)
    assert 1 / np.sqrt(precision[0]) == pytest.approx(sd, rel=0.05)


def test_a_floor_and_a_count_that_is_not_known_are_no_sites() -> None:
    _, precision = gaussian_sites(np.array([0.0, np.nan]), np.array([300.0, np.nan]))
    assert precision.tolist() == [0.0, 0.0]


def test_a_belief_far_below_a_floor_is_not_moved_by_it() -> None:
    places, weights = marginals(np.log(one(20.0)), one(0.01), one(0.0), one(300.0))
    assert np.exp((places * weights).sum()) == pytest.approx(20.0, rel=1e-3)


@given(st.floats(0, 6.5), st.floats(0.05, 4))
def test_whatever_is_believed_a_floor_leaves_nothing_far_above_it(mean: float, variance: float) -> None:
    places, weights = marginals(one(mean), one(variance), one(0.0), one(300.0))
    assert np.isfinite(weights).all()
    assert weights[places > np.log(450.0)].sum() < 0.01


@given(st.floats(0, 20), st.floats(0.001, 4))
def test_whatever_is_believed_an_interval_keeps_its_own(mean: float, variance: float) -> None:
    places, weights = marginals(one(mean), one(variance), one(950_000.0), one(1_050_000.0))
    assert weights.sum() == pytest.approx(1)
    assert np.log(940_000) < (places * weights).sum() < np.log(1_060_000)
