"""The tables of a repair, and the series that is drawn."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from smstock.audience.repair import Repair, repair
from smstock.errors import InputError
from smstock.report.audiences import MOST_GLITCHES, glitches_table, picture, series
from smstock.tables import AUDIENCE, check


@pytest.fixture(scope="module")
def repaired() -> Repair:
    rows = []
    for place, area in enumerate(("AUT", "BEL", "CHE", "DEU", "ESP", "FRA", "ITA", "NLD")):
        for wave, value in (("2019-01", 9000), ("2019-02", 9000), ("2019-03", 9000), ("2019-04", 4500)):
            size = value * (1 + place)
            row: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "") | {
                "platform": "meta",
                "metric": "mau",
                "origin": "POL",
            }
            row |= {"sex": "all", "age_min": 18, "age_max": None, "destination": area, "wave": wave}
            row |= {"location_basis": "home", "placements": "all"}
            row |= {"status": "observed", "value": size, "lower": 0.99 * size, "upper": 1.01 * size}
            if (area, wave) == ("NLD", "2019-02"):
                row |= {"status": "floored", "value": None, "lower": 0, "upper": 1000}
            rows.append(row)
    return repair(check(pd.DataFrame(rows), AUDIENCE))


def test_the_largest_corridor_is_drawn_unless_one_is_named(repaired: Repair) -> None:
    assert set(series(repaired, metric="mau")["destination"]) == {"NLD"}
    assert set(series(repaired, metric="mau", origin="POL", destination="AUT")["destination"]) == {"AUT"}


def test_a_series_has_both_scales_a_band_and_its_glitches(repaired: Repair) -> None:
    drawn = series(repaired, metric="mau").set_index("wave")
    assert drawn["shown"]["2019-01"] == 72_000
    assert drawn["chained"]["2019-01"] == pytest.approx(36_000, rel=0.01)
    assert drawn["chained"]["2019-04"] == drawn["upper"]["2019-04"] == 36_000
    assert drawn["lower"]["2019-01"] < drawn["chained"]["2019-01"] < drawn["upper"]["2019-01"]
    assert drawn.index[drawn["glitch"]].tolist() == ["2019-02"]
    assert picture(drawn.reset_index()).startswith(b"\x89PNG")


def test_what_is_in_no_wave_cannot_be_drawn(repaired: Repair) -> None:
    with pytest.raises(InputError, match="no wave holds POL:USA in mau"):
        series(repaired, metric="mau", origin="POL", destination="USA")
    with pytest.raises(InputError, match="no wave holds a corridor in dau"):
        series(repaired, metric="dau")


def test_many_glitches_are_counted_not_listed(repaired: Repair) -> None:
    many = pd.concat([repaired.glitches] * (MOST_GLITCHES + 3), ignore_index=True)
    table = glitches_table(many)
    assert table.row_count == MOST_GLITCHES
    console = Console(width=100, record=True)
    console.print(table)
    assert "3 glitches more" in " ".join(console.export_text().split())
