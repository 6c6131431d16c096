"""Simulated worlds of members: intervals hold what they say, and the corrected stock is unbiased where others are not."""

from __future__ import annotations

import pytest
from benchmarks.skills import (
    AS_ASSUMED,
    VARIANTS,
    bias,
    bias_rows,
    coverage,
    coverage_row,
    share_scores,
    skilled_scores,
)


@pytest.mark.parametrize(("worlds", "slack"), [(4, 8.0), pytest.param(60, 2.0, marks=pytest.mark.slow)])
def test_intervals_of_shares_hold_the_truth(worlds: int, slack: float) -> None:
    scores = share_scores(VARIANTS[AS_ASSUMED], worlds)
    held, _ = coverage(scores, 80)
    assert held == pytest.approx(80, abs=slack)
    assert coverage_row(AS_ASSUMED, scores).count("|") == 9


@pytest.mark.parametrize(("worlds", "slack"), [(4, 6.0), pytest.param(60, 2.0, marks=pytest.mark.slow)])
def test_the_corrected_stock_is_unbiased_and_one_ratio_for_all_is_not(worlds: int, slack: float) -> None:
    scores = skilled_scores(worlds)
    new = scores[~scores["known"] & (scores["sex"] == "all")]
    assert bias(new, "median") == pytest.approx(0, abs=slack)
    low, high = new[new["low"]], new[~new["low"]]
    assert bias(low, "uncorrected") < -5
    assert bias(high, "uncorrected") > 5
    assert abs(bias(low, "median")) < abs(bias(low, "uncorrected"))
    assert len(bias_rows(scores)) == 8
