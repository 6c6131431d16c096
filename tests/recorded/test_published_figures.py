"""The methods give the figures that were computed independently on the same cells (benchmarks of the EU and the world).

Carry forward, the trend and the damped trend, one and two years ahead, and the published posterior beside them: the
table in the README of the folder of real data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.accuracy import eu, world

from smstock.evaluate.backtest import backtest
from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.scores import score
from smstock.models.baselines import CarryForward, RawAudience
from smstock.models.loglinear import LogRatio
from smstock.models.trend import FixedDampedTrend, Trend

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from smstock.evaluate.archive import Archive
    from smstock.models.base import Method


def scores(corridors: pd.DataFrame, method: type[Method]) -> tuple[float, ...]:
    """Cells, MdAPE, wMAPE, RMSLE and total bias, rounded as they were printed."""
    if not method.learns():
        totals = corridors[(corridors["sex"] == "all") & (corridors["stock"] > 0)]
        estimated = totals.assign(method=method.name, estimate=method().predict(totals))
        return rounded(estimated[estimated["estimate"] > 0])
    held_out = cross_validate(corridors, [method], np.random.default_rng(1))
    return rounded(held_out[(held_out["sex"] == "all") & (held_out["method"] == method.name)])


def rounded(cells: pd.DataFrame) -> tuple[float, ...]:
    """Cells, MdAPE, wMAPE, RMSLE and total bias of one method, rounded as they were printed."""
    (figures,) = score(cells, levels=()).to_dict("records")
    digits = {"cells": 0, "mdape": 1, "wmape": 1, "rmsle": 3, "total_bias": 1}
    return tuple(round(float(figures[name]), places) for name, places in digits.items())


SERIES = [CarryForward, Trend, FixedDampedTrend]


@pytest.fixture(scope="module")
def known(shared: Path) -> Archive:
    return eu.evidence(shared)


def nowcast(known: Archive, months_after: int) -> pd.DataFrame:
    """Estimates of 1 January 2018 by the methods that need official figures only."""
    return backtest(known, SERIES, targets=[eu.LAST], months_after=months_after).table


@pytest.fixture(scope="module")
def one_year_ahead(known: Archive) -> pd.DataFrame:
    return nowcast(known, months_after=6)


@pytest.mark.parametrize(
    ("method", "figures"),
    [
        ("carry_forward", (312, 4.0, 2.1, 0.166, -0.5)),
        ("trend", (312, 2.6, 1.1, 0.149, 0.5)),  # the reference counts years, not days: 0.55 there, 0.548 here
        ("damped_trend_fixed", (312, 2.3, 1.1, 0.133, 0.3)),
    ],
)
def test_eu_one_year_ahead(one_year_ahead: pd.DataFrame, method: str, figures: tuple[float, ...]) -> None:
    assert rounded(one_year_ahead[one_year_ahead["method"] == method]) == figures


def test_eu_one_year_ahead_the_published_posterior(shared: Path, one_year_ahead: pd.DataFrame) -> None:
    cells = one_year_ahead[one_year_ahead["method"] == "carry_forward"]
    posterior = eu.published(shared, cells)
    assert rounded(posterior) == (312, 45.4, 18.6, 0.967, -7.3)
    assert score(posterior, levels=(80,))["coverage_80"].round().tolist() == [50]


def test_eu_two_years_ahead(known: Archive) -> None:
    table = nowcast(known, months_after=0)
    assert rounded(table[table["method"] == "carry_forward"]) == (312, 8.0, 4.3, 0.318, -1.4)
    # the reference takes the growth from 2014 to 2016; where there is no figure of 2014, the nearest is taken here
    own = known.own
    then = own[own["reference_date"] == "2014-01-01"][["destination", "origin"]]
    damped = table[table["method"] == "damped_trend_fixed"].merge(then, on=["destination", "origin"])
    assert rounded(damped) == (309, 4.6, 2.3, 0.329, 0.9)


def test_eu_without_an_official_figure(shared: Path) -> None:
    assert scores(eu.eu(shared, census=False), RawAudience) == (164, 30.4, 27.5, 0.881, -11.8)


@pytest.mark.parametrize(
    ("method", "figures"), [(CarryForward, (134, 24.8, 19.9, 0.540, -15.3)), (LogRatio, (134, 21.6, 14.0, 0.392, -0.8))]
)
def test_eu_with_the_census_of_2011(shared: Path, method: type[Method], figures: tuple[float, ...]) -> None:
    corridors = eu.eu(shared, census=True)
    # the reference joined the files by name, and they do not agree on that of Czechia
    assert scores(corridors[(corridors["origin"] != "CZE") & corridors["audience"].notna()], method) == figures


def test_world_without_an_official_figure(shared: Path) -> None:
    cells, mdape, _, rmsle, _ = scores(world.world(shared), RawAudience)
    assert (cells, mdape, rmsle) == (1300, 62.4, 1.268)
