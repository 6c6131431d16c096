from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.models.censored import below, below_floor, expected
from smstock.models.design import Design


@given(st.floats(-3, 3), st.floats(0.1, 3), st.floats(-4, 4))
def test_moments_below_a_bound_are_those_of_the_density(mean: float, deviation: float, bound: float) -> None:
    x = np.linspace(min(bound, mean) - 9 * deviation, min(bound, mean + 9 * deviation), 20_001)
    weight = np.exp(-(((x - mean) / deviation) ** 2) / 2 + (max(mean - bound, 0) / deviation) ** 2 / 2)
    weight = weight / weight.sum()
    expectation = float(weight @ x)
    found, variance = below(np.array([mean]), deviation, np.array([bound]))
    assert found[0] == pytest.approx(expectation, abs=0.01 * deviation)
    assert variance[0] == pytest.approx(float(weight @ (x - expectation) ** 2), abs=0.02 * deviation**2)


def test_a_bound_far_below_the_mean_is_all_that_is_known() -> None:
    mean, variance = below(np.array([0.0]), 1.0, np.array([-40.0]))
    assert mean[0] == pytest.approx(-40.0, abs=0.05)
    assert 0 <= variance[0] < 0.01


def test_expectations_have_no_bias_and_their_variance_is_that_of_their_errors() -> None:
    rng = np.random.default_rng(1)
    group, z = rng.integers(0, 20, 3000), rng.normal(0, 1, 3000)
    truth = 7 + 0.8 * z + rng.normal(0, 0.6, 20)[group] + rng.normal(0, 0.5, 3000)
    bound = np.full(3000, 6.8)
    design = np.column_stack([np.ones(3000), z, group[:, None] == np.arange(20)]).astype(float)
    logs, variance = expected(
        np.where(truth < bound, np.nan, truth), bound, Design(design), np.array([0, 0] + [1] * 20)
    )
    hidden = truth < bound
    errors = (logs - truth)[hidden]
    assert (logs[~hidden] == truth[~hidden]).all()
    assert (variance[~hidden] == 0).all()
    assert (logs[hidden] < bound[hidden]).all()
    assert errors.mean() == pytest.approx(0, abs=0.03)
    assert np.mean(errors**2) == pytest.approx(variance[hidden].mean(), rel=0.1)


def test_only_a_floor_is_below_the_floor() -> None:
    table = pd.DataFrame(
        {
            "audience": [np.nan, np.nan, np.nan, np.nan, 5000.0],
            "audience_upper": [1000.0, 1000.0, np.nan, 0.0, 5499.0],
            "audience_status": ["floored", "deduced", "floored", "floored", "floored"],
        }
    )
    assert below_floor(table).tolist() == [True, True, False, False, False]
    assert not below_floor(table[["audience"]]).any()
