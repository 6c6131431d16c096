"""Every figure of calibration/serbia, taken again from the files that its README names."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from smstock import tables
from smstock.official import readers
from smstock.vocabulary.countries import crosswalk
from smstock.vocabulary.dates import instant_of_timestamp

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

SEXES = {"Total": "all", "Female": "female", "Male": "male"}
FLOOR = 1000


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "calibration" / "serbia"


@pytest.fixture(scope="module")
def areas(shared: Path, folder: Path) -> set[str]:
    """The destinations of the recordings, those of the stock, and Serbia."""
    recording = shared / "recordings" / "undp_serbia_expats_2020_delivery_estimate.jsonl.gz"
    with gzip.open(recording, "rt", encoding="utf-8") as lines:
        places = [json.loads(line)["targeting_spec"]["geo_locations"] for line in lines]
    asked = {crosswalk("iso2")[country] for place in places for country in place.get("countries", [])}
    return asked | set(readers.read_stock(folder / "stock.csv")["destination"]) | {"SRB"}


@pytest.mark.parametrize(
    ("name", "contract", "rows"),
    [("stock.csv", tables.STOCK, 441), ("population.csv", tables.POPULATION, 786), ("users.csv", tables.USERS, 289)],
)
def test_each_file_is_the_one_its_sidecar_describes(
    folder: Path, name: str, contract: tables.Contract, rows: int
) -> None:
    found = readers.read(folder / name, contract)
    assert len(found.table) == rows
    assert found.origin is not None
    assert found.origin.sha256


def test_males_and_females_are_both_sexes(folder: Path) -> None:
    stock = readers.read_stock(folder / "stock.csv")
    wide = stock.pivot_table(index=["destination", "reference_date"], columns="sex", values="value")
    assert len(wide) == 49 * 3
    assert (wide["male"] + wide["female"] == wide["all"]).all()


def test_stock(shared: Path, folder: Path) -> None:
    import pandas as pd

    source = shared / "official" / "undesa"
    series = pd.read_csv(source / "un2020_bilateral_by_sex_iso3_long.csv.gz", dtype=str, keep_default_na=False)
    series = series[(series["origin_iso3"] == "SRB") & series["year"].isin(["2010", "2015", "2020"])]
    totals = readers.read_stock(source / "undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx")
    concepts = totals.drop_duplicates("destination").set_index("destination")
    expected = pd.DataFrame(
        {
            "destination": series["destination_iso3"],
            "sex": series["sex"].map(SEXES),
            "reference_date": series["year"] + "-07-01",
            "value": series["stock"].astype(float),
            "concept": series["destination_iso3"].map(concepts["concept"]),
            "flags": series["destination_iso3"].map(concepts["flags"]),
        }
    )
    stock = readers.read_stock(folder / "stock.csv")
    assert set(stock["origin"]) == {"SRB"}
    assert_same_rows(stock, expected, ["destination", "sex", "reference_date"])


def test_population(shared: Path, folder: Path, areas: set[str]) -> None:
    import pandas as pd

    source = shared / "official" / "wpp" / "wpp2022_pop_by_single_age_sex_iso3_2000_2010_2020_2021.csv.gz"
    ages = pd.read_csv(source, keep_default_na=False)
    ages = ages[(ages["year"] == 2020) & ages["iso3"].isin(areas)]
    sums = pd.concat(
        ages[ages["age"] >= youngest]
        .groupby(["iso3", "sex"], as_index=False)["pop_thousands"]
        .sum()
        .assign(age_min=youngest)
        for youngest in (13, 18)
    )
    expected = pd.DataFrame(
        {
            "area": sums["iso3"],
            "sex": sums["sex"].map(SEXES),
            "age_min": sums["age_min"],
            "value": (sums["pop_thousands"] * 1000).round(),
        }
    )
    population = readers.read_population(folder / "population.csv")
    assert set(population["area"]) == areas
    assert population["age_max"].isna().all()
    assert set(population["reference_date"]) == {"2020-07-01"}
    assert_same_rows(population, expected, ["area", "sex", "age_min"])


def test_users(shared: Path, folder: Path, areas: set[str]) -> None:
    import pandas as pd

    cells = pd.read_parquet(shared / "benchmarks" / "global_2019" / "facebook_2019_04_age_sex.parquet")
    everybody = (cells["origin_label"] == "") & (cells["age_min"] == 13) & cells["age_max"].isna()
    cells = cells[everybody & (cells["mau"] > FLOOR)]
    newer = pd.DataFrame(
        {
            "area": cells["destination"].map(crosswalk("iso2")),
            "sex": cells["sex"].map({0: "all", 1: "male", 2: "female"}),
            "age_min": 13,
            "asked_at": cells["ts"].map(instant_of_timestamp),
            "value": cells["mau"].astype(float),
            "source": "joaopalotti/FBDataviz 2019-04",
        }
    )
    years = pd.read_csv(
        shared / "official" / "platform" / "pgilders_Facebook20180803_num.csv",
        index_col=0,
        dtype=float,
        keep_default_na=False,
    )
    sums = years.loc[:, (years > FLOOR).all()].sum()
    older = pd.DataFrame(
        {
            "area": sums.index.map(crosswalk("iso2")),
            "sex": "all",
            "age_min": 18,
            "asked_at": "2018-08-03",
            "value": sums.to_numpy(),
            "source": "pgilders 2018-08",
        }
    )
    expected = pd.concat([newer, older[~older["area"].isin(newer["area"])]])
    expected = expected[expected["area"].isin(areas)]
    users = readers.read_users(folder / "users.csv")
    assert areas - set(users["area"]) == {"GAB", "GMB", "LIE", "SOM"}
    assert users["age_max"].isna().all()
    assert_same_rows(users, expected, ["area", "sex", "age_min"])


def assert_same_rows(found: pd.DataFrame, expected: pd.DataFrame, key: list[str]) -> None:
    """Compare the columns of ``expected``, row by row."""
    columns = list(expected.columns)
    ours, theirs = (table[columns].astype(str).sort_values(key, ignore_index=True) for table in (found, expected))
    assert ours.to_dict("records") == theirs.to_dict("records")
