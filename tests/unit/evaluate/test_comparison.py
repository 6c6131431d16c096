"""Skill against a baseline, and what the paired bootstrap of whole destinations says of its luck."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.errors import UnknownNameError
from smstock.evaluate.comparison import compare
from smstock.evaluate.scores import rmsle


def held_out(
    better: float, destinations: int = 20, corridors: int = 10, seed: int = 1, shared: float = 0.0
) -> pd.DataFrame:
    """Errors of carry forward and of a method whose errors are ``better`` times as large."""
    rng = np.random.default_rng(seed)
    rows = []
    for destination in range(destinations):
        common = rng.normal(0, shared)
        for origin in range(corridors):
            error, other = (rng.normal(0, 0.2) for _ in range(2))
            cell = {"destination": f"D{destination}", "origin": f"O{origin}", "sex": "all", "stock": 1000.0}
            rows.append({**cell, "method": "carry_forward", "estimate": 1000 * np.exp(error + common)})
            rows.append({**cell, "method": "other", "estimate": 1000 * np.exp(better * other)})
    return pd.DataFrame(rows)


def test_the_difference_is_that_of_the_scores_and_lies_inside_its_interval() -> None:
    table = held_out(0.5)
    row = compare(table, np.random.default_rng(1), draws=200).iloc[0]
    scores = {name: rmsle(cells["stock"], cells["estimate"]) for name, cells in table.groupby("method")}
    assert row["difference"] == pytest.approx(scores["other"] - scores["carry_forward"])
    assert row["skill"] == pytest.approx(1 - scores["other"] / scores["carry_forward"])
    assert row["difference_lower"] < row["difference"] < row["difference_upper"] < 0
    assert 0 < row["skill_lower"] < row["skill"] < row["skill_upper"]


def test_equal_methods_are_not_told_apart() -> None:
    row = compare(held_out(1.0), np.random.default_rng(1), draws=200).iloc[0]
    assert row["difference_lower"] < 0 < row["difference_upper"]


def test_errors_that_a_destination_shares_widen_the_interval() -> None:
    alone, shared = (
        compare(held_out(1.0, shared=spread), np.random.default_rng(1), draws=300).iloc[0] for spread in (0.0, 0.3)
    )
    width, wider = (row["difference_upper"] - row["difference_lower"] for row in (alone, shared))
    assert wider > 1.5 * width


def test_the_bootstrap_is_that_of_the_sampling_of_destinations() -> None:
    # the spread of the difference over repeated worlds is what the interval claims, within a third
    worlds = [compare(held_out(0.7, seed=seed), np.random.default_rng(1), draws=0) for seed in range(60)]
    spread = np.std([world["difference"][0] for world in worlds])
    row = compare(held_out(0.7, seed=99), np.random.default_rng(1), draws=400).iloc[0]
    claimed = (row["difference_upper"] - row["difference_lower"]) / (2 * 1.96)
    assert claimed == pytest.approx(spread, rel=0.34)


def test_methods_are_compared_on_the_cells_that_both_estimate() -> None:
    table = held_out(0.5)
    table.loc[(table["method"] == "other") & (table["destination"] == "D3"), "estimate"] = np.nan
    row = compare(table, np.random.default_rng(1), draws=10).iloc[0]
    assert (row["cells"], row["destinations"]) == (190, 19)


def test_an_interval_does_not_depend_on_the_other_methods() -> None:
    table = held_out(0.5)
    third = table[table["method"] == "other"].assign(method="aside", estimate=900.0)
    alone = compare(table, np.random.default_rng(1), draws=50).set_index("method")
    beside = compare(pd.concat([third, table]), np.random.default_rng(1), draws=50).set_index("method")
    assert alone.loc["other"].to_dict() == beside.loc["other"].to_dict()


def test_one_destination_has_a_difference_without_an_interval() -> None:
    row = compare(held_out(0.5, destinations=1), np.random.default_rng(1), draws=10).iloc[0]
    assert np.isfinite(row["difference"])
    assert np.isnan(row["difference_lower"])


@pytest.mark.parametrize("score", ["mdape", "wmape", "crps", "coverage_80", "width_50", "total_bias"])
def test_any_score_can_be_compared(score: str) -> None:
    table = held_out(0.5)
    for level in (50, 80, 95):
        table[f"lower_{level}"], table[f"upper_{level}"] = table["estimate"] * 0.7, table["estimate"] * 1.4
    row = compare(table, np.random.default_rng(1), score=score, draws=20).iloc[0]
    assert np.isfinite(row["difference"])
    assert np.isnan(row["skill"]) == (score in {"coverage_80", "width_50", "total_bias"})


def test_without_the_baseline_nothing_is_comparable_and_an_unknown_score_is_named() -> None:
    table = held_out(0.5)
    assert compare(table[table["method"] == "other"], np.random.default_rng(1)).empty
    with pytest.raises(UnknownNameError, match="unknown score 'r2'"):
        compare(table, np.random.default_rng(1), score="r2")
