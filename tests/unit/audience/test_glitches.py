from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.audience.glitches import glitch_reasons, without_glitches
from smstock.tables import AUDIENCE, check

FLOOR = 1000.0
WAVES = ("2018-03", "2018-04", "2018-05", "2018-06", "2018-07", "2018-08")


def row(wave: str, value: float | None, metric: str = "mau", **changes: Any) -> dict[str, Any]:
    """One row: a number as an observation, None as the floor."""
    fixed: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "")
    fixed |= {"platform": "meta", "destination": "DEU", "origin": "POL"}
    fixed |= {"sex": "all", "location_basis": "home", "placements": "all"}
    shown: dict[str, Any] = {"value": value, "lower": value, "upper": value, "status": "observed"}
    if value is None:
        shown = {"value": None, "lower": 0.0, "upper": FLOOR, "status": "floored"}
    return {**fixed, "age_min": 18, "age_max": None, "metric": metric, "wave": wave, **shown, **changes}


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return check(pd.DataFrame(rows), AUDIENCE)


def series(*values: float | None, **changes: Any) -> list[dict[str, Any]]:
    return [row(wave, value, **changes) for wave, value in zip(WAVES, values, strict=False)]


def reasons(*values: float | None, breaks: tuple[str, ...] = ()) -> list[str]:
    return glitch_reasons(table(series(*values)), breaks).tolist()


def test_a_floor_among_large_values_is_a_glitch() -> None:
    assert reasons(3000, None, 3100) == ["", "floor", ""]


def test_a_floor_among_values_below_three_times_the_floor_is_a_floor() -> None:
    assert reasons(2900, None, 2900) == ["", "", ""]


def test_the_newest_wave_is_judged_by_those_before_it() -> None:
    assert reasons(60_000, 61_000, None) == ["", "", "floor"]


def test_a_corridor_that_grows_out_of_the_floor_had_true_floors() -> None:
    assert reasons(None, None, None, 1500, 2500, 3500) == [""] * 6


def test_values_of_another_regime_are_no_neighbours() -> None:
    assert reasons(60_000, 61_000, None, None, breaks=("2018-05",)) == [""] * 4
    assert "floor" in reasons(60_000, 61_000, None, None)


def test_a_deduced_cell_rests_on_the_floor_of_its_parent() -> None:
    rows = series(60_000, None, 61_000)
    rows[1]["status"] = "deduced"
    assert glitch_reasons(table(rows)).tolist() == ["", "floor", ""]


def test_daily_accounts_above_the_floor_show_a_glitch_in_one_wave_and_stay() -> None:
    rows = [row("2019-04", None), row("2019-04", 3232, "dau"), row("2019-04", None, destination="AUT")]
    assert glitch_reasons(table(rows)).tolist() == ["daily", "", ""]


def test_daily_accounts_at_most_the_floor_show_nothing() -> None:
    bound = row("2019-04", None, "dau", upper=723.0)
    assert glitch_reasons(table([row("2019-04", None), bound])).tolist() == ["", ""]


def test_daily_accounts_beside_a_glitch_are_the_floor_times_a_share() -> None:
    bound = row("2018-04", None, "dau", upper=723.0)
    rows = [*series(60_000, None, 61_000), bound]
    assert glitch_reasons(table(rows)).tolist() == ["", "floor", "", "share"]
    known = [row("2018-04", None, lower=None, upper=None, status="glitch"), bound]
    assert glitch_reasons(table(known)).tolist() == ["", "share"]


def test_a_spike_comes_and_goes() -> None:
    assert reasons(1100, 1100, 16_000, 31_000, 1100, 1200) == ["", "", "spike", "spike", "", ""]
    assert reasons(40_000, 5000, 41_000) == ["", "spike", ""]


def test_a_surge_at_the_end_of_a_series_is_kept() -> None:
    assert reasons(1100, 1100, 16_000) == ["", "", ""]
    assert reasons(1100, 1100, 16_000, 31_000) == [""] * 4


