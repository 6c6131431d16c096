"""Downloads of the World Bank, World Population Prospects and the US Census Bureau: the right value of each case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.official import readers
from smstock.official.base import GROUPS_OF_AREAS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def wild(shared: Path) -> Path:
    folder = shared / "cases" / "wild"
    if not folder.is_dir():
        pytest.skip("the folder of real data has no cases")
    return folder


def population(path: Path) -> dict[tuple[str, str, str], float]:
    table = readers.read_population(path)
    keys = zip(table["area"], table["reference_date"], table["sex"], strict=True)
    return dict(zip(keys, table["value"], strict=True))


def test_databank(wild: Path) -> None:
    assert population(wild / "wb_databank.csv") == {
        ("DEU", "2019-07-01", "all"): 83092962,
        ("DEU", "2020-07-01", "all"): 83160871,
        ("NAM", "2019-07-01", "all"): 2494524,
    }
    read = readers.read_all(wild / "wb_databank.csv")["population"]
    assert read.left_out == {GROUPS_OF_AREAS: 2, "without a figure": 1}
    assert set(read.table["edition"]) == {"2021-12-16"}


def test_the_workbook_of_an_indicator(wild: Path) -> None:
    path = wild / "API_SP.POP.TOTL_DS2_en_excel_v2.xlsx"
    assert population(path) == {("DEU", "2019-07-01", "all"): 83092962, ("DEU", "2020-07-01", "all"): 83160871}
    assert set(readers.read_population(path)["edition"]) == {"2021-12-16"}


def test_the_bilateral_matrix(wild: Path) -> None:
    stock = readers.read_stock(wild / "wb_gbm.csv")
    assert set(zip(stock["destination"], stock["origin"], stock["concept"], strict=True)) == {("DEU", "TUR", "mixed")}
    value = stock.set_index(["sex", "reference_date"])["value"]
    assert (value["all", "2000-07-01"], value["female", "2000-07-01"]) == (1900000, 900000)
    assert value.isna().sum() == 1
    assert value.isna()["female", "1990-07-01"]


def test_totals_of_world_population_prospects(wild: Path) -> None:
    assert population(wild / "wpp2019_totalpop.csv") == {
        ("NAM", "2020-07-01", "all"): 2540916,
        ("NAM", "2020-07-01", "male"): 1231683,
        ("NAM", "2020-07-01", "female"): 1309233,
    }


def test_places_of_birth_as_data_census_gov_exports_them(wild: Path) -> None:
    read = readers.read_all(wild / "ACSDT5Y2024.B05006-Data.csv")["stock"]
    assert set(read.table["destination"]) == {"US-MA"}
    assert dict(zip(read.table["origin"], read.table["value"], strict=True)) == {
        "WLD": 1271206,
        "DNK": 920,
        "CHN": 103209,
        "MMR": 1497,
        "VNM": 37529,
    }
    assert read.left_out == {GROUPS_OF_AREAS: 2}
