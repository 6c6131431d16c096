"""The whole repair: order of the steps, what is described, what stays as it was."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from smstock.audience.eras import BAND_SD
from smstock.audience.repair import COLLECTED, repair
from smstock.tables import AUDIENCE, check

AREAS = ("AUT", "BEL", "CHE", "DEU", "ESP", "FRA", "ITA", "NLD", "PRT", "SWE")


def waves(values: dict[str, float], changes: dict[tuple[str, str], dict[str, Any]] | None = None) -> pd.DataFrame:
    """People from Poland in ten destinations; ``changes`` are of (destination, wave)."""
    fixed: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "")
    fixed |= {"platform": "meta", "metric": "mau", "origin": "POL", "sex": "all", "age_min": 18, "age_max": None}
    fixed |= {"location_basis": "home", "placements": "all"}
    rows = []
    for place, area in enumerate(AREAS):
        for wave, value in values.items():
            size = value * (1 + place / 10)
            row = fixed | {"destination": area, "wave": wave, "status": "observed", "value": size}
            rows.append(row | {"lower": 0.99 * size, "upper": 1.01 * size} | (changes or {}).get((area, wave), {}))
    return check(pd.DataFrame(rows), AUDIENCE)


STEADY = {"2019-01": 9000.0, "2019-02": 9000.0, "2019-03": 9100.0, "2019-04": 4500.0, "2019-05": 4500.0}
FLOOR = {"status": "floored", "value": None, "lower": 0.0, "upper": 1000.0}


def test_a_break_is_chained_and_described() -> None:
    found = repair(waves(STEADY))
    row = found.breaks.to_dict("records")[0]
    assert len(found.breaks) == 1
    assert (row["wave"], row["kind"], row["origin"], row["corridors"]) == ("2019-04", "break", "", 10)
    assert row["factor"] == pytest.approx(4500 / 9100)
    assert row["least"] == pytest.approx(row["factor"])
    assert row["most"] == pytest.approx(row["factor"])
    assert row["link_sd"] > 0
    germany = found.chained[found.chained["destination"] == "DEU"].set_index("wave")
    assert germany["value"]["2019-03"] == pytest.approx(4500 * 1.3, rel=0.02)
    assert germany["link_sd"].gt(0).tolist() == [True, True, True, False, False]
    assert found.glitches.empty


def test_a_floor_among_large_waves_is_marked_and_said() -> None:
    found = repair(waves(STEADY, {("DEU", "2019-02"): FLOOR}))
    assert found.glitches[["destination", "wave", "rule", "shown"]].to_numpy().tolist() == [
        ["DEU", "2019-02", "floor", 1000.0]
    ]
    marked = found.shown[found.shown["status"] == "glitch"]
    assert marked[["value", "lower", "upper"]].isna().all(axis=None)
    assert len(found.breaks) == 1


def test_what_the_collector_marked_is_listed_too() -> None:
    marked = {"status": "glitch", "value": None, "lower": None, "upper": None}
    found = repair(waves(STEADY, {("AUT", "2019-05"): marked}))
    assert found.glitches["rule"].tolist() == [COLLECTED]
    assert found.glitches["shown"].isna().all()


def test_true_floors_stay_floors_on_the_scale_of_the_newest_wave() -> None:
    found = repair(waves(STEADY, {("SWE", wave): FLOOR for wave in STEADY}))
    sweden = found.chained[found.chained["destination"] == "SWE"].set_index("wave")
    assert (sweden["status"] == "floored").all()
    assert sweden["upper"]["2019-05"] == 1000
    assert sweden["upper"]["2019-03"] == pytest.approx(1000 * sweden["link_factor"]["2019-03"])


def test_the_change_of_display_is_a_break_of_factor_one() -> None:
    found = repair(waves({"2021-09": 9000.0, "2021-10": 9000.0, "2021-12": 9000.0}))
    row = found.breaks.to_dict("records")[0]
    assert (row["kind"], row["wave"], row["factor"], row["corridors"]) == ("display", "2021-12", 1.0, 10)
    assert row["link_sd"] == pytest.approx(BAND_SD)


def test_steady_waves_are_left_as_they_are() -> None:
    table = waves({"2019-01": 9000.0, "2019-02": 9050.0})
    found = repair(table)
    pd.testing.assert_frame_equal(found.chained[list(table.columns)], table)
    assert found.breaks.empty
    assert found.glitches.empty
