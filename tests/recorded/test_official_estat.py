"""Eurostat's files as people hold them: the right value of each handed case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from pathlib import Path

SIDECAR = """
producer = "Eurostat"
title = "T"
edition = "2021-03-01"
citation = "C"
licence = "L"
retrieved = 2026-11-22
dataset = "migr_pop3ctb"
"""


@pytest.fixture(scope="module")
def wild(shared: Path) -> Path:
    folder = shared / "cases" / "wild"
    if not folder.is_dir():
        pytest.skip("the folder of real data has no cases")
    return folder


def described(case: Path, folder: Path) -> Path:
    """Return a copy of a case with a sidecar."""
    copy = folder / case.name
    copy.write_bytes(case.read_bytes())
    copy.with_name(f"{copy.name}.origin.toml").write_text(SIDECAR)
    return copy


def figures(path: Path) -> dict[tuple[str, str, str, str], tuple[float, str]]:
    stock = readers.read_stock(path)
    columns = (stock[name] for name in ("destination", "origin", "sex", "reference_date"))
    return dict(zip(zip(*columns, strict=True), zip(stock["value"], stock["flags"], strict=True), strict=True))


def test_the_json_service_before_2022(wild: Path) -> None:
    assert figures(wild / "wdds21.json") == {
        ("ITA", "ROU", "all", "2018-01-01"): (1048862, "b"),
        ("ITA", "ROU", "all", "2017-01-01"): (1036000, ""),
    }
    stock = readers.read_stock(wild / "wdds21.json")
    assert (set(stock["edition"]), set(stock["dataset"])) == ({"2019-07-03"}, {"migr_pop3ctb"})


def test_sdmx_ml(wild: Path, tmp_path: Path) -> None:
    with pytest.raises(OfficialFileError, match="is SDMX-ML that says neither whose") as caught:
        readers.read_stock(wild / "sdmxml_generic.xml")
    assert "format=SDMX-CSV" in caught.value.hint
    assert figures(described(wild / "sdmxml_generic.xml", tmp_path)) == {
        ("ITA", "ROU", "all", "2019-01-01"): (1048862, "")
    }


def test_a_frame_of_r(wild: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(OfficialFileError, match="does not say which data set") as caught:
        readers.read_stock(wild / "r_get_eurostat.csv")
    assert 'dataset = "..."' in caught.value.hint
    assert figures(described(wild / "r_get_eurostat.csv", tmp_path)) == {
        ("AUT", "ROU", "all", "2020-01-01"): (127500, ""),
        ("AUT", "ROU", "female", "2020-01-01"): (67500, ""),
    }
    assert (
        "1 figure left out for areas that are not known: NA without quotes, or nothing (from line 4 on" in caplog.text
    )
