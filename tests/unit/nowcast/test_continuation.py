"""Short series beside registers: continued where the model over time continues these, by the path of a nowcast."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.calibration import Calibration
from smstock.calibrate.register import PastScore, Register
from smstock.corridors.table import corridors
from smstock.evaluate.archive import Archive
from smstock.models.conformal import HalfWidth, HalfWidths
from smstock.nowcast.estimate import estimate
from smstock.tables import AUDIENCE, STOCK

PLACES = ("AUT", "BEL", "CHE", "DEU", "DNK")
ORIGINS = ("BGR", "HRV", "HUN", "POL", "ROU", "SRB")
DATE = "2019-01-01"
GROWTH = 0.08
SHORT = ("DNK", "SRB")
"""The corridor of which only the figures of 2017 and 2018 are known."""


def series() -> pd.DataFrame:
    """Return yearly figures of 30 corridors that grow alike but for noise."""
    rng = np.random.default_rng(4)
    rows = [
        (place, origin, f"{year}-01-01", start * np.exp(GROWTH * (year - 2012) + 0.01 * rng.standard_normal()))
        for place in PLACES
        for origin in ORIGINS
        for start in [rng.uniform(2_000, 20_000)]
        for year in range(2012, 2019)
        if (place, origin) != SHORT or year >= 2017
    ]
    table = pd.DataFrame(rows, columns=["destination", "origin", "reference_date", "value"])
    fixed = {"provider": "eurostat", "dataset": "d", "edition": "e", "concept": "birth", "flags": "", "sex": "all"}
    return table.assign(**fixed, age_min=0, age_max=None, retrieved_at="")[[*STOCK.names]]


@cache
def nowcast(method: str, until: str = "2019") -> pd.DataFrame:
    official = series()
    official = official[official["reference_date"] < until].reset_index(drop=True)
    register = Register(
        horizon=1, method=method, reason="it was best", skill=0.3, cells=90, dates=3,
        scores=(PastScore(method, 0.1, 2.0), PastScore("carry_forward", 0.2, 4.0)),
        half_widths=HalfWidths((HalfWidth("all", 80, "all", 0.05),)),
    )  # fmt: skip
    calibration = Calibration(
        name="c", query="q", wave="2019-01", provider="eurostat", edition="e", concepts=("birth",), target_date=DATE,
        inputs={}, versions={}, seed=1, registers=(register,),
    )  # fmt: skip
    nothing = pd.DataFrame(columns=[*AUDIENCE.names])
    table = corridors(nothing, official, target_date=DATE, known_until=DATE, benchmark=False, with_unasked=True)
    estimates = estimate(table, calibration, Archive(official, nothing), wave="2019-01", date=DATE, stock=official)
    return estimates[estimates["sex"] == "all"].reset_index(drop=True)


def of_short(table: pd.DataFrame) -> dict[str, Any]:
    """Return the row of the short series."""
    rows = table.to_dict("records")
    (row,) = (row for row in rows if (row["destination"], row["origin"]) == SHORT)
    return {str(name): value for name, value in row.items()}


def test_a_short_series_is_continued_as_the_longer_ones_beside_it() -> None:
    row = of_short(nowcast("fusion"))
    assert (row["regime"], row["method"]) == ("register", "fusion")
    assert row["reason"] == (
        "2 official figures, every 1.0 years, the last of 2018-01-01, 1.0 years old; a short series, continued as the "
        "longer ones beside it; fusion: it was best"
    )
    figures = series()
    last = figures[figures["reference_date"] == "2018-01-01"]
    before = float(last.loc[(last["destination"] == SHORT[0]) & (last["origin"] == SHORT[1]), "value"].iloc[0])
    # what its own two figures and the growth of all others say, give or take their noise
    assert np.log(row["median"] / before) == pytest.approx(GROWTH, abs=0.03)
    assert row["upper_80"] / row["median"] == pytest.approx(np.exp(0.05), rel=1e-3)


def test_a_short_series_is_left_to_other_methods_where_registers_are_continued_one_by_one() -> None:
    table = nowcast("trend")
    row = of_short(table)
    assert (row["regime"], row["method"]) == ("stale", "carry_forward")
    assert table["method"].value_counts().to_dict() == {"trend": 29, "carry_forward": 1}


def test_a_single_figure_is_no_series() -> None:
    """Of the figures until 2017 that corridor has one."""
    assert of_short(nowcast("fusion", until="2018"))["regime"] == "stale"
