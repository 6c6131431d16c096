from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from smstock.errors import TooFewCellsError
from smstock.models.fusion import fit as fitting
from smstock.models.fusion.filter import run
from smstock.models.fusion.fit import fit
from smstock.models.fusion.forecast import stocks_at
from smstock.models.fusion.panel import panel
from smstock.models.fusion.parameters import point

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = "2017-01-01"


@pytest.fixture(scope="module")
def figures(series: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return series(7)


def test_a_damped_trend_is_learnt_and_beats_carrying_forward(figures: pd.DataFrame) -> None:
    known = figures[figures["reference_date"] < TARGET]
    made = panel(known, dates=[TARGET])
    fitted = fit(made)
    table = stocks_at(made, fitted, TARGET).set_index(["destination", "origin"])
    truth = figures[figures["reference_date"] == TARGET].set_index(["destination", "origin"])["value"]
    last = known[known["reference_date"] == "2016-01-01"].set_index(["destination", "origin"])["value"]
    off, carried = (np.abs(np.log(found / truth)).mean() for found in (table["median"], last))
    assert off < 0.6 * carried
    apart = np.abs(np.log(truth / table["median"])) / table["sd"]
    assert 0.7 < apart.median() / 0.674 < 1.4


def test_the_same_panel_gives_the_same_fit(figures: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    made = panel(figures[figures["reference_date"] < "2014-01-01"])
    points = []
    for _ in range(2):
        monkeypatch.setattr(fitting, "_LEARNT", {})
        points.append(fit(made, points=2).points)
    np.testing.assert_array_equal(points[0], points[1])


def test_the_same_figures_are_learnt_from_once_for_all_horizons_and_others_anew(
    figures: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "_LEARNT", {})
    known = figures[figures["reference_date"] < "2014-01-01"]
    next_year, year_after = (fit(panel(known, dates=[day]), points=2) for day in ("2014-01-01", "2015-01-01"))
    np.testing.assert_array_equal(next_year.points, year_after.points)
    assert len(fitting._LEARNT) == 1
    revised = known.assign(value=known["value"].where(np.arange(len(known)) > 0, 2 * known["value"]))
    assert (fit(panel(revised), points=2).points != next_year.points).any()
    assert len(fitting._LEARNT) == 2


def test_no_neighbour_of_the_mode_is_more_probable(figures: pd.DataFrame) -> None:
    made = panel(figures)
    fitted = fit(made, points=2)
    rows = fitted.mode + 0.2 * np.concatenate([np.eye(len(fitted.mode)), -np.eye(len(fitted.mode))])
    best = run(made, fitted.at_mode()).log_likelihood[0]
    around = run(made, point(fitted.parameters, rows)).log_likelihood
    # the prior adds at most 0.2 / sd times the distance of the mode from its centre
    assert (around < best + 3).all()


def test_a_series_of_one_figure_is_not_enough() -> None:
    once = pd.DataFrame(
        {"destination": "AUT", "origin": ["SRB", "POL"], "reference_date": "2015-01-01", "value": 9.0, "source": "a"}
    )
    with pytest.raises(TooFewCellsError, match="0 figures of a follow an earlier one"):
        fit(panel(once))


def test_further_sources_and_audiences_teach_their_offset_and_elasticity(series: Callable[..., pd.DataFrame]) -> None:
    rng = np.random.default_rng(2)
    figures = series(11, years=10, growth=0.15)
    census = figures[figures["reference_date"] == "2014-01-01"]
    census = census.assign(
        reference_date="2014-05-09",
        source="census",
        value=0.9 * census["value"] * np.exp(0.02 * rng.standard_normal(48)),
    )
    levels = np.log(figures.set_index(["destination", "origin", "reference_date"])["value"])
    waves = levels[levels.index.get_level_values(2) >= "2015-01-01"].rename("value").reset_index()
    waves = waves.assign(value=100 * np.exp(0.7 * waves["value"]), metric="mau").rename(
        columns={"reference_date": "date"}
    )
    fitted = fit(panel(pd.concat([figures, census]), waves, main="register"))
    at = fitted.at_mode()
    assert at["offset:census"][0, 0] == pytest.approx(np.log(0.9), abs=0.05)
    assert at["spread:census"][0, 0] < 0.06
    assert at["elasticity:mau"][0, 0] == pytest.approx(0.7, abs=0.15)
