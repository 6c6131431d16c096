"""The corridor table: what stands beside an audience."""

from __future__ import annotations

import pandas as pd
import pytest

from smstock.corridors.table import corridors
from smstock.tables import STOCK, check


@pytest.fixture
def audience() -> pd.DataFrame:
    row = {"wave": "2020-10", "destination": "DEU", "origin": "SRB", "metric": "mau", "age_min": 13, "age_max": None}
    row |= dict.fromkeys(("education", "relationship", "dimension"), "") | {"status": "observed"}
    return pd.DataFrame([row | {"sex": sex, "value": 9.0, "upper": 9.5} for sex in ("all", "female")])


@pytest.fixture
def stock() -> pd.DataFrame:
    row: dict[str, object] = {
        "provider": "undesa",
        "dataset": "ims",
        "edition": "2020",
        "concept": "birth",
        "destination": "DEU",
    }
    row |= {"origin": "SRB", "sex": "all", "age_min": 0, "age_max": None, "reference_date": "2015-07-01"}
    return check(pd.DataFrame([row | {"value": 5.0, "flags": "", "retrieved_at": ""}]), STOCK)


def test_internet_use_stands_at_both_ends_by_sex(audience: pd.DataFrame, stock: pd.DataFrame) -> None:
    rates = [("DEU", "all", 0.9), ("DEU", "female", 0.8), ("SRB", "all", 0.7)]
    table = corridors(
        audience,
        stock,
        target_date="2020-10-15",
        known_until="2020-10-15",
        benchmark=False,
        internet=pd.DataFrame(rates, columns=["area", "sex", "rate"]),
    ).set_index("sex")
    assert table["internet_destination"].to_dict() == {"all": 0.9, "female": 0.8}
    assert table.loc["all", "internet_origin"] == 0.7
    assert table["internet_origin"].isna().to_dict() == {"all": False, "female": True}


def test_without_it_the_columns_are_missing(audience: pd.DataFrame, stock: pd.DataFrame) -> None:
    table = corridors(audience, stock, target_date="2020-10-15", known_until="2020-10-15", benchmark=False)
    rates = ["internet_destination", "internet_origin", "penetration_destination", "penetration_origin"]
    assert table[rates].isna().all(axis=None)
    assert table.set_index("sex")["official_last"].to_dict()["all"] == 5.0


def test_it_says_whom_a_figure_counts_and_who_counted(audience: pd.DataFrame, stock: pd.DataFrame) -> None:
    later = stock.assign(reference_date="2020-07-01", concept="citizenship", provider="eurostat", value=6.0)
    both = pd.concat([stock, later], ignore_index=True)

    def said(*, benchmark: bool) -> dict[str, list[str]]:
        table = corridors(audience, both, target_date="2020-07-01", known_until="2019-07-01", benchmark=benchmark)
        columns = ["official_concept", "official_provider", "stock_concept", "stock_provider"]
        return dict(zip(table["sex"], table[columns].to_numpy().tolist(), strict=True))

    assert said(benchmark=True) == {"all": ["birth", "undesa", "citizenship", "eurostat"], "female": [""] * 4}
    assert said(benchmark=False)["all"] == ["birth", "undesa", "", ""]
