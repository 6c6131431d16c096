"""Real copies and data frames, read by the mapping of a sidecar: the figures that other readers read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.corridors.history import official_history
from smstock.errors import OfficialFileError
from smstock.official import readers
from smstock.tables import STOCK
from smstock.workflows import calibration_spec
from smstock.workflows.description import descriptions
from smstock.workflows.inputs import chosen_stock, read_stocks

if TYPE_CHECKING:
    from pathlib import Path

SIDECAR = """
producer = "P"
title = "T"
edition = "2020"
citation = "C"
licence = "L"
retrieved = 2026-11-22
provider = "{provider}"
dataset = "ims"
concept = "mixed"
"""


@pytest.fixture(scope="module")
def cases(shared: Path) -> Path:
    folder = shared / "cases"
    if not folder.is_dir():
        pytest.skip("the folder of real data has no cases")
    return folder


def described(source: Path, folder: Path, columns: str, above: str = "", provider: str = "undesa") -> Path:
    """Link a file into a folder, with a sidecar; without columns it is read by its own reader."""
    path = folder / (source.name if columns else f"own_{source.name}")
    path.symlink_to(source)
    text = f"{SIDECAR.format(provider=provider)}{above}\n" + (f"[columns]\n{columns}\n" if columns else "")
    path.with_name(path.name + ".origin.toml").write_text(text, encoding="utf-8")
    return path


def sorted_by_key(stock: pd.DataFrame) -> pd.DataFrame:
    return stock.sort_values(list(STOCK.key)).reset_index(drop=True)


def test_a_long_copy_of_all_corridors(shared: Path, tmp_path: Path) -> None:
    source = shared / "official/undesa/un2020_bilateral_by_sex_iso3_long.csv.gz"
    columns = 'destination = "destination_iso3"\norigin = "origin_iso3"\nsex = "sex"\nyear = "year"\nvalue = "stock"'
    path = described(source, tmp_path, columns, 'ages = "0+"')
    stock = readers.read_stock(path)
    own = readers.read_stock(described(source, tmp_path, "", 'ages = "0+"'))
    pd.testing.assert_frame_equal(sorted_by_key(stock), sorted_by_key(own))
    of_year = stock[(stock["reference_date"] == "2020-07-01") & (stock["sex"] == "all")]
    assert of_year["value"].sum() == 280_598_105


def test_a_wide_copy_with_origins_as_columns(shared: Path, tmp_path: Path) -> None:
    source = shared / "official/undesa/un2019_by_origin_and_destination_wide_total.csv.gz"
    columns = 'destination = "Destination"\nyear = "Year"\norigins = "columns"\nmissing = ["-"]\n'
    columns += 'ignore = ["Other South", "Other North"]\n[columns.areas]\nTotal = "WLD"'
    path = described(source, tmp_path, columns, 'sex = "all"\nages = "0+"')
    own = readers.read_stock(described(source, tmp_path, "", 'sex = "all"\nages = "0+"'))
    own = own[(own["origin"] != "XXX") & (own["origin"] != own["destination"])]
    pd.testing.assert_frame_equal(
        sorted_by_key(readers.read_stock(path))[["destination", "origin", "reference_date", "value"]],
        sorted_by_key(own)[["destination", "origin", "reference_date", "value"]],
    )


def test_figures_that_r_writes(cases: Path, tmp_path: Path) -> None:
    columns = 'destination = "dest"\norigin = "orig"\nsex = "sex"\nyear = "year"\nvalue = "value"'
    stock = readers.read_stock(described(cases / "wild/copy_1e5.csv", tmp_path, columns, 'ages = "0+"'))
    assert stock.set_index("origin")["value"].to_dict() == {"SRB": 100000, "TUR": 2100000}


def test_a_frame_of_get_eurostat(cases: Path, tmp_path: Path) -> None:
    columns = (
        'destination = "geo"\norigin = "c_birth"\nsex = "sex"\nage = "age"\ndate = "TIME_PERIOD"\nvalue = "values"'
    )
    path = described(cases / "wild/r_get_eurostat.csv", tmp_path, columns, provider="eurostat")
    stock = readers.read_stock(path).set_index(["destination", "origin", "sex"])
    assert stock["value"].to_dict() == {
        ("AUT", "ROU", "all"): 127500,
        ("AUT", "ROU", "female"): 67500,
        ("DEU", "NAM", "all"): 12,
    }
    assert set(stock["reference_date"]) == {"2020-01-01"}


def test_what_real_files_are_taken_as(shared: Path) -> None:
    """Files that have readers of their own, seen as if they had none."""
    files = {
        "undesa/un2020_bilateral_by_sex_iso3_long.csv.gz": {
            "destination_iso3": "destination",
            "origin_iso3": "origin",
            "sex": "sex",
            "year": "year",
            "stock": "value",
        },
        "undesa/ddf_un2019_migrant_stock_by_destination_origin_year.csv.gz": {
            "destination": "destination",
            "origin": "origin",
            "year": "year",
            "migrant_stock": "value",
        },
    }
    for name, right in files.items():
        (record,) = descriptions([shared / "official" / name], dry_run=True)
        assert {column["column"]: column["taken_as"] for column in record["columns"]} == right


def test_a_calibration_rests_on_an_office_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(
        "nationality,year,sex,n\nRO,2018,T,1500\nRO,2020,T,1619\nRO,2020,F,819\nRO,2020,M,800\nPL,2020,T,7\n"
    )
    (tmp_path / "un.csv").write_text("destination,origin,year,stock\nPOL,ROU,2015,2449\n")
    for name, entries, columns in (
        (
            "own.csv",
            'provider = "gus-pl"\nconcept = "citizenship"\ndestination = "POL"\nreference_date = "12-31"',
            'origin = "nationality"\nyear = "year"\nsex = "sex"\nvalue = "n"',
        ),
        (
            "un.csv",
            'provider = "undesa"\nconcept = "mixed"\nsex = "all"',
            'destination = "destination"\norigin = "origin"\nyear = "year"\nvalue = "stock"',
        ),
    ):
        above = "".join(line + "\n" for line in SIDECAR.splitlines() if not line.startswith(("provider", "concept")))
        sidecar = f'{above}{entries}\nages = "0+"\n[columns]\n{columns}\n'
        (tmp_path / f"{name}.origin.toml").write_text(sidecar)
    (tmp_path / "c.toml").write_text(
        'name = "x"\nstock = ["own.csv", "un.csv"]\ntarget_date = "2024-01-01"\nknown_until = "2023-01-01"\n'
        '[[order]]\nprovider = "gus-pl"\nconcepts = ["citizenship"]\nedition = "2020"\n'
        '[[order]]\nprovider = "undesa"\nconcepts = ["mixed"]\nedition = "2020"\n'
    )
    spec = calibration_spec.load(tmp_path / "c.toml")
    stock = chosen_stock(read_stocks(spec), spec, until="2024-01-01")
    history = official_history(stock, target_date="2024-01-01", known_until="2024-01-01")
    last = history[(history["origin"] == "ROU") & (history["sex"] == "all")]
    names = ["official_last", "official_last_date", "official_provider", "official_concept"]
    assert last[names].to_numpy().tolist() == [[1619, "2020-12-31", "gus-pl", "citizenship"]]


def test_an_office_of_ones_own_says_the_day_of_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("dest,orig,year,value\nPOL,ROU,2020,5\n")
    sidecar = f'{SIDECAR.format(provider="gus-pl")}sex = "all"\nages = "0+"\n'
    path.with_name("own.csv.origin.toml").write_text(sidecar)
    with pytest.raises(OfficialFileError, match="does not say which day of the year") as caught:
        readers.read_stock(path)
    assert 'write reference_date = "01-01"' in caught.value.hint
    path.with_name("own.csv.origin.toml").write_text(f'{sidecar}reference_date = "12-31"\n')
    assert readers.read_stock(path)["reference_date"].tolist() == ["2020-12-31"]


def test_a_recording_is_no_table_to_be_described(cases: Path) -> None:
    with pytest.raises(OfficialFileError, match="recording of answers") as caught:
        descriptions([cases / "wild/pysocialwatcher_collect.csv"], dry_run=True)
    assert "smstock collect QUERY --replay FILE" in caught.value.hint
