from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from threadpoolctl import threadpool_limits

from smstock.models.design import Design
from smstock.models.mixed import Regression, learn, without


def world(seed: int, *, taper: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Eight hundred cells of 40 groups with effects of sd 0.6, an elasticity of 0.9 and errors of scale 0.3."""
    rng = np.random.default_rng(seed)
    group, x, effects = rng.integers(0, 40, 800), rng.normal(0, 1.5, 800), rng.normal(0, 0.6, 40)
    design = np.column_stack([np.ones(800), x, group[:, None] == np.arange(40)]).astype(float)
    errors = 0.3 * rng.standard_t(4, 800) * np.exp(-taper * (x - x.mean()))
    return design, 2 + 0.9 * x + effects[group] + errors, np.array([0, 0] + [1] * 40), x, effects


def test_elasticity_scales_taper_and_effects_are_recovered() -> None:
    found = []
    for seed in range(3):
        design, target, block, x, effects = world(seed, taper=0.3)
        fit = learn(Regression(Design(design), target, block, x))
        misses = fit.coefficients[2:] - (effects - effects.mean())
        found.append([fit.coefficients[1], *fit.scales.blocks, fit.scales.residual, fit.scales.taper])
        assert np.std(misses) < 0.12
    assert np.mean(found, axis=0) == pytest.approx([0.9, 0.6, 0.3, 0.3], abs=0.06)


def test_the_marginal_likelihood_is_that_of_the_dense_covariance() -> None:
    rng = np.random.default_rng(2)
    design, _, block, _, _ = world(1)
    design = design[:120]
    target = design @ np.append([2, 0.9], rng.normal(0, 0.6, 40)) + rng.normal(0, 0.3, 120)
    evidence = learn(Regression(Design(design), target, block, np.zeros(120))).evidence
    dense = []
    with threadpool_limits(1):
        for residual in np.geomspace(0.2, 0.45, 12):
            for sd in np.geomspace(0.35, 1, 12):
                covariance = design @ np.diag([100.0, 100.0] + [sd**2] * 40) @ design.T + residual**2 * np.eye(120)
                dense.append(multivariate_normal(np.zeros(120), covariance).logpdf(target))
    assert max(dense) <= evidence + 0.5  # the prior on the scales moves the maximum a little
    assert evidence == pytest.approx(max(dense), abs=0.3)


def test_an_outlier_hardly_moves_the_fit() -> None:
    design, target, block, x, _ = world(1)
    clean = learn(Regression(Design(design), target, block, np.zeros(800))).coefficients
    target[17] += 50
    spoilt = learn(Regression(Design(design), target, block, np.zeros(800)))
    assert spoilt.coefficients[1] == pytest.approx(clean[1], abs=0.01)
    assert spoilt.weights[17] < 0.01 * np.median(spoilt.weights)
    assert x[17] != 0


def test_rows_taken_out_are_as_if_they_had_not_been_there() -> None:
    design, target, block, x, _ = world(1)
    fit = learn(Regression(Design(design), target, block, x))
    part = np.arange(100)
    (left,) = without(fit, Regression(Design(design), target, block, x), [part])
    kept = np.arange(100, 800)
    rows = design[kept] * np.sqrt(fit.weights[kept])[:, None]
    prior = np.where(block == 0, 0.01, 1 / fit.scales.blocks[0] ** 2) * fit.scales.residual**2
    expected = np.linalg.solve(rows.T @ rows + np.diag(prior), rows.T @ (target[kept] * np.sqrt(fit.weights[kept])))
    assert left == pytest.approx(expected)
    moved = target.copy()
    moved[part] += 3
    assert without(fit, Regression(Design(design), moved, block, x), [part])[0] == pytest.approx(left)


def test_a_regressor_known_with_error_does_not_flatten_the_slope() -> None:
    """x is known as a mean and a spread: what EM makes of it is the truth, what the mean alone makes is too steep."""
    rng = np.random.default_rng(3)
    x, spread = rng.normal(0, 1.5, 4000), np.where(np.arange(4000) < 2000, 1.0, 0.0)
    target = 2 + 0.9 * x + rng.normal(0, 0.3, 4000)
    # moments of x given its measurement and the target
    seen = x + rng.normal(0, 1, 4000)
    precision = 1 / 1.5**2 + 1 + 0.9**2 / 0.3**2
    mean = np.where(spread > 0, (seen + 0.9 * (target - 2) / 0.3**2) / precision, x)
    sd = np.where(spread > 0, precision**-0.5, 0.0)
    design, block = np.column_stack([np.ones(4000), mean]), np.array([0, 0])
    blur = np.column_stack([np.zeros(4000), sd])
    with_spread = learn(Regression(Design(design), target, block, np.zeros(4000), Design(blur)))
    without_it = learn(Regression(Design(design), target, block, np.zeros(4000)))
    assert with_spread.coefficients[1] == pytest.approx(0.9, abs=0.01)
    assert without_it.coefficients[1] > 0.91
    assert without_it.scales.residual < with_spread.scales.residual
    part = np.arange(500)
    (left,) = without(with_spread, Regression(Design(design), target, block, np.zeros(4000), Design(blur)), [part])
    assert left == pytest.approx(with_spread.coefficients, abs=0.02)


def test_a_prior_holds_what_few_cells_do_not_tell() -> None:
    """Three cells of error 0.3 about the slope 2, prior N(1, 0.1^2): the ridge regression towards 1, by hand."""
    x, target = np.array([-1.0, 0.0, 1.0]), np.array([-2.3, 0.1, 2.2])
    design, block = np.column_stack([np.ones(3), x]), np.zeros(2, dtype=int)
    regression = Regression(Design(design), target, block, np.zeros(3), priors=((0.0, 10.0), (1.0, 0.1)))
    fit = learn(regression)
    weighted = design * fit.weights[:, None] / fit.scales.residual**2
    precision = np.diag([0.01, 100.0])
    by_hand = np.linalg.solve(weighted.T @ design + precision, weighted.T @ target + precision @ [0.0, 1.0])
    assert fit.coefficients == pytest.approx(by_hand)
    assert 1.0 < fit.coefficients[1] < learn(Regression(Design(design), target, block, np.zeros(3))).coefficients[1]
    (left,) = without(fit, regression, [np.arange(3)])
    assert left == pytest.approx([0.0, 1.0])
