"""Methods of a series: what they predict, what they learn, and when they have nothing to say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.models.methods import METHODS
from smstock.models.trend import DampedTrend, FixedDampedTrend, Minora, MovingAverage, Trend

SERIES = (Trend, FixedDampedTrend, DampedTrend, MovingAverage, Minora)


def cells(**columns: object) -> pd.DataFrame:
    cell = {
        "official_last": 1000.0,
        "official_growth": 0.05,
        "official_mean": 950.0,
        "audience_growth": 0.1,
        "lag": 2.0,
    }
    return pd.DataFrame([cell | columns])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Trend(), 1000 * np.exp(0.1)),
        (FixedDampedTrend(), 1000 * np.exp(0.08)),
        (DampedTrend(damping=0.5), 1000 * np.exp(0.05)),
        (DampedTrend(damping=0.0), 1000),
        (MovingAverage(), 950),
        (Minora(), 1000 * np.exp(0.1)),
    ],
)
def test_predictions_by_hand(method: Trend, expected: float) -> None:
    assert method.predict(cells())[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("method", "column"),
    [
        (Trend(), "official_growth"),
        (DampedTrend(), "official_growth"),
        (MovingAverage(), "official_mean"),
        (Minora(), "audience_growth"),
        (Minora(), "official_last"),
    ],
)
def test_what_is_missing_is_not_predicted(method: Trend, column: str) -> None:
    assert method.predict(cells(**{column: None}).astype(float)).isna().all()


@pytest.mark.parametrize(("method", "column"), [(Trend(), "official_growth"), (Minora(), "audience_growth")])
def test_a_growth_may_be_negative_or_zero(method: Trend, column: str) -> None:
    assert method.predict(cells(**{column: 0.0}))[0] == pytest.approx(1000)
    assert method.predict(cells(**{column: -0.1}))[0] < 1000


@settings(max_examples=25)
@given(st.floats(0.0, 1.0), st.integers(30, 60), st.integers(0, 9))
def test_a_damping_without_noise_is_found(damping: float, corridors: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    seen = pd.concat([cells(official_growth=rng.normal(0, 0.2)) for _ in range(corridors)], ignore_index=True)
    seen["stock"] = DampedTrend(damping=damping).predict(seen)
    assert DampedTrend.fit(seen).damping == pytest.approx(damping, abs=1e-9)


def test_small_corridors_that_jump_do_not_decide_on_the_damping() -> None:
    large = pd.concat([cells(official_last=1e5, stock=1e5 * np.exp(0.07))] * 30, ignore_index=True)
    small = pd.concat([cells(official_last=10.0, stock=5.0)] * 60, ignore_index=True)
    assert DampedTrend.fit(pd.concat([large, small])).damping == pytest.approx(0.7)


def test_with_too_few_corridors_or_no_growth_the_damping_is_the_usual_one() -> None:
    assert DampedTrend.fit(pd.concat([cells(stock=1000.0)] * 29)).damping == 0.8
    still = pd.concat([cells(stock=1000.0, official_growth=0.0)] * 40)
    assert DampedTrend.fit(still).damping == 0.8


def test_the_methods_are_registered() -> None:
    assert set(SERIES) <= set(METHODS)
