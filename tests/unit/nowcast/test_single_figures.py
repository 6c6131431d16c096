"""Figures that nothing could test: what they changed by elsewhere, and which corridors are carried forward."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.calibration import Calibration
from smstock.calibrate.learnt import Score
from smstock.models.baselines import CarryForward, RawAudience
from smstock.models.conformal import HalfWidth, HalfWidths, place_of_band
from smstock.nowcast.estimate import combined
from smstock.nowcast.single_figures import CHANGES, carried, change
from smstock.tables import CORRIDOR
from smstock.vocabulary.sizes import BANDS

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.models.base import Method


def test_changes_are_those_of_the_real_figures(shared: Path) -> None:
    figures = pd.read_csv(shared / "benchmarks/eu28/eurostat_birth_15_64.csv").query("stock > 0")
    for years in (1, 2, 3):
        earlier = figures.assign(year=figures["year"] + years)
        both = figures.merge(earlier, on=["origin", "destination", "year"], suffixes=("", "_last"))
        size = np.abs(np.log(both["stock"] / both["stock_last"]))
        for place in range(len(BANDS)):
            of_band = size[place_of_band(both["stock_last"].to_numpy()) == place]
            assert CHANGES["rmsle"][years - 1][place] == pytest.approx(np.sqrt((of_band**2).mean()), abs=6e-4)
            for level in (50, 80, 95):
                assert CHANGES[level][years - 1][place] == pytest.approx(of_band.quantile(level / 100), abs=6e-4)


def test_a_change_grows_with_age_and_shrinks_with_size() -> None:
    ages = np.linspace(0, 3, 31)
    for name in CHANGES:
        of_ages = [change(name, ages, persons) for persons in (50.0, 500.0, 5e3, 5e4)]
        assert all((np.diff(moved) > 0).all() for moved in of_ages)
        assert all((more >= less).all() for more, less in itertools.pairwise(of_ages))
        assert [moved[0] for moved in of_ages] == [0.0] * 4


def learnt(*methods: Method, rmsle: float) -> Calibration:
    return Calibration(
        name="c",
        query="q",
        wave="2017-01",
        provider="census",
        edition="2016",
        concepts=("birth",),
        target_date="2016-07-01",
        inputs={},
        versions={},
        seed=1,
        sex_sources=("official_last", "audience"),
        methods={method.name: method for method in methods},
        ranking=tuple(method.name for method in methods),
        scores=tuple(Score(method.name, "all", 505, rmsle) for method in methods),
        half_widths={"raw_audience": HalfWidths(tuple(HalfWidth("all", level, "all", 0.4) for level in (50, 80, 95)))},
    )


def corridors(lag: float, figure: float = 200_000.0, *, origin: str = "IND") -> pd.DataFrame:
    rows = [
        {"destination": "USA", "origin": origin, "sex": sex, "audience": audience, "lag": lag, "official_last": of_sex}
        | {"audience_status": "observed"}
        for sex, audience, of_sex in (
            ("all", 100_000.0, figure),
            ("female", 50_000.0, 0.25 * figure),
            ("male", 50_000.0, 0.75 * figure),
        )
    ]
    return pd.DataFrame(rows).reindex(columns=[*CORRIDOR.names])


def finished(table: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    totals = table[table["sex"] == "all"]
    evidence = totals[["destination", "origin", "official_last"]].assign(
        regime="stale", reason="one official figure", scaled=None, excess=None
    )
    return combined(
        table, calibration, wave="2017-01", reference_date="2017-01-15", evidence=evidence, continued=pd.DataFrame()
    ).set_index("sex")


def test_a_fresh_figure_is_carried_forward_and_says_that_nothing_tested_it() -> None:
    table = finished(corridors(1.0), learnt(RawAudience(), rmsle=0.33))
    assert table["method"].unique().tolist() == ["carry_forward"]
    assert table["median"].tolist() == pytest.approx([200_000, 50_000, 150_000])
    both: Any = table.loc["all"].to_dict()
    assert np.log(both["upper_80"] / 200_000) == pytest.approx(0.056)
    assert np.log(both["lower_95"] / 200_000) == pytest.approx(-0.117)
    assert "nothing here could test a method that rests on a figure" in both["reason"]
    assert np.isnan(both["skill_vs_carry_forward"])


@pytest.mark.parametrize(
    ("lag", "figure", "rmsle"),
    [(3.5, 2e5, 0.33), (0.5, 0.0, 0.33), (3.0, 500.0, 0.33), (1.0, 2e5, 0.05)],
    ids=["older than three years", "nobody counted", "small figures change more", "the audience errs less"],
)
def test_a_figure_is_left_where_the_audience_says_more(lag: float, figure: float, rmsle: float) -> None:
    table = finished(corridors(lag, figure), learnt(RawAudience(), rmsle=rmsle))
    assert table["method"].unique().tolist() == ["raw_audience"]
    assert table["median"].tolist()[0] == 100_000


def test_what_was_tested_decides() -> None:
    """Where carrying forward could be tested, the ranking stands, whatever changed elsewhere."""
    calibration = learnt(RawAudience(), CarryForward(), rmsle=0.33)
    table = finished(corridors(0.5), calibration)
    assert table["method"].unique().tolist() == ["raw_audience"]
    medians = corridors(0.5).assign(method="raw_audience", horizon=0)
    assert not carried(medians, calibration).any()


def test_methods_that_were_asked_for_are_used() -> None:
    table = combined(
        corridors(0.5),
        learnt(RawAudience(), rmsle=0.33),
        wave="2017-01",
        reference_date="2017-01-15",
        evidence=corridors(0.5)
        .head(1)[["destination", "origin", "official_last"]]
        .assign(regime="stale", reason="", scaled=None, excess=None),
        continued=pd.DataFrame(),
        methods=["raw_audience"],
    )
    assert table["method"].unique().tolist() == ["raw_audience"]