def test_a_value_between_glitches_is_no_spike() -> None:
    assert reasons(None, 48_000, None) == ["floor", "", "floor"]


def raised(amounts: list[float]) -> pd.DataFrame:
    """Five destinations, two quiet waves, then a rise at the end of the series."""
    quiet = {"AUT": 400.0, "BEL": 1100.0, "CYP": 230.0, "DNK": 2300.0, "EST": 300.0}
    rows = [
        line
        for (destination, value), amount in zip(quiet.items(), amounts, strict=True)
        for line in series(value, value * 1.05, value + amount, destination=destination, origin="LVA")
    ]
    return table(rows)


def test_a_row_raised_by_one_number_of_accounts_is_a_glitch() -> None:
    found = glitch_reasons(raised([15_300, 15_200, 23_000, 15_300, 15_000]))
    assert found.tolist() == ["", "", "row"] * 5


def test_a_crisis_raises_corridors_in_proportion_and_is_kept() -> None:
    assert glitch_reasons(raised([400 * 4, 1100 * 4, 230 * 4, 2300 * 4, 300 * 4])).eq("").all()


def test_a_destination_without_a_history_is_judged_by_its_row() -> None:
    audience = raised([15_300, 15_200, 23_000, 15_300, 15_000])
    added = table(
        [row("2018-05", value, destination=place, origin="LVA") for place, value in (("FIN", 15_500), ("FRA", 2e6))]
    )
    assert glitch_reasons(pd.concat([audience, added], ignore_index=True)).tolist()[-2:] == ["row", ""]


def test_marking_takes_the_numbers_and_touches_nothing_else() -> None:
    audience = table([*series(60_000, None, 61_000), *series(None, None, 1100, destination="AUT")])
    marked = without_glitches(audience)
    check(marked, AUDIENCE)
    assert marked.loc[1, "status"] == "glitch"
    assert marked.loc[1, ["value", "lower", "upper"]].isna().all()
    pd.testing.assert_frame_equal(marked.drop(index=1), audience.drop(index=1))
    pd.testing.assert_frame_equal(
        audience, table([*series(60_000, None, 61_000), *series(None, None, 1100, destination="AUT")])
    )


def test_an_empty_table_has_no_glitch() -> None:
    assert without_glitches(table(series(1.0)).head(0)).empty


numbers = st.one_of(st.none(), st.floats(1050, 1e7))


@settings(max_examples=10)
@given(st.lists(st.lists(numbers, min_size=6, max_size=6), min_size=1, max_size=4), st.randoms())
def test_neither_the_order_of_rows_nor_other_corridors_matter(values: list[list[float | None]], random: object) -> None:
    places = ["AUT", "BEL", "CYP", "DNK"]
    audience = table(
        [
            line
            for place, row_ in zip(places, values, strict=False)
            for line in series(*row_, destination=place, origin=place)
        ]
    )
    expected = glitch_reasons(audience)
    order = list(audience.index)
    random.shuffle(order)  # type: ignore[attr-defined]
    assert glitch_reasons(audience.loc[order]).reindex(audience.index).tolist() == expected.tolist()
    first = audience["destination"] == places[0]
    assert glitch_reasons(audience[first]).tolist() == expected[first].tolist()


@settings(max_examples=10)
@given(st.floats(100, 1e6), st.lists(st.floats(0.6, 1.6), min_size=6, max_size=6))
def test_a_corridor_that_stays_within_a_factor_of_three_has_no_glitch(level: float, factors: list[float]) -> None:
    values = [level * factor for factor in factors]
    assert reasons(*(value if value > FLOOR else None for value in values)) == [""] * 6


@pytest.mark.parametrize("status", ["not_ready", "failed", "refused:age_rule", "quota"])
def test_rows_without_an_answer_are_never_glitches(status: str) -> None:
    rows = series(60_000, None, 61_000)
    rows[1] |= {"status": status, "lower": None, "upper": None}
    audience = table(rows)
    assert (glitch_reasons(audience) == "").all()
    assert audience["upper"].isna().tolist() == [False, True, False]
