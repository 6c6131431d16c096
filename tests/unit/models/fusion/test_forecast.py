"""Nowcasts of corridors about which little, or nothing sound, is known: no confident number comes from nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from smstock.errors import TooFewCellsError
from smstock.models.fusion import forecast as nowcasting
from smstock.models.fusion.filter import run
from smstock.models.fusion.fit import Fit, fit
from smstock.models.fusion.forecast import stocks_at
from smstock.models.fusion.panel import Panel, panel

if TYPE_CHECKING:
    from collections.abc import Callable

DATE = "2018-06-15"


@pytest.fixture(scope="module")
def figures(series: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return series(21)


@pytest.fixture(scope="module")
def waves(figures: pd.DataFrame) -> pd.DataFrame:
    """Audiences of four waves, half of the figures of 2017 and growing by 1 % a wave, with noise."""
    rng = np.random.default_rng(4)
    last = figures[figures["reference_date"] == "2017-01-01"].drop(columns=["reference_date", "source"])
    days = ["2017-11-15", "2018-01-15", "2018-03-15", "2018-05-15"]
    grown = [
        last.assign(date=day, value=0.5 * last["value"] * 1.01**place * np.exp(0.03 * rng.standard_normal(48)))
        for place, day in enumerate(days)
    ]
    return pd.concat(grown, ignore_index=True).assign(metric="mau")


@pytest.fixture(scope="module")
def fitted(figures: pd.DataFrame, waves: pd.DataFrame) -> Fit:
    return fit(panel(figures, waves, dates=[DATE]))


def by_itself(made: Panel, fitted: Fit) -> pd.DataFrame:
    """Estimate by the parameters of a fit, and by what the panel itself says that destinations and origins share."""
    shared = run(made, fitted.at_points(), until=DATE).shared
    return stocks_at(made, replace(fitted, shared=shared), DATE)


def of(table: pd.DataFrame, destination: str, origin: str) -> pd.Series:
    return table[(table["destination"] == destination) & (table["origin"] == origin)].iloc[0]


def test_three_corridors_are_too_few_to_learn_from(figures: pd.DataFrame) -> None:
    three = figures[(figures["destination"] == "AUT") & figures["origin"].isin(["BGR", "DEU", "FRA"])]
    with pytest.raises(TooFewCellsError, match="9 figures of register follow an earlier one"):
        fit(panel(three[three["reference_date"] < "2014-01-01"]))


def test_an_origin_that_was_never_fitted_is_estimated_from_its_own_series(figures: pd.DataFrame, fitted: Fit) -> None:
    own = figures[(figures["destination"] == "AUT") & (figures["origin"] == "POL")].assign(origin="VEN")
    made = panel(own, dates=[DATE], destinations=fitted.destinations, origins=fitted.origins)
    row = stocks_at(made, fitted, DATE).iloc[0]
    assert row["median"] == pytest.approx(own["value"].iloc[-1], rel=0.3)


def test_a_corridor_without_a_figure_by_then_has_no_estimate(figures: pd.DataFrame, fitted: Fit) -> None:
    later = figures.iloc[:1].assign(origin="VEN", reference_date="2019-01-01")
    table = stocks_at(panel(pd.concat([figures, later]), dates=[DATE]), fitted, DATE)
    row = of(table, str(later["destination"].iloc[0]), "VEN")
    assert np.isnan(row["median"])
    assert np.isnan(row["sd"])


def test_a_series_that_ended_long_ago_is_known_less_well(figures: pd.DataFrame, fitted: Fit) -> None:
    ended = (
        (figures["destination"] == "AUT") & (figures["origin"] == "POL") & (figures["reference_date"] > "2011-06-01")
    )
    whole, short = (by_itself(panel(some, dates=[DATE]), fitted) for some in (figures, figures[~ended]))
    assert of(short, "AUT", "POL")["sd"] > 2 * of(whole, "AUT", "POL")["sd"]


def test_a_break_last_month_does_not_halve_the_stock(figures: pd.DataFrame, waves: pd.DataFrame, fitted: Fit) -> None:
    broken = waves.assign(value=waves["value"].where(waves["date"] < "2018-05-01", 0.5 * waves["value"]))
    before, after = (by_itself(panel(figures, some, dates=[DATE]), fitted) for some in (waves, broken))
    assert np.abs(np.log(after["median"] / before["median"])).max() < 0.05


def test_an_audience_of_floors_only_leaves_the_estimate_to_the_series(
    figures: pd.DataFrame, waves: pd.DataFrame, fitted: Fit
) -> None:
    floored = waves.assign(value=np.nan)
    without = by_itself(panel(figures, dates=[DATE]), fitted)
    table = by_itself(panel(figures, floored, dates=[DATE]), fitted)
    np.testing.assert_allclose(table["median"], without["median"])


def test_growing_audiences_raise_a_stale_estimate(figures: pd.DataFrame, waves: pd.DataFrame, fitted: Fit) -> None:
    stale = figures[figures["reference_date"] < "2014-01-01"]
    days = sorted(waves["date"].unique())
    growing = waves.assign(value=waves["value"] * 1.04 ** waves["date"].map(days.index))
    flat, grown = (by_itself(panel(stale, some, dates=[DATE]), fitted) for some in (waves, growing))
    assert (grown["median"] / flat["median"]).median() > 1.01


def test_not_one_bit_depends_on_the_blocks(
    figures: pd.DataFrame, waves: pd.DataFrame, fitted: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = panel(figures, waves, dates=[DATE])
    whole = stocks_at(made, fitted, DATE)
    for corridors in (1, 7, 47):
        monkeypatch.setattr(nowcasting, "BLOCK", corridors)
        pd.testing.assert_frame_equal(stocks_at(made, fitted, DATE), whole, check_exact=True)
