from __future__ import annotations

import math

import pandas as pd
import pytest

from smstock.audience.eras import BAND, BAND_SD, LINK, SERIES, era, era_links, series_numbers
from smstock.platforms.meta.rounding import point_of_bounds


def rows(*cells: tuple[str, str, str, float]) -> pd.DataFrame:
    fixed = dict.fromkeys(SERIES, "") | {"platform": "meta", "status": "observed", "origin": "POL"}
    return pd.DataFrame(
        [fixed | {"metric": m, "wave": w, "destination": d, "value": v} for m, w, d, v in cells],
    )


@pytest.mark.parametrize(("wave", "expected"), [("2021-10", "point"), ("2021-11", "bounds"), ("2026-11", "bounds")])
def test_bounds_begin_in_november_2021(wave: str, expected: str) -> None:
    assert era(wave) == expected


def test_the_midpoint_of_the_band_is_within_its_spread_of_any_count_inside() -> None:
    upper = 200_000
    middle = point_of_bounds(int(BAND * upper), upper)
    assert middle == 0.925 * upper
    # a uniform logarithm lies within sqrt(3) standard deviations of its mean
    assert abs(math.log(upper / middle)) < math.sqrt(3) * BAND_SD + 0.01
    assert pytest.approx(0.0469, abs=1e-4) == BAND_SD


def test_a_series_over_both_eras_is_linked_by_1_with_the_spread_of_the_band() -> None:
    audience = rows(("mau", "2021-09", "DEU", 5e3), ("mau", "2024-05", "DEU", 5e3), ("mau", "2024-06", "AUT", 5e3))
    links = era_links(audience)
    assert list(links.columns) == list(LINK)
    assert sorted(links["destination"]) == ["AUT", "DEU"]
    assert set(links["wave"]) == {"2024-05"}
    assert set(links["factor"]) == {1.0}
    assert set(links["link_sd"]) == {BAND_SD}


@pytest.mark.parametrize("waves", [("2019-03", "2019-04"), ("2024-05", "2026-11")])
def test_within_an_era_there_is_no_link(waves: tuple[str, str]) -> None:
    assert era_links(rows(*(("mau", wave, "DEU", 5e3) for wave in waves))).empty


def test_another_platform_has_no_eras_of_meta() -> None:
    audience = rows(("mau", "2021-09", "DEU", 5e3), ("mau", "2024-05", "DEU", 5e3)).assign(platform="linkedin")
    assert era_links(audience).empty


def test_series_are_told_by_every_facet_and_not_by_the_wave() -> None:
    audience = rows(*(("mau", wave, area, 5e3) for wave in ("2018-05", "2018-06") for area in ("DEU", "AUT")))
    audience["age_max"] = [None, None, None, 64]
    assert series_numbers(audience).tolist() == [0, 1, 0, 2]
