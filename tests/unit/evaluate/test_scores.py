"""Scores by hand, and the closed form of the CRPS against the integral it stands for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from smstock.evaluate.scores import (
    SCORES,
    crps,
    interval_coverage,
    interval_width,
    mape,
    on_common_cells,
    score,
    score_by,
    size_band,
)


@settings(max_examples=30)
@given(st.floats(1, 1e6), st.floats(0.05, 2), st.floats(-4, 4))
def test_the_crps_is_the_integral_of_the_squared_difference_of_distributions(
    middle: float, spread: float, deviations: float
) -> None:
    centre = np.log(middle)
    truth = centre + deviations * spread
    below, _ = quad(lambda x: norm.cdf(x, centre, spread) ** 2, centre - 12 * spread, truth)
    above, _ = quad(lambda x: norm.sf(x, centre, spread) ** 2, truth, centre + 12 * spread)
    half = norm.ppf(0.9) * spread
    assert crps([np.exp(truth)], [np.exp(centre - half)], [np.exp(centre + half)]) == pytest.approx(
        below + above, rel=1e-5, abs=1e-7
    )


def test_a_sharp_interval_scores_the_absolute_log_error() -> None:
    assert crps([100.0], [50.0], [50.0]) == pytest.approx(np.log(2))


def test_cells_without_an_interval_are_left_out_of_interval_scores() -> None:
    official, lower, upper = [10.0, 10.0], [5.0, np.nan], [20.0, np.nan]
    assert interval_coverage(official, lower, upper) == 100
    assert interval_width(official, lower, upper) == pytest.approx(np.log(4))
    nothing = [np.nan, np.nan]
    assert all(np.isnan(of(official, nothing, nothing)) for of in (interval_coverage, interval_width, crps))


def test_an_interval_from_zero_covers_but_has_no_finite_width_and_no_crps() -> None:
    assert interval_coverage([10.0], [0.0], [20.0]) == 100
    assert interval_width([10.0], [0.0], [20.0]) == np.inf
    assert np.isnan(crps([10.0], [0.0], [20.0]))


def test_mape_is_the_mean_where_mdape_is_the_median() -> None:
    official, estimate = [10.0, 1e3, 1e4], [500.0, 1e3, 1e4]
    assert mape(official, estimate) == pytest.approx(4900 / 3)
    assert SCORES["mdape"](official, estimate) == 0


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=20), st.floats(0.1, 10))
def test_an_exact_estimate_scores_zero_and_scale_does_not_matter(stocks: list[float], factor: float) -> None:
    official = np.array(stocks)
    wrong = official[::-1]
    for function in SCORES.values():
        assert function(official, official) == pytest.approx(0, abs=1e-9)
        assert function(official * factor, wrong * factor) == pytest.approx(function(official, wrong), abs=1e-6)


def held_out() -> pd.DataFrame:
    cells = pd.DataFrame(
        {
            "target_date": ["2017-01-01", "2018-01-01"] * 2,
            "destination": ["AUT", "AUT", "DEU", "DEU"],
            "origin": "SRB",
            "sex": "all",
            "stock": [50.0, 60.0, 2e4, 3e4],
        }
    )
    whole = cells.assign(method="a", estimate=cells["stock"] * 1.1)
    part = cells[1:].assign(method="b", estimate=cells["stock"] * 0.8)
    table = pd.concat([whole, part], ignore_index=True)
    return table.assign(lower_80=table["estimate"] * 0.85, upper_80=table["estimate"] * 1.15)


def test_common_cells_are_those_of_one_date() -> None:
    common = on_common_cells(held_out())
    assert common.groupby("method").size().to_dict() == {"a": 3, "b": 3}
    assert len(common[(common["destination"] == "AUT") & (common["target_date"] == "2017-01-01")]) == 0


def test_a_table_of_scores_has_a_row_a_method_and_every_score() -> None:
    table = score(held_out(), levels=(80,)).set_index("method")
    assert table["cells"].to_dict() == {"a": 4, "b": 3}
    assert table[["mdape", "coverage_80", "total_bias"]].to_numpy()[0].tolist() == pytest.approx([10, 100, 10])
    assert table.loc["b", "coverage_80"] == 0
    assert table.loc["a", "width_80"] == pytest.approx(np.log(1.15 / 0.85))
    assert table["crps"].rank().to_dict() == {"a": 1, "b": 2}


def test_scores_by_band_are_those_of_the_cells_of_the_band() -> None:
    table = held_out()
    by_band = score_by(table.assign(size_band=size_band(table["stock"])), "size_band", levels=(80,))
    assert by_band[["size_band", "method", "cells"]].to_numpy().tolist() == [
        ["<100", "a", 2],
        ["<100", "b", 1],
        [">=10,000", "a", 2],
        [">=10,000", "b", 2],
    ]
