"""The real workbooks of UN DESA, against figures read off their sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock import tables
from smstock.official import readers
from smstock.official.base import GROUPS_OF_AREAS

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from smstock.official.base import OfficialTable

SEXES = ["all", "male", "female"]


def workbook(shared: Path, edition: str) -> Path:
    return shared / "official" / "undesa" / f"undesa_pd_{edition}_ims_stock_by_sex_and_destination.xlsx"


@pytest.fixture(scope="module")
def stocks(shared: Path) -> dict[str, OfficialTable]:
    return {edition: readers.read(workbook(shared, edition), tables.STOCK) for edition in ("2020", "2024")}


@pytest.fixture(scope="module")
def populations(shared: Path) -> dict[str, OfficialTable]:
    return {edition: readers.read(workbook(shared, edition), tables.POPULATION) for edition in ("2020", "2024")}


@pytest.fixture(scope="module")
def origins(shared: Path) -> pd.DataFrame:
    return readers.read_stock(
        shared / "official" / "undesa" / "TESTFIXTURE_mini_2020_destination_and_origin_layout.xlsx"
    )


@pytest.mark.parametrize(
    ("edition", "area", "year", "figures"),
    [
        ("2020", "DEU", 2020, [15_762_457, 7_891_635, 7_870_822]),
        ("2024", "DEU", 2020, [15_021_300, 7_435_543, 7_585_757]),
        ("2024", "DEU", 2024, [16_750_084, 8_375_042, 8_375_042]),
        ("2020", "ITA", 2020, [6_386_998, 2_965_914, 3_421_084]),
        ("2024", "ITA", 2020, [6_223_851, 2_893_857, 3_329_994]),
        ("2020", "NAM", 1990, [120_641, 63_748, 56_893]),
        ("2020", "NAM", 2020, [109_391, 59_024, 50_367]),
        ("2024", "NAM", 2024, [116_035, 62_609, 53_426]),
        ("2020", "NER", 2020, [348_056, 162_019, 186_037]),
        ("2020", "CHI", 2020, [84_087, 40_190, 43_897]),
        ("2024", "CHI", 2024, [85_539, 40_884, 44_655]),
        ("2020", "SRB", 1990, [99_269, 46_712, 52_557]),
        ("2024", "SRB", 1990, [1_064_614, 498_523, 566_091]),
        ("2020", "USA", 2020, [50_632_836, 24_478_996, 26_153_840]),
        ("2020", "QAT", 2020, [2_226_192, 1_842_785, 383_407]),
        ("2024", "TUR", 2020, [6_580_295, 3_393_365, 3_186_930]),
        ("2020", "SSD", 2010, [230_732, 119_106, 111_626]),
        ("2024", "BES", 2024, [30_676, 15_790, 14_886]),
        ("2024", "VAT", 2024, [496, 237, 259]),
    ],
)
def test_figures_are_those_of_the_sheet(
    stocks: dict[str, OfficialTable], edition: str, area: str, year: int, figures: list[int]
) -> None:
    stock = stocks[edition].table
    rows = stock[(stock["destination"] == area) & (stock["reference_date"] == f"{year}-07-01")].set_index("sex")
    assert rows.loc[SEXES, "value"].tolist() == figures


@pytest.mark.parametrize(
    ("edition", "world"),
    [
        ("2020", [152_986_157, 161_289_976, 173_230_585, 191_446_828, 220_983_187, 247_958_644, 280_598_105]),
        (
            "2024",
            [153_916_063, 163_176_002, 174_566_152, 192_788_721, 221_020_392, 250_042_020, 275_284_032, 304_021_813],
        ),
    ],
)
def test_areas_add_up_to_the_world(stocks: dict[str, OfficialTable], edition: str, world: list[int]) -> None:
    stock = stocks[edition].table
    sums = stock[stock["sex"] == "all"].groupby("reference_date")["value"].sum()
    assert sums.sort_index().tolist() == world


@pytest.mark.parametrize(("sex", "world"), [("male", 158_009_795), ("female", 146_012_018)])
def test_areas_add_up_to_the_world_by_sex(stocks: dict[str, OfficialTable], sex: str, world: int) -> None:
    stock = stocks["2024"].table
    assert stock.loc[(stock["sex"] == sex) & (stock["reference_date"] == "2024-07-01"), "value"].sum() == world


@pytest.mark.parametrize("edition", ["2020", "2024"])
def test_males_and_females_are_both_sexes_everywhere(stocks: dict[str, OfficialTable], edition: str) -> None:
    wide = (
        stocks[edition]
        .table.pivot_table(index=["destination", "reference_date"], columns="sex", values="value")
        .dropna()
    )
    assert len(wide) > 1_600
    assert (wide["male"] + wide["female"] == wide["all"]).all()


@pytest.mark.parametrize(
    ("edition", "groups", "missing", "concepts"),
    [
        ("2020", 48, 122, {"birth": 180, "citizenship": 43, "mixed": 12}),
        ("2024", 52, 48, {"birth": 180, "citizenship": 46, "mixed": 9}),
    ],
)
def test_nothing_is_lost_and_every_missing_figure_says_why(
    stocks: dict[str, OfficialTable], edition: str, groups: int, missing: int, concepts: dict[str, int]
) -> None:
    found = stocks[edition]
    stock = found.table
    assert found.left_out == {GROUPS_OF_AREAS: groups * len(stock[stock["destination"] == "NAM"])}
    assert set(stock["origin"]) == {"WLD"}
    assert stock["value"].isna().sum() == missing
    assert stock.loc[stock["value"].isna(), "flags"].str.endswith(("..", "blank")).all()
    assert stock.drop_duplicates("destination")["concept"].value_counts().to_dict() == concepts


def test_taiwan_has_no_figure_in_2020_and_one_in_2024(stocks: dict[str, OfficialTable]) -> None:
    taiwan = {edition: found.table[found.table["destination"] == "TWN"] for edition, found in stocks.items()}
    assert taiwan["2020"]["value"].isna().all()
    assert taiwan["2024"]["value"].max() == 1_136_425


@pytest.mark.parametrize(
    ("edition", "area", "date", "persons"),
    [
        ("2020", "DEU", "2020-07-01", [83_783_945, 41_415_911, 42_368_034]),
        ("2024", "DEU", "2024-07-01", [84_552_242, 41_753_037, 42_799_204]),
        ("2024", "NAM", "2020-07-01", [2_728_762, 1_330_536, 1_398_226]),
        ("2020", "CHI", "2020-07-01", [173_859, 86_070, 87_789]),
        ("2024", "CHI", "1990-07-01", [143_087, 69_130, 73_957]),
        ("2020", "SRB", "2020-07-01", [8_737_370, 4_279_651, 4_457_719]),
        ("2024", "SRB", "2020-07-01", [6_907_812, 3_291_014, 3_616_798]),
        ("2024", "USA", "2024-07-01", [345_426_571, 173_551_527, 171_875_044]),
    ],
)
def test_population_is_that_of_the_sheet_in_persons(
    populations: dict[str, OfficialTable], edition: str, area: str, date: str, persons: list[int]
) -> None:
    population = populations[edition].table
    rows = population[(population["area"] == area) & (population["reference_date"] == date)].set_index("sex")
    assert rows.loc[SEXES, "value"].tolist() == persons


@pytest.mark.parametrize(("edition", "rows"), [("2020", 4_459), ("2024", 5_640)])
def test_population_has_every_area(populations: dict[str, OfficialTable], edition: str, rows: int) -> None:
    population = populations[edition].table
    assert len(population) == rows
    assert population["area"].nunique() == 235
    assert set(population["edition"]) == {f"ims {edition}"}


def test_origins_are_read_as_the_complete_series_has_them(origins: pd.DataFrame, shared: Path) -> None:
    import pandas as pd

    series = pd.read_csv(
        shared / "official" / "undesa" / "un2020_bilateral_by_sex_iso3_long.csv.gz", dtype=str, keep_default_na=False
    )
    series["sex"] = series["sex"].map({"Total": "all", "Male": "male", "Female": "female"})
    series["reference_date"] = series["year"] + "-07-01"
    series = series.rename(columns={"destination_iso3": "destination", "origin_iso3": "origin"})
    rows = origins[origins["origin"] != "WLD"].merge(
        series[["destination", "origin", "sex", "reference_date", "stock"]], how="left"
    )
    assert len(rows) == 93 * 3 * 7
    assert (rows["value"] == rows["stock"].fillna("0").astype(float)).all()


def test_seven_destinations_and_fifteen_origins_namibia_among_them(origins: pd.DataFrame) -> None:
    assert set(origins["destination"]) == {"ITA", "ESP", "DNK", "FRA", "USA", "DEU", "QAT"}
    assert set(origins["origin"]) == {
        *(
            "WLD",
            "XXX",
            "MAR",
            "SYR",
            "IND",
            "TUR",
            "GBR",
            "ROU",
            "POL",
            "UKR",
            "MEX",
            "VEN",
            "CHN",
            "SRB",
            "PSE",
            "NAM",
        )
    }
    corridor = origins[(origins["destination"] == "ITA") & (origins["origin"] == "ROU") & (origins["sex"] == "all")]
    assert corridor["value"].tolist() == [40_066, 79_401, 118_736, 570_087, 1_016_949, 1_012_177, 1_048_862]


def test_origins_have_the_totals_of_the_workbook_by_destination(
    origins: pd.DataFrame, stocks: dict[str, OfficialTable]
) -> None:
    key = ["destination", "sex", "reference_date"]
    both = origins[origins["origin"] == "WLD"].merge(stocks["2020"].table, on=key, suffixes=("", "_total"))
    assert len(both) == 7 * 3 * 7
    assert (both["value"] == both["value_total"]).all()
    assert (both["concept"] == both["concept_total"]).all()
