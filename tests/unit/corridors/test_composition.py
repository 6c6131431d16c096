"""What a corridor table says of its audience, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from smstock.corridors.composition import with_composition
from smstock.corridors.history import audience_typical

KEY = ["destination", "origin", "sex"]


def corridor(destination: str, origin: str, sex: str, audience: float | None) -> dict[str, object]:
    return {
        "destination": destination,
        "origin": origin,
        "sex": sex,
        "audience": audience,
        "audience_upper": audience or 1000.0,
    }


def cell(origin: str, value: float | None, **other: object) -> dict[str, object]:
    of: dict[str, object] = {"destination": "AUT", "origin": origin, "sex": "all", "education": "", "relationship": ""}
    of |= {"dimension": "", "age_min": 13, "age_max": None, "metric": "mau", "value": value, "upper": value or 1000.0}
    return of | other


def group(youngest: int, oldest: int | None, value: float | None, **other: object) -> dict[str, object]:
    return cell("DEU", value, age_min=youngest, age_max=oldest) | other


AUSTRIA = pd.DataFrame([corridor("AUT", "DEU", "all", 130_000.0), corridor("AUT", "POL", "all", 20_000.0)])
ANSWERS = [cell("DEU", 130_000.0), cell("POL", 20_000.0)]


def test_shares_of_ages_and_women_and_what_lies_below_the_floor() -> None:
    table = pd.DataFrame(
        [corridor("AUT", "DEU", sex, count) for sex, count in (("all", 1e4), ("female", 4e3), ("male", 6e3))]
    )
    cells = [group(13, None, 1e4), group(18, 24, 2e3), group(65, None, None), group(18, 24, 5.0, education="low")]
    found = with_composition(table, pd.DataFrame([*cells, group(18, 24, 7e3, metric="dau")]))
    assert found["share_age_18_24"].tolist() == pytest.approx([0.2] * 3)
    assert found["share_age_65_over"].tolist() == pytest.approx([0.05] * 3)
    assert found["share_female"].tolist() == pytest.approx([0.4] * 3)
    assert "audience_foreign" not in found.columns


def test_daily_accounts_come_with_the_answers_of_the_wave() -> None:
    daily = [cell("DEU", 91_000.0, metric="dau"), cell("POL", None, metric="dau")]
    found = with_composition(AUSTRIA, pd.DataFrame([*ANSWERS, *daily]))
    assert found["audience_daily"].tolist()[:1] == [91_000.0]
    assert found["audience_daily"].isna().tolist() == [False, True]
    assert "audience_daily" not in with_composition(AUSTRIA, pd.DataFrame(ANSWERS))
    assert "audience_daily" not in with_composition(AUSTRIA, pd.DataFrame([*ANSWERS, *daily]), metric="dau")


def test_daily_accounts_are_moved_to_the_usual_audience() -> None:
    index = pd.MultiIndex.from_tuples([("AUT", "DEU", "all")], names=KEY)
    answers = pd.DataFrame([*ANSWERS, cell("DEU", 91_000.0, metric="dau"), cell("POL", 9_000.0, metric="dau")])
    found = with_composition(AUSTRIA, answers, usual=pd.Series([100_000.0], index))
    assert found["audience_typical"].tolist()[:1] == [100_000.0]
    assert found["audience_daily"].tolist() == pytest.approx([91_000 * 100_000 / 130_000, 9_000.0])


def test_the_own_category_of_the_platform_goes_before_a_sum_over_the_origins_asked() -> None:
    summed = with_composition(AUSTRIA, pd.DataFrame(ANSWERS))
    assert summed["audience_foreign"].tolist() == [150_000.0] * 2
    assert summed["audience_foreign_basis"].tolist() == ["asked"] * 2
    category = with_composition(AUSTRIA, pd.DataFrame([*ANSWERS, cell("WLD", 900_000.0)]))
    assert category["audience_foreign"].tolist() == [900_000.0] * 2
    assert category["audience_foreign_basis"].tolist() == ["category"] * 2
    assert category["origin"].tolist() == ["DEU", "POL"]


def test_the_sum_over_the_origins_asked_is_one_of_usual_audiences() -> None:
    index = pd.MultiIndex.from_tuples([("AUT", "DEU", "all"), ("AUT", "POL", "all")], names=KEY)
    found = with_composition(AUSTRIA, pd.DataFrame(ANSWERS), usual=pd.Series([100_000.0, 30_000.0], index))
    assert found["audience_foreign"].tolist() == [130_000.0] * 2


def test_an_origin_below_the_floor_counts_as_the_most_it_can_be() -> None:
    table = pd.concat([AUSTRIA, pd.DataFrame([corridor("AUT", "LUX", "all", None)])], ignore_index=True)
    assert with_composition(table, pd.DataFrame(ANSWERS))["audience_foreign"].tolist() == [151_000.0] * 3


def test_where_the_category_has_no_number_there_is_none() -> None:
    table = pd.concat([AUSTRIA, pd.DataFrame([corridor("CHE", "DEU", "all", 5_000.0)])], ignore_index=True)
    answers = [*ANSWERS, cell("WLD", 900_000.0), cell("WLD", None, destination="CHE")]
    found = with_composition(table, pd.DataFrame(answers)).set_index("destination")
    assert found.loc["CHE", "audience_foreign_basis"] == ""
    assert found["audience_foreign"].isna()["CHE"]


def test_of_a_category_asked_by_age_the_widest_group_counts() -> None:
    category = [cell("WLD", 9e4, age_min=18, age_max=24), cell("WLD", 9e5), cell("WLD", 8e4, education="low")]
    table = with_composition(AUSTRIA, pd.DataFrame([*ANSWERS, *category]))
    assert table["audience_foreign"].tolist() == [9e5, 9e5]


def test_what_is_usual_is_the_median_of_the_last_hundred_days_with_floors_and_without_glitches() -> None:
    rows = [("2018-02", 9e9, "observed"), ("2018-03", 1400.0, "observed"), ("2018-04", None, "floored")]
    rows += [("2018-05", None, "glitch"), ("2018-06", 1200.0, "observed"), ("2018-07", 9e9, "observed")]
    waves = pd.DataFrame([cell("DEU", value, wave=wave, status=status) for wave, value, status in rows])
    # March 1400, April at most 1000, June 1200; February is 120 days before June
    assert audience_typical(waves, wave="2018-06").to_dict() == {("AUT", "DEU", "all"): 1200.0}
