from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from smstock.errors import ContractError, TooFewCellsError
from smstock.models.fusion.panel import panel

FIGURE = {"destination": "AUT", "origin": "SRB", "reference_date": "2015-01-01", "value": 100.0, "source": "register"}
ANSWER = {"destination": "AUT", "origin": "SRB", "date": "2016-05-15", "metric": "mau", "value": 50.0}


def figures(*changes: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([FIGURE | change for change in changes or ({},)])


def test_measurements_stand_in_the_order_of_dates_and_the_main_source_first() -> None:
    official = figures({}, {"source": "census"}, {"reference_date": "2016-01-01"}, {"reference_date": "2014-01-01"})
    made = panel(official, pd.DataFrame([ANSWER]), dates=["2020-01-01"])
    assert [(made.dates[each.date], each.kind) for each in made.measurements] == [
        ("2014-01-01", "main"),
        ("2015-01-01", "main"),
        ("2015-01-01", "source"),
        ("2016-01-01", "main"),
        ("2016-05-15", "audience"),
    ]
    assert made.dates[-1] == "2020-01-01"
    assert (made.main, made.sources, made.metrics) == ("register", ("census",), ("mau",))


def test_namibia_is_a_country() -> None:
    made = panel(figures({"origin": "NAM"}, {"destination": "NA", "origin": "NAM"}))
    assert made.destinations == ("AUT", "NA")


def test_missing_figures_and_zeros_are_no_measurement() -> None:
    official = figures(
        {}, {"reference_date": "2016-01-01", "value": None}, {"reference_date": "2017-01-01", "value": 0.0}
    )
    assert [each.date for each in panel(official).measurements] == [0]


def test_an_audience_without_a_figure_makes_no_corridor() -> None:
    made = panel(figures(), pd.DataFrame([ANSWER | {"destination": "BEL"}]))
    assert made.corridors.tolist() == [("AUT", "SRB")]


def test_only_the_change_over_a_repaired_break_carries_its_error() -> None:
    waves = [
        ANSWER | {"date": f"2019-0{month}-15", "link_sd": sd}
        for month, sd in ((2, 0.07), (3, 0.07), (4, 0.0), (5, 0.0))
    ]
    made = panel(figures(), pd.DataFrame(waves))
    broken = [each.break_variance[0] for each in made.measurements if each.kind == "audience"]
    np.testing.assert_allclose(broken, [0, 0, 0.0049, 0])


def test_the_width_of_an_answer_is_its_rounding() -> None:
    made = panel(figures(), pd.DataFrame([ANSWER | {"lower": 45.0, "upper": 55.0}]))
    assert made.measurements[-1].variance[0] == pytest.approx(0.2**2 / 12)


@pytest.mark.parametrize("value", [-1.0, np.inf])
def test_what_is_no_count_is_refused_with_its_place(value: float) -> None:
    with pytest.raises(ContractError, match="negative or infinite") as caught:
        panel(figures({}, {"origin": "POL", "value": value}))
    assert "AUT POL 2015-01-01 register" in caught.value.where


def test_two_figures_of_one_source_and_date_are_refused_with_their_place() -> None:
    with pytest.raises(ContractError, match="share corridor") as caught:
        panel(figures({}, {"value": 120.0}))
    assert "AUT SRB 2015-01-01 register 120.0" in caught.value.where


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ContractError, match="lacks source"):
        panel(figures().drop(columns="source"))


@pytest.mark.parametrize("official", [figures().iloc[:0], figures({"value": 0.0})])
def test_no_figure_at_all_is_too_few(official: pd.DataFrame) -> None:
    with pytest.raises(TooFewCellsError, match="no official figure"):
        panel(official)
