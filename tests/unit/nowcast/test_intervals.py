"""Intervals of women, men and both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.calibrate.calibration import Calibration
from smstock.models.baselines import RawAudience
from smstock.models.conformal import HalfWidth, HalfWidths
from smstock.nowcast.intervals import with_intervals
from smstock.tables import LEVELS

if TYPE_CHECKING:
    from smstock.corridors.sexes import Kind


def estimated(of_both: float, of_sex: float) -> pd.DataFrame:
    """Intervals of 100 persons, 60 of them women, by half widths of both sexes and of one."""
    logs: dict[Kind, float] = {"all": of_both, "sex": of_sex}
    widths = [HalfWidth(kind, level, "all", log) for kind, log in logs.items() for level in LEVELS]
    calibration = Calibration(
        name="c", query="q", wave="2020-10", provider="undesa", edition="2020", concepts=("birth",),
        target_date="2020-07-01", inputs={}, versions={}, seed=1, methods={"raw_audience": RawAudience()},
        half_widths={"raw_audience": HalfWidths(tuple(widths))},
    )  # fmt: skip
    row = {"destination": "AUT", "origin": "SRB", "base": "raw_audience", "horizon": 0, "lag": None, "shift": 0.0}
    medians = {"all": 100.0, "female": 60.0, "male": 40.0}
    table = pd.DataFrame([row | {"sex": sex, "median": median} for sex, median in medians.items()])
    return with_intervals(table, calibration).set_index("sex")


def test_women_alone_and_men_alone_are_never_more_than_both() -> None:
    table = estimated(of_both=0.1, of_sex=1.0)
    for level in LEVELS:
        assert table[f"upper_{level}"].tolist() == pytest.approx([110.517, 110.517, 108.731], abs=1e-3)
        assert table[f"lower_{level}"].tolist() == pytest.approx([90.484, 22.073, 14.715], abs=1e-3)


def test_where_nothing_bounds_both_nothing_bounds_women() -> None:
    table = estimated(of_both=float("inf"), of_sex=1.0)
    assert table[[f"upper_{level}" for level in LEVELS]].isna().all(axis=None)
