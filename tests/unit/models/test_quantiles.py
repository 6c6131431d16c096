from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.models.quantiles import ENDS, FARTHEST, SCORES, knots, normal_scores, persons

SEVEN = st.lists(st.floats(0, 1e7), min_size=7, max_size=7).map(sorted)


def row(**values: float | None) -> pd.DataFrame:
    return pd.DataFrame([dict.fromkeys(ENDS) | values])


@given(SEVEN)
def test_the_published_ends_are_the_quantiles(ends: list[float]) -> None:
    found = persons(knots(pd.DataFrame([ends], columns=list(ENDS))), np.array(SCORES))
    assert found[0] == pytest.approx(ends, rel=1e-9, abs=1e-9)


@given(SEVEN, st.lists(st.sampled_from(ENDS), max_size=4))
def test_quantiles_never_fall_and_are_never_negative(ends: list[float], missing: list[str]) -> None:
    table = pd.DataFrame([ends], columns=list(ENDS))
    table[missing] = np.nan
    found = persons(knots(table), np.linspace(-4, 4, 81))[0]
    if np.isnan(found).any():
        assert np.isnan(found).all()
    else:
        assert found.min() >= 0
        assert (np.diff(found) >= -1e-9 * found[1:]).all()


def test_a_log_normal_interval_stays_log_normal_beyond_its_ends() -> None:
    spread = 0.5
    ends = np.expm1(10 + spread * np.array(SCORES))
    found = persons(knots(pd.DataFrame([ends], columns=list(ENDS))), np.array([-3.5, -0.3, 3.0]))
    assert np.log1p(found[0]) == pytest.approx(10 + spread * np.array([-3.5, -0.3, 3.0]))


def test_a_tail_goes_on_at_the_slope_from_the_median_and_not_at_that_of_the_last_piece() -> None:
    ends = row(median=100, lower_50=90, upper_50=110, lower_80=80, upper_80=120, lower_95=10, upper_95=10_000)
    beyond = np.log1p(persons(knots(ends), np.array([2 * SCORES[-1]]))[0, 0])
    assert beyond == pytest.approx(2 * np.log1p(10_000) - np.log1p(100))


def test_a_missing_outer_end_lies_on_the_line_through_the_outermost_known_one() -> None:
    found = knots(row(median=np.expm1(5), lower_80=np.expm1(4), upper_80=np.expm1(6)))[0]
    unit = SCORES[5]
    assert found == pytest.approx(5 + np.array(SCORES) / unit)


def test_fewer_than_is_spread_between_nothing_and_the_upper_end() -> None:
    ends = row(lower_50=0, lower_80=0, lower_95=0, upper_50=1000, upper_80=2000, upper_95=5000)
    found = persons(knots(ends), np.array(SCORES))[0]
    assert found[[0, 1, 2]].tolist() == [0, 0, 0]
    assert found[[4, 5, 6]] == pytest.approx([1000, 2000, 5000])
    assert found[3] == pytest.approx(np.sqrt(1001) - 1)


@pytest.mark.parametrize("values", [{}, {"median": 5.0}, {"median": 5.0, "upper_80": 9.0}, {"upper_95": 9.0}])
def test_without_both_ends_of_a_level_nothing_is_known(values: dict[str, float]) -> None:
    assert np.isnan(knots(row(**values))).all()


@given(SEVEN.filter(lambda ends: min(np.diff(np.log1p(ends))) > 1e-3), st.floats(-FARTHEST, FARTHEST))
def test_the_score_of_a_quantile_is_that_it_was_taken_at(ends: list[float], score: float) -> None:
    table = pd.DataFrame([ends], columns=list(ENDS))
    stock = persons(knots(table), np.array([score]))[0]
    if stock[0] > 0:
        assert normal_scores(table, stock)[0] == pytest.approx(score, abs=1e-6)


def test_a_stock_outside_an_interval_of_no_width_is_as_far_as_can_be() -> None:
    table = pd.concat([row(**dict.fromkeys(ENDS, 100.0))] * 3, ignore_index=True)
    assert normal_scores(table, np.array([90.0, 101.0, np.nan]))[:2].tolist() == [-FARTHEST, FARTHEST]
    assert np.isnan(normal_scores(table, np.array([90.0, 101.0, np.nan]))[2])
