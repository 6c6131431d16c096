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
def rows() -> dict[tuple[str, str], dict[Any, Any]]:
    """Return Germans, Serbians and Poles in Germany, its capital and Austria, by corridor."""
    asked = audience(
        ("DEU", "DEU", 9e5), ("DE300", "DEU", 8e4), ("DEU", "SRB", 2e3), ("DEU", "POL", 5e3), ("AUT", "DEU", 7e3)
    )
    figures = stock(("DEU", "DEU", 7e7), ("DEU", "SRB", 3e3), ("AUT", "DEU", 8e3))
    table = corridors(asked, figures, target_date=DAY, known_until=DAY, benchmark=True, waves=asked)
    return {(row["destination"], row["origin"]): row for row in table.to_dict("records")}


@pytest.mark.parametrize("own", [("DEU", "DEU"), ("DE300", "DEU")])
def test_it_has_neither_an_audience_nor_a_figure(
    rows: dict[tuple[str, str], dict[Any, Any]], own: tuple[str, str]
) -> None:
    assert all(pd.isna(rows[own][name]) for name in ("audience", "audience_upper", "official_last", "stock"))
    assert rows[own]["audience_status"] == OWN_COUNTRY


def test_the_other_corridors_are_as_they_were(rows: dict[tuple[str, str], dict[Any, Any]]) -> None:
    assert (rows["AUT", "DEU"]["audience"], rows["AUT", "DEU"]["stock"]) == (7e3, 8e3)
    assert (rows["DEU", "SRB"]["audience"], rows["DEU", "SRB"]["stock"]) == (2e3, 3e3)
    assert {row["audience_status"] for row in rows.values()} == {OWN_COUNTRY, "observed"}


def test_it_is_none_of_the_foreign_accounts(rows: dict[tuple[str, str], dict[Any, Any]]) -> None:
    assert rows["DEU", "SRB"]["audience_foreign"] == 2e3 + 5e3
