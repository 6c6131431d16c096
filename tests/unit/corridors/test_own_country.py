"""A country with itself is no corridor: its audience teaches nothing, and nothing is estimated."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from smstock.corridors.own_country import OWN_COUNTRY
from smstock.corridors.table import corridors
from smstock.tables import STOCK, check

DAY = "2020-07-01"


def audience(*cells: tuple[str, str, float]) -> pd.DataFrame:
    row: dict[str, Any] = {"wave": "2020-07", "metric": "mau", "sex": "all", "age_min": 13, "age_max": None}
    row |= dict.fromkeys(("education", "relationship", "dimension"), "") | {"status": "observed"}
    return pd.DataFrame(
        [row | {"destination": there, "origin": whence, "value": n, "upper": n} for there, whence, n in cells]
    )


def stock(*cells: tuple[str, str, float]) -> pd.DataFrame:
    row: dict[str, Any] = {"provider": "x", "dataset": "d", "edition": "1", "concept": "birth", "sex": "all"}
    row |= {"age_min": 0, "age_max": None, "reference_date": DAY, "flags": "", "retrieved_at": ""}
    return check(
        pd.DataFrame([row | {"destination": where, "origin": whence, "value": n} for where, whence, n in cells]), STOCK
    )


@pytest.fixture
def table() -> pd.DataFrame:
    """Return Germans, Serbians and Poles in Germany, its capital and Austria."""
    asked = audience(
        ("DEU", "DEU", 9e5), ("DE300", "DEU", 8e4), ("DEU", "SRB", 2e3), ("DEU", "POL", 5e3), ("AUT", "DEU", 7e3)
    )
    figures = stock(("DEU", "DEU", 7e7), ("DEU", "SRB", 3e3), ("AUT", "DEU", 8e3))
    made = corridors(asked, figures, target_date=DAY, known_until=DAY, benchmark=True, waves=asked)
    return made.set_index(["destination", "origin"])


def test_it_has_neither_an_audience_nor_a_figure(table: pd.DataFrame) -> None:
    for own in (("DEU", "DEU"), ("DE300", "DEU")):
        assert table.loc[own, ["audience", "audience_upper", "official_last", "stock"]].isna().all()
        assert table.loc[own, "audience_status"] == OWN_COUNTRY


def test_the_other_corridors_are_as_they_were(table: pd.DataFrame) -> None:
    assert table.loc[("AUT", "DEU"), ["audience", "stock"]].tolist() == [7e3, 8e3]
    assert table.loc[("DEU", "SRB"), ["audience", "stock"]].tolist() == [2e3, 3e3]
    assert set(table["audience_status"]) == {OWN_COUNTRY, "observed"}


def test_it_is_none_of_the_foreign_accounts(table: pd.DataFrame) -> None:
    assert table.loc[("DEU", "SRB"), "audience_foreign"] == 2e3 + 5e3
