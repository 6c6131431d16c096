"""The example with several providers: its figures taken again from their source, and which provider each came from."""

from __future__ import annotations

import csv
import gzip
from typing import TYPE_CHECKING

import pytest

from smstock.official import readers
from smstock.official.flags import remarks
from smstock.vocabulary.countries import find
from smstock.workflows import calibration_spec
from smstock.workflows.inputs import chosen_stock, read_stocks

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from smstock.workflows.calibration_spec import CalibrationSpec

LABELS = {"Females": "female", "Males": "male", "": "all"}


@pytest.fixture(scope="module")
def spec(repository: Path) -> CalibrationSpec:
    return calibration_spec.load(repository / "calibration" / "serbia-citizens.toml")


def at(stock: pd.DataFrame, destination: str, day: str, sex: str = "all") -> dict[str, object]:
    of_cell = (stock["destination"] == destination) & (stock["reference_date"] == day) & (stock["sex"] == sex)
    (row,) = stock[of_cell].to_dict("records")
    return {str(name): row[name] for name in ("provider", "concept", "value", "flags")}


def test_every_figure_is_eurostats(shared: Path, repository: Path) -> None:
    printed = {}
    for part in ("total", "sexMF"):
        file = shared / f"official/eurostat/migr_pop1ctz_citizen_{part}_geo_2015_2024_labels.csv.gz"
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                if row["citizen"] == "Serbia":
                    *keys, value = row.values()
                    sex = LABELS[row.get("sex", "")]
                    geo, year = (keys[-2], keys[-1])
                    printed[find(geo), sex, f"{year}-01-01"] = float(value)
    stock = readers.read_stock(repository / "calibration/serbia-citizens/stock.csv")
    keys_of_rows = zip(stock["destination"], stock["sex"], stock["reference_date"], strict=True)
    assert dict(zip(keys_of_rows, stock["value"], strict=True)) == printed
    assert len(printed) == 687


def test_the_benchmark_is_interpolated_where_eurostat_has_both_years(spec: CalibrationSpec) -> None:
    """Germany: 183,949 and 190,045 on 1 January 2020 and 2021; 1 July is day 182 of 366."""
    germany = at(chosen_stock(read_stocks(spec), spec, day="2020-07-01"), "DEU", "2020-07-01")
    assert germany["value"] == pytest.approx(183_949 + 182 / 366 * (190_045 - 183_949))
    assert germany["flags"] == "interpolated: 2020-01-01 to 2021-01-01"


def test_australia_comes_from_the_united_nations_and_says_so(spec: CalibrationSpec) -> None:
    australia = at(chosen_stock(read_stocks(spec), spec, day="2020-07-01"), "AUS", "2020-07-01")
    assert australia == {
        "provider": "undesa",
        "concept": "birth",
        "value": 35_652,
        "flags": "B; resolved: undesa birth 2020 instead of eurostat citizenship 2025-03-13 (no row)",
    }


def test_france_keeps_to_the_citizens_that_eurostat_counts_until_2018(spec: CalibrationSpec) -> None:
    stock = chosen_stock(read_stocks(spec), spec, day="2020-07-01")
    france = stock[(stock["destination"] == "FRA") & (stock["sex"] == "all")]
    assert set(france["provider"]) == {"eurostat"}
    assert france["reference_date"].max() == "2018-01-01"


def test_a_corridor_has_one_concept_and_a_year_one_figure(spec: CalibrationSpec) -> None:
    for stock in (
        chosen_stock(read_stocks(spec), spec, day=spec.target_date),
        chosen_stock(read_stocks(spec), spec, until="2020-10-15"),
    ):
        assert stock.groupby("destination")["concept"].agg(set).map(len).eq(1).all()
    years = stock.assign(year=stock["reference_date"].str[:4])
    assert not years.duplicated(["destination", "sex", "year"]).any()


def test_what_was_not_known_in_a_wave_is_left_out(spec: CalibrationSpec) -> None:
    """Bulgaria: Eurostat counts 1,497 citizens in 2023; before, there is UN DESA's 3,245 born in Serbia."""
    bulgaria = at(chosen_stock(read_stocks(spec), spec, until="2020-10-15"), "BGR", "2020-07-01")
    assert (bulgaria["concept"], bulgaria["value"]) == ("birth", 3245)
    later = chosen_stock(read_stocks(spec), spec, until="2026-11-15")
    of_bulgaria = later[(later["destination"] == "BGR") & (later["sex"] == "all")]
    assert of_bulgaria[["reference_date", "value"]].to_numpy().tolist() == [["2023-01-01", 1497], ["2024-01-01", 1969]]


def test_every_figure_of_the_second_provider_says_so(spec: CalibrationSpec) -> None:
    stock = chosen_stock(read_stocks(spec), spec, until="2020-10-15")
    second = stock["provider"] == "undesa"
    assert second.sum() > 100
    assert (stock["flags"].map(remarks).map(len) > 0).tolist() == second.tolist()
