"""A design by its parts is the dense matrix that it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.models.design import Design, Square
from smstock.models.mixed import Regression, learn, without


def design(
    seed: int, *, cells: int = 90, counts: tuple[int, int] = (5, 8), kinds: int = 2
) -> tuple[Design, np.ndarray]:
    """A design of three plain columns and two ends, and the same as a dense matrix."""
    rng = np.random.default_rng(seed)
    plain, values = rng.normal(size=(cells, 3)), np.column_stack([np.ones(cells), rng.normal(size=(cells, kinds - 1))])
    ends = [(rng.integers(0, max(count, 1), cells), count) for count in counts]
    columns = [(area[:, None] == np.arange(count)) * values[:, [kind]] for area, count in ends for kind in range(kinds)]
    return Design.of(plain, ends, values), np.hstack([plain, *columns])


@given(st.integers(0, 50), st.sampled_from([(5, 8), (8, 5), (0, 6), (6, 0), (0, 0)]), st.integers(1, 3))
def test_products_are_those_of_the_dense_matrix(seed: int, counts: tuple[int, int], kinds: int) -> None:
    parts, dense = design(seed, counts=counts, kinds=kinds)
    rng = np.random.default_rng(seed)
    weights, target = rng.uniform(0.5, 2, 90), rng.normal(size=90)
    coefficients = rng.normal(size=(dense.shape[1],))
    root = rng.normal(size=(dense.shape[1], dense.shape[1]))
    assert parts.columns == dense.shape[1]
    assert parts @ coefficients == pytest.approx(dense @ coefficients)
    assert parts.cross(target) == pytest.approx(dense.T @ target)
    assert parts.square(weights) == pytest.approx(dense.T @ (dense * weights[:, None]))
    assert parts.variances(root @ root.T) == pytest.approx(((dense @ root) ** 2).sum(axis=1))
    rows = np.flatnonzero(rng.uniform(size=90) < 0.3)
    assert parts.taken(rows).square(weights[rows]) == pytest.approx(dense[rows].T @ (dense[rows] * weights[rows, None]))


def test_what_another_design_has_more_is_the_difference_of_the_dense_matrices() -> None:
    parts, dense = design(1)
    other = Design(parts.plain + 1, parts.places, parts.values * 3, parts.areas, parts.apart)
    share = np.linspace(0, 1, 90)
    coefficients = np.arange(1.0, dense.shape[1] + 1)
    more = other @ coefficients - parts @ coefficients
    assert parts.towards(other, share) @ coefficients == pytest.approx(more * share)


@given(st.integers(0, 50), st.sampled_from([(5, 8), (8, 5), (0, 6), (0, 0)]))
def test_a_system_is_solved_as_the_dense_one(seed: int, counts: tuple[int, int]) -> None:
    parts, dense = design(seed, counts=counts)
    rng = np.random.default_rng(seed)
    weights, precision, right = rng.uniform(0.5, 2, 90), *rng.uniform(0.1, 3, (2, dense.shape[1]))
    system = 0.7 * dense.T @ (dense * weights[:, None]) + np.diag(precision)
    square = Square.of(parts.square(weights), parts.apart)
    solution, variances, log_determinant = square.solved(0.7, precision, right)
    assert solution == pytest.approx(np.linalg.solve(system, right))
    assert square.solution(0.7, precision, right) == pytest.approx(solution)
    assert variances == pytest.approx(np.diag(np.linalg.inv(system)))
    assert log_determinant == pytest.approx(np.linalg.slogdet(system)[1])
    assert square.covariance(0.7, precision) == pytest.approx(np.linalg.inv(system))


def test_the_areas_that_are_most_are_apart() -> None:
    parts, _ = design(1)
    assert parts.apart.tolist() == [[13 + area, 21 + area] for area in range(8)]


def test_a_fit_by_parts_is_the_dense_fit() -> None:
    parts, dense = design(3, cells=400)
    rng = np.random.default_rng(3)
    block = np.repeat([0, 1, 3, 2, 4], [3, 5, 5, 8, 8])
    target = dense @ rng.normal(0, np.array([1, 0.6, 0.5, 0.2, 0.1])[block]) + 0.3 * rng.standard_t(4, 400)
    size, spread = rng.normal(9, 1.5, 400), np.where(np.arange(400) < 100, 0.1, 0.0)
    risen = np.add(parts.values, [0, 1, 0, 1])
    blur = parts.towards(Design(parts.plain, parts.places, risen, parts.areas), spread)
    dense_blur = np.column_stack([blur @ unit for unit in np.eye(parts.columns)])
    of_parts = Regression(parts, target, block, size, blur)
    of_dense = Regression(Design(dense), target, block, size, Design(dense_blur))
    fit, oracle = learn(of_parts), learn(of_dense)
    assert fit.coefficients == pytest.approx(oracle.coefficients, abs=1e-6)
    assert fit.weights == pytest.approx(oracle.weights, rel=1e-5)
    assert fit.evidence == pytest.approx(oracle.evidence)
    part = np.arange(50, 150)
    (left,), (dense_left,) = (without(oracle, regression, [part]) for regression in (of_parts, of_dense))
    assert left == pytest.approx(dense_left, abs=1e-9)
    assert left != pytest.approx(fit.coefficients, abs=1e-3)
