"""Areas that are neither in the vocabulary nor a known group: named to the user, with their place, in every reader."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from smstock.errors import UnknownNameError
from smstock.official import readers
from smstock.official.base import GROUPS_OF_AREAS
from smstock.official.holdings import holdings
from smstock.tables import STOCK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

TSV = "freq,citizen,age,unit,sex,geo\\TIME_PERIOD\t2019 \t2020 \r\n"
EUROSTAT = TSV + "A,RS,TOTAL,NR,T,DE\t5 \t6 \r\nA,QQQ,TOTAL,NR,T,DE\t7 \t8 \r\nA,AFR,TOTAL,NR,T,DE\t7 \t8 \r\n"
OECD_STAT = "CO2,VAR,GEN,COU,YEA,Value,Flag Codes\nROU,B14,TOT,ITA,2018,5,\nUUU_Q,B14,TOT,ITA,2018,3,\nEU15,B14,TOT,ITA,2018,3,\n"
DIOC = "country,coub,sex,age,edu_lfs,number\nAUT,SRB,1,3,1,10\nAUT,EURO,1,3,1,4\nAUT,Burma,1,3,1,3\n"


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().partition(" (if one")[0] for record in caplog.records]


@pytest.mark.parametrize(
    ("text", "name", "entries", "message"),
    [
        (
            EUROSTAT,
            "a.tsv",
            {"dataset": "migr_pop1ctz"},
            "2 figures left out for areas that are not known: QQQ (line 3)",
        ),
        (OECD_STAT, "a.csv", {}, "1 figure left out for areas that are not known: UUU_Q (line 3)"),
        (
            DIOC,
            "a.csv",
            {"reference_date": "2011-01-01"},
            "1 figure left out for areas that are not known: Burma (line 4)",
        ),
    ],
)
def test_what_is_neither_area_nor_group_is_named_with_its_line(
    write: Write, caplog: pytest.LogCaptureFixture, text: str, name: str, entries: dict[str, str], message: str
) -> None:
    path = write(text, name, **entries)
    official = readers.read(path, STOCK)
    assert len(official.table) > 0
    assert official.left_out[GROUPS_OF_AREAS] > 0
    assert told(caplog) == [f"{path}: {message}"]
    assert "mend its code or name" in official.remarks[0]


def test_a_file_written_in_parts_names_them_too(write: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write(EUROSTAT, "a.tsv", dataset="migr_pop1ctz")
    readers.to_parquet(path, STOCK, tmp_path / "a.parquet")
    assert told(caplog) == [f"{path}: 2 figures left out for areas that are not known: QQQ (line 3)"]


def test_a_file_of_known_areas_is_read_without_a_word(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    official = readers.read(write(EUROSTAT.replace("QQQ", "EFTA_FOR"), "a.tsv", dataset="migr_pop1ctz"), STOCK)
    assert official.remarks == ()
    assert not caplog.records


def test_a_listing_names_them_whenever_it_is_asked(
    write: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(EUROSTAT, "a.tsv", dataset="migr_pop1ctz")
    for _ in range(2):
        caplog.clear()
        stock, *_ = holdings(tmp_path)
        assert "QQQ (line 3)" in stock["remarks"][0]
        assert any("QQQ (line 3)" in record.getMessage() for record in caplog.records)


def test_a_place_of_birth_of_the_census_is_named_with_its_column(
    write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    labels = {
        "B05006_001E": "Estimate!!Total:",
        "B05006_069E": "Estimate!!Total:!!Asia:!!South Eastern Asia:!!Burma (Myanmar)",
        "B05006_070E": "Estimate!!Total:!!Asia:!!South Eastern Asia:!!Burma, Union of",
    }
    rows = [["NAME", *labels, "state"], ["Massachusetts", "1271206", "1497", "8", "25"]]
    path = write(json.dumps(rows), "acs.json", reference_date="2022-07-01")
    variables = {name: {"label": label} for name, label in labels.items()}
    path.with_name("acs.json.labels.json").write_text(json.dumps({"variables": variables}))
    stock = readers.read_stock(path)
    assert dict(zip(stock["origin"], stock["value"], strict=True)) == {"WLD": 1271206, "MMR": 1497}
    assert told(caplog) == [
        f"{path}: 1 figure left out for areas that are not known: Burma, Union of (column B05006_070E)"
    ]


def test_a_group_of_the_world_bank_without_a_code_is_known_by_its_other_code(
    write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    def row(iso3: str, code: str, name: str) -> dict[str, object]:
        country = {"id": code, "value": name}
        indicator = {"id": "SM.POP.TOTL", "value": "x"}
        return {"indicator": indicator, "country": country, "countryiso3code": iso3, "date": "2020", "value": 5.0}

    rows = [row("NAM", "NA", "Namibia"), row("", "XD", "High income"), row("", "", "Atlantis")]
    path = write(json.dumps([{"page": 1, "pages": 1}, rows]), "wb.json")
    official = readers.read(path, STOCK)
    assert official.table["destination"].tolist() == ["NAM"]
    assert official.left_out == {GROUPS_OF_AREAS: 1, "for areas that are not known: Atlantis": 1}
    assert told(caplog) == [f"{path}: 1 figure left out for areas that are not known: Atlantis"]


@pytest.mark.parametrize("code", ["QQQ", "CPT"])
def test_a_code_of_the_form_of_an_iso3_is_refused_at_the_oecd(write: Write, code: str) -> None:
    with pytest.raises(UnknownNameError, match=f"'{code}' is no area of the OECD"):
        readers.read_stock(write(OECD_STAT.replace("UUU_Q", code)))


@pytest.mark.parametrize("code", ["IEA", "CIS", "G7", "W_X", "A9", "STLS", "YAR_F"])
def test_groups_of_the_oecd_s_own_list_are_known(write: Write, caplog: pytest.LogCaptureFixture, code: str) -> None:
    official = readers.read(write(OECD_STAT.replace("UUU_Q", code)), STOCK)
    assert official.left_out == {GROUPS_OF_AREAS: 2}
    assert not caplog.records


def test_the_log_is_a_warning(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    readers.read_all(write(EUROSTAT, "a.tsv", dataset="migr_pop1ctz"))
    assert {(record.name, record.levelno) for record in caplog.records} == {("smstock", logging.WARNING)}


def test_json_has_no_lines_and_the_dimension_is_named(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    codes = {"freq": ["A"], "citizen": ["RS", "QQQ"], "age": ["TOTAL"], "unit": ["NR"], "sex": ["T"], "geo": ["DE"]}
    codes |= {"time": ["2020"]}
    answer = {
        "version": "2.0",
        "class": "dataset",
        "source": "ESTAT",
        "updated": "2025-03-13T23:00:00+0100",
        "extension": {"id": "MIGR_POP1CTZ"},
        "id": list(codes),
        "size": [len(of_dimension) for of_dimension in codes.values()],
        "value": {"0": 5, "1": 7},
        "dimension": {
            name: {"category": {"index": {code: place for place, code in enumerate(of_dimension)}}}
            for name, of_dimension in codes.items()
        },
    }
    path = write(json.dumps(answer), "a.json")
    assert readers.read_stock(path)["origin"].tolist() == ["SRB"]
    assert told(caplog) == [f"{path}: 1 figure left out for areas that are not known: QQQ (dimension citizen)"]
