from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, norm

from smstock.models.gaussian import lattice, quantiles

components = st.lists(
    st.tuples(st.floats(0.01, 1), st.floats(-50, 50), st.floats(0.01, 10)),
    min_size=1,
    max_size=6,
)


@given(components, st.floats(0.001, 0.999))
def test_a_quantile_is_where_the_distribution_function_reaches_the_level(
    parts: list[tuple[float, float, float]], level: float
) -> None:
    weights, means, sds = np.array(parts).T
    weights = weights / weights.sum()
    place = quantiles(weights, means[:, None], sds[:, None], [level])[0, 0]
    assert weights @ norm.cdf(place, means, sds) == pytest.approx(level, abs=1e-6)


def test_variables_are_solved_side_by_side() -> None:
    weights = np.array([0.3, 0.7])
    means, sds = np.array([[0.0, 5.0], [1.0, -5.0]]), np.array([[1.0, 0.1], [2.0, 3.0]])
    both = quantiles(weights, means, sds, [0.025, 0.5])
    for column in (0, 1):
        alone = quantiles(weights, means[:, [column]], sds[:, [column]], [0.025, 0.5])
        assert both[:, column] == pytest.approx(alone[:, 0], abs=1e-5)


@pytest.mark.parametrize("correlation", [0.0, 0.5, -0.8])
def test_a_lattice_has_the_moments_of_a_correlated_gaussian(correlation: float) -> None:
    covariance = np.array([[1.0, correlation * 0.1, 0.0], [correlation * 0.1, 0.01, 0.0], [0.0, 0.0, 25.0]])
    mean = np.array([7.0, -9.0, 2.0])
    precision = np.linalg.inv(covariance)
    found = lattice(lambda points: -np.einsum("gi,ij,gj->g", points - mean, precision, points - mean) / 2, [0, 0, 0])
    deviation = found.points - mean
    assert found.weights @ deviation == pytest.approx(np.zeros(3), abs=1e-6)
    assert (deviation.T * found.weights) @ deviation == pytest.approx(covariance, rel=2e-3, abs=1e-6)


@pytest.mark.parametrize(("shape", "rate"), [(100, 1), (100, 1e4), (5, 1), (2, 7)])
def test_the_quantiles_of_a_skewed_marginal(shape: float, rate: float) -> None:
    """The logarithm of a gamma variable, whose quantiles are known."""
    found = lattice(lambda points: (points * shape - np.exp(points) * rate).sum(axis=1), [0.0, 0.0])
    levels = [0.025, 0.25, 0.5, 0.75, 0.975]
    exact = np.log(gamma.ppf(levels, shape, scale=1 / rate))
    spread = exact[-1] - exact[0]
    assert found.quantiles(1, levels) == pytest.approx(exact, abs=0.005 * spread)
