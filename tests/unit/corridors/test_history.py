"""What the series of a corridor says: growth over a span like the lag, breaks, means, audiences then and now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.corridors.history import audience_growth, official_history

if TYPE_CHECKING:
    from collections.abc import Mapping


def series(*figures: tuple[str, float | None], flags: dict[str, str] | None = None) -> pd.DataFrame:
    """A stock table of one corridor from days and values."""
    table = pd.DataFrame(figures, columns=["reference_date", "value"]).astype({"value": float})
    return table.assign(
        destination="AUT",
        origin="SRB",
        sex="all",
        concept="birth",
        provider="eurostat",
        flags=[(flags or {}).get(day, "") for day in table["reference_date"]],
    )


def last(stock: pd.DataFrame, target_date: str = "2018-01-01", known_until: str = "2017-12-31") -> pd.Series:
    return official_history(stock, target_date=target_date, known_until=known_until).iloc[0]


def test_growth_is_taken_over_a_span_like_the_lag() -> None:
    stock = series(("2014-01-01", 100), ("2015-01-01", 100), ("2016-01-01", 121))
    assert last(stock)["lag"] == pytest.approx(2, abs=0.01)
    assert last(stock)["official_growth"] == pytest.approx(np.log(1.21) / 2, abs=1e-3)
    assert last(stock, target_date="2017-01-01")["official_growth"] == pytest.approx(np.log(1.21), abs=1e-3)


def test_the_nearest_span_is_taken_where_there_is_none_of_that_length() -> None:
    stock = series(("2010-07-01", 100), ("2015-07-01", 200))
    assert last(stock)["official_growth"] == pytest.approx(np.log(2) / 5, abs=1e-3)


def test_figures_that_were_not_known_are_not_used() -> None:
    stock = series(("2015-01-01", 100), ("2016-01-01", 110), ("2017-01-01", 999))
    known = last(stock, known_until="2016-12-31")
    assert (known["official_last"], known["official_last_date"]) == (110, "2016-01-01")
    assert known["official_mean"] == 105
    assert known["official_growth"] == pytest.approx(np.log(1.1), abs=1e-3)


def test_one_figure_has_no_growth_and_is_its_own_mean() -> None:
    alone = last(series(("2017-01-01", 50)))
    assert np.isnan(alone["official_growth"])
    assert alone["official_mean"] == 50


def test_the_mean_is_that_of_the_three_newest_figures() -> None:
    stock = series(("2014-01-01", 1e6), ("2015-01-01", 10), ("2016-01-01", 20), ("2017-01-01", 60))
    assert last(stock)["official_mean"] == 30


@pytest.mark.parametrize("flags", ["b", "b e p", "e b", "b u; :"])
def test_growth_does_not_cross_a_break(flags: str) -> None:
    stock = series(("2015-01-01", 100), ("2016-01-01", 400), flags={"2016-01-01": flags})
    assert np.isnan(last(stock)["official_growth"])
    later = series(("2014-01-01", 90), ("2015-01-01", 400), ("2016-01-01", 440), flags={"2015-01-01": flags})
    assert last(later)["official_growth"] == pytest.approx(np.log(1.1), abs=1e-3)


def test_other_flags_are_no_break() -> None:
    stock = series(("2015-01-01", 100), ("2016-01-01", 110), flags={"2016-01-01": "B R e p"})
    assert last(stock)["official_growth"] == pytest.approx(np.log(1.1), abs=1e-3)


@pytest.mark.parametrize(("column", "other"), [("concept", "citizenship"), ("provider", "undesa")])
def test_growth_does_not_mix_concepts_or_providers(column: str, other: str) -> None:
    stock = series(("2014-01-01", 100), ("2015-01-01", 500), ("2016-01-01", 110))
    stock.loc[1, column] = other
    assert last(stock, target_date="2017-01-01")["official_growth"] == pytest.approx(np.log(1.1) / 2, abs=1e-3)
    stock.loc[0, column] = other
    assert np.isnan(last(stock)["official_growth"])


def test_zeros_and_missing_figures_have_no_growth() -> None:
    stock = series(("2014-01-01", 0), ("2015-01-01", None), ("2016-01-01", 100))
    assert np.isnan(last(stock)["official_growth"])
    assert last(stock)["official_mean"] == 100
    assert np.isnan(last(series(("2015-01-01", 100), ("2016-01-01", 0)))["official_growth"])


@settings(max_examples=25)
@given(st.lists(st.floats(1, 1e6), min_size=2, max_size=6), st.integers(1, 4))
def test_a_later_figure_never_changes_what_was_known(values: list[float], years: int) -> None:
    figures = [(f"{2005 + year}-01-01", value) for year, value in enumerate(values)]
    known_until = f"{2005 + len(values)}-01-01"
    now = official_history(series(*figures), target_date=f"{2005 + len(values) + years}-01-01", known_until=known_until)
    later = series(*figures, ("2019-01-01", 7.0))
    then = official_history(later, target_date=f"{2005 + len(values) + years}-01-01", known_until=known_until)
    pd.testing.assert_frame_equal(now, then)


CORRIDOR = {"destination": "AUT", "origin": "SRB", "sex": "all"}


def growth(now: float | None, last_date: str, waves: Mapping[str, float | None]) -> float:
    table = pd.DataFrame([{**CORRIDOR, "audience": now, "official_last_date": last_date}]).astype({"audience": float})
    earlier = pd.DataFrame({"wave": list(waves), "value": list(waves.values())}).astype({"value": float})
    return float(audience_growth(table, earlier.assign(**CORRIDOR), wave="2018-06")[0])


def test_audience_growth_starts_at_the_wave_nearest_the_last_figure() -> None:
    waves = {"2016-05": 900.0, "2017-01": 1000.0, "2017-06": 1100.0, "2018-06": 1300.0}
    assert growth(1300.0, "2017-01-01", waves) == pytest.approx(np.log(1.3))


@pytest.mark.parametrize(
    ("now", "last_date", "waves"),
    [
        (None, "2017-01-01", {"2017-01": 1000.0}),
        (1300.0, "2017-01-01", {"2017-01": None}),
        (1300.0, "", {"2017-01": 1000.0}),
        (1300.0, "2015-01-01", {"2017-01": 1000.0}),
        (1300.0, "2018-01-01", {"2018-06": 1300.0}),
    ],
    ids=["floored now", "floored then", "no official figure", "no wave near it", "no earlier wave"],
)
def test_audience_growth_is_missing(now: float | None, last_date: str, waves: dict[str, float | None]) -> None:
    assert np.isnan(growth(now, last_date, waves))
