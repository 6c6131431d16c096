"""Notes and wider intervals of estimates whose audiences were repaired."""

from __future__ import annotations

import json
from math import exp, hypot, log
from typing import Any

import pandas as pd
import pytest

from smstock.audience.repair import GLITCHES, Repair
from smstock.calibrate.calibration import Calibration
from smstock.models.baselines import CarryForward
from smstock.models.trend import Minora
from smstock.nowcast.notes import with_odd_ratios, with_remarks, with_repairs
from smstock.tables import AUDIENCE, LEVELS

Z = {50: 0.674490, 80: 1.281552, 95: 1.959964}


def calibration() -> Calibration:
    return Calibration(
        name="x", query="q", wave="2019-05", provider="p", edition="1", concepts=("birth",), target_date="2018-01-01",
        methods={"minora": Minora(), "carry_forward": CarryForward()}, ranking=("minora", "carry_forward"),
        lag=1.0, inputs={}, versions={}, seed=1,
    )  # fmt: skip


def estimates(**more: Any) -> pd.DataFrame:
    row = {"destination": "DEU", "origin": "POL", "sex": "all", "median": 1000.0, "method": "minora", "notes": ""}
    ends = {f"{end}_{level}": 1000 * 1.1**sign for level in LEVELS for end, sign in (("lower", -1), ("upper", 1))}
    return pd.DataFrame([row | ends | {"official_last_date": "2019-01-15", "audience": 500.0} | more])


def repair(glitch: str = "") -> Repair:
    """Waves before and after a link of factor 0.5 whose logarithm has a standard deviation of 0.1."""
    fixed: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "")
    fixed |= {"platform": "meta", "metric": "mau", "origin": "POL", "destination": "DEU", "sex": "all", "age_min": 18}
    fixed |= {"age_max": None, "status": "observed"}
    rows = pd.DataFrame([fixed | {"wave": "2019-01", "value": 1000.0}, fixed | {"wave": "2019-05", "value": 500.0}])
    chained = rows.assign(value=[500.0, 500.0], link_factor=[0.5, 1.0], link_sd=[0.1, 0.0])
    glitches = rows.iloc[[1]][list(GLITCHES)].assign(rule="floor", shown=1000.0) if glitch else rows.iloc[:0]
    breaks = pd.DataFrame()
    return Repair(rows, chained, glitches.reset_index(drop=True), breaks)


def repaired(table: pd.DataFrame, found: Repair) -> dict[str, Any]:
    row = with_repairs(table, found, calibration(), wave="2019-05", metric="mau").iloc[0]
    return json.loads(row.to_json())  # type: ignore[no-any-return]


def test_the_error_of_a_link_widens_what_rests_on_growth() -> None:
    row = repaired(estimates(), repair())
    for level in LEVELS:
        width = hypot(log(1.1), Z[level] * 0.1)
        assert row[f"upper_{level}"] == pytest.approx(1000 * exp(width), rel=1e-5)
        assert row[f"lower_{level}"] == pytest.approx(1000 / exp(width), rel=1e-5)
    assert row["notes"] == "earlier audience multiplied by 0.50 to chain a break (sd 10 %)"


@pytest.mark.parametrize(
    "more",
    [
        {"method": "carry_forward"},
        {"method": "none", "median": None},
        {"official_last_date": "2019-05-10"},  # no earlier wave within a year: 2019-01 is, but not of this corridor
    ],
)
def test_other_rows_stay_as_they_are(more: dict[str, Any]) -> None:
    table = estimates(**more)
    if "official_last_date" in more:
        table["origin"] = "ROU"
    row = repaired(table, repair())
    assert row["upper_80"] == pytest.approx(1100)
    assert row["notes"] == ""


def test_women_and_men_share_the_link_of_both() -> None:
    assert repaired(estimates(sex="female"), repair())["upper_80"] > 1150


def test_a_glitch_is_noted_after_what_is_said_already() -> None:
    table = estimates(method="carry_forward", notes="no audience (glitch)")
    said = repaired(table, repair("floor"))["notes"]
    assert said == "no audience (glitch); 1,000 accounts shown, taken out as a glitch (floor)"


@pytest.mark.parametrize(
    ("before", "note"),
    [
        (88_177.0, "the last official figure is 2.3 times the one before (88,177 of 2015-07-01)"),
        (500_000.0, "the last official figure is 0.4 times the one before (500,000 of 2015-07-01)"),
        (130_129.0, ""),
        (0.0, ""),
    ],
)
def test_a_jump_of_the_official_series_is_noted(before: float, note: str) -> None:
    last = {"official_last": 199_691.0, "official_last_date": "2020-07-01"}
    ends = {"destination": "DEU", "origin": "POL", "sex": "all", "flags": ""}
    figures = [("2010-07-01", 1.0), ("2015-07-01", before), ("2020-07-01", 199_691.0), ("2021-07-01", 9.0)]
    stock = pd.DataFrame([ends | {"reference_date": day, "value": value} for day, value in figures if value])
    table = with_remarks(estimates(**last), stock if before else stock[stock["reference_date"] >= "2020"])
    assert table["notes"].tolist() == [note]


@pytest.mark.parametrize(("median", "noted"), [(640.0, True), (32_000.0, False), (500_000.0, True), (None, False)])
def test_persons_per_account_unlike_those_of_corridors_with_a_figure_are_noted(
    median: float | None, noted: bool
) -> None:
    """Typically 2 persons an account; 16,000 accounts are between 3,200 and 320,000 persons, ten times more or less."""
    rows = pd.DataFrame({"regime": ["stale", "stale", "none"], "median": [2e3, 4e3, median], "sex": "all", "notes": ""})
    notes = with_odd_ratios(rows.assign(audience=[1e3, 2e3, 16e3]))["notes"]
    assert [bool(note) for note in notes] == [False, False, noted]
