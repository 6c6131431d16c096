"""Published methods by cell on the audiences of 35 states of the USA and the American Community Survey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.accuracy import left_out, scoreboard, us, us_places

from smstock.errors import TooFewCellsError
from smstock.evaluate.scores import mdape, rmsle
from smstock.models.baselines import CarryForward, OriginRatio, RawAudience
from smstock.platforms.meta.rounding import USERS_FLOOR
from smstock.published.alexander.bias import fit_bias
from smstock.published.zagheni import Zagheni, ZagheniNaive

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


@pytest.fixture(scope="module")
def cells(shared: Path) -> pd.DataFrame:
    return us.us_cells(shared, 1)


@pytest.mark.parametrize(
    ("threshold", "number", "naive", "corrected"),
    [(20, 8516, 0.570, 0.687), (100, 5615, 0.581, 0.745), (500, 2411, 0.556, 0.800), (1000, 1438, 0.548, 0.819)],
)
def test_adjusted_r_squared_of_zagheni(
    cells: pd.DataFrame, threshold: int, number: int, naive: float, corrected: float
) -> None:
    """All 50 states: 0.571 and 0.699 on 13,328 cells, 0.580 and 0.745 from 100 accounts, 0.825 from 1,000."""
    usable = cells[(cells["stock"] > 0) & (cells["audience"] >= threshold)]
    assert len(usable) == number
    assert ZagheniNaive.fit(usable).adjusted_r_squared == pytest.approx(naive, abs=5e-4)
    assert Zagheni.fit(usable).adjusted_r_squared == pytest.approx(corrected, abs=5e-4)


def test_the_published_adjusted_r_squared_lies_within_what_other_states_would_give(cells: pd.DataFrame) -> None:
    found, low, high = us.adjusted_r_squared(cells[cells["stock"] > 0], np.random.default_rng(1), draws=30)
    assert low < found < high
    assert low < 0.699 < high


def test_the_cells_are_those_of_the_benchmark(cells: pd.DataFrame) -> None:
    assert len(cells) == 19530
    assert cells["destination"].nunique() == 35
    assert sorted(cells["age_min"].unique()) == list(range(15, 60, 5))
    assert cells["error"].isna().equals(cells["stock"] == 0)
    assert len(us.us_totals(cells)) == 516


def test_totals_of_states_left_out(cells: pd.DataFrame) -> None:
    scored = us.us_totals(cells)[["destination", "origin"]]
    found = {}
    for method in (ZagheniNaive, Zagheni):
        table = left_out.sums_of_cells(cells, method).merge(scored)
        found[method.name] = (
            round(mdape(table["stock"], table["estimate"]), 1),
            round(rmsle(table["stock"], table["estimate"]), 3),
        )
    assert found == {"zagheni_naive": (43.1, 0.667), "zagheni": (29.7, 0.457)}


def test_neither_estimate_nor_interval_of_a_state_has_seen_its_stocks(cells: pd.DataFrame) -> None:
    few = cells[cells["destination"].isin(["US-CA", "US-HI", "US-NY", "US-OH", "US-UT"])]
    there = few["destination"] == "US-CA"
    sums = left_out.sums_of_cells(few, Zagheni)
    again = left_out.sums_of_cells(few.assign(stock=few["stock"].mask(there, few["stock"] * 1000)), Zagheni)
    there = sums["destination"] == "US-CA"
    assert (sums["estimate"][there] == again["estimate"][there]).all()
    assert (sums["estimate"][~there] != again["estimate"][~there]).all()
    with_stock = sums[sums["stock"] > 0]
    spoilt = with_stock.assign(stock=with_stock["stock"].mask(there, with_stock["stock"] * 1000))
    ends = [left_out.with_intervals(table).query("destination == 'US-CA'") for table in (with_stock, spoilt)]
    assert ends[0]["upper_80"].notna().all()
    assert (ends[0]["upper_80"] == ends[1]["upper_80"]).all()


def test_the_ratio_by_origin_with_states_left_out(cells: pd.DataFrame) -> None:
    totals = us.us_totals(cells)
    estimate = totals["stock"] * 0.0
    for state in totals["destination"].unique():
        inside = totals["destination"] == state
        estimate[inside] = OriginRatio.fit(totals[~inside]).predict(totals[inside])
    shown = estimate.notna()
    assert totals.loc[~shown, "origin"].value_counts().to_dict() == {"GRC": 10, "PRT": 1}
    assert (shown.sum(), len(totals)) == (505, 516)
    assert round(mdape(totals["stock"][shown], estimate[shown]), 1) == 23.0
    assert round(rmsle(totals["stock"][shown], estimate[shown]), 3) == 0.384


def test_a_corridor_of_which_no_cell_was_shown_is_below_the_floor(cells: pd.DataFrame) -> None:
    totals = us.us_totals(cells).set_index(["origin", "destination"])
    greeks = totals.loc["GRC"]
    assert set(greeks["audience_status"]) == {"floored"}
    assert set(greeks["audience_upper"]) == {18 * 20.0}
    shown = cells.groupby(["origin", "destination"])["audience"].max() > USERS_FLOOR
    assert (totals["audience"].notna() == shown.reindex(totals.index)).all()


def test_the_audience_of_mexican_men_follows_their_share_closely(cells: pd.DataFrame) -> None:
    men = cells[(cells["origin"] == "MEX") & (cells["sex"] == "male")]
    found = fit_bias(men)
    assert found.slope == pytest.approx(0.97, abs=0.01)
    assert len(found.destinations) == 35


@pytest.mark.slow
def test_the_published_prior_of_the_level_spoils_a_series_of_one_survey_year(shared: Path) -> None:
    table = us.ages_held_out(shared, "MEX", np.random.default_rng(0))
    error = {name: rmsle(table["share"], table[name]) for name in ("survey", "audience", "combined", "combined_vague")}
    assert error["combined"] > 1.5 * error["combined_vague"]
    assert error["combined_vague"] < error["survey"]
    assert error["audience"] < error["survey"]


def test_a_task_without_official_figures_shows_none_to_the_super_learner(
    cells: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []

    def note(corridors: pd.DataFrame) -> pd.DataFrame:
        shown.append(corridors["official_last"].notna().any())
        raise TooFewCellsError("enough seen")

    monkeypatch.setattr(left_out, "super_learner", note)
    totals = us.us_totals(cells[cells["destination"].isin(["US-CA", "US-HI", "US-OH", "US-UT"])])
    known = totals.assign(official_last=totals["stock"], lag=1.0)
    scoreboard.cross_validated("without", known, [RawAudience])
    scoreboard.cross_validated("with", known, [RawAudience, CarryForward])
    assert shown == [False, True]


@pytest.mark.slow
def test_states_without_figures_are_estimated_as_well_as_in_cross_validation(shared: Path) -> None:
    del shared  # skips without the real data
    table = us_places.left_out(1)
    assert (len(table), table["median"].count()) == (516, 505)
    assert set(table["regime"]) == {"none"}
    assert table.loc[table["median"].isna(), "origin"].value_counts().to_dict() == {"GRC": 10, "PRT": 1}
    assert us_places.figure(1, "mdape") < 19.8
    assert us_places.figure(1, "rmsle") < 0.35
    held = us_places.bands(1)
    assert {*held} == {"1,000-9,999", ">=10,000"}
    assert all(76 < share < 84 for share in held.values())
