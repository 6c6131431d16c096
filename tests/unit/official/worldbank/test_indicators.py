"""World Bank: indicators by their codes, groups by theirs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official import readers
from smstock.official.base import GROUPS_OF_AREAS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]


def row(
    code: str = "SP.POP.TOTL", iso3: str = "NAM", year: str = "2020", value: float | None = 2489098
) -> dict[str, Any]:
    return {
        "indicator": {"id": code, "value": "x"},
        "country": {"id": "NA", "value": "Namibia"},
        "countryiso3code": iso3,
        "date": year,
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 0,
    }


def answer(*rows: dict[str, Any], **page: Any) -> str:
    return json.dumps(
        [{"page": 1, "pages": 1, "per_page": 20000, "total": 1, "lastupdated": "2026-07-13"} | page, list(rows)]
    )


@pytest.mark.parametrize(
    ("code", "sex", "youngest", "oldest"),
    [
        ("SP.POP.TOTL", "all", 0, None),
        ("SP.POP.TOTL.FE.IN", "female", 0, None),
        ("SP.POP.0004.FE", "female", 0, 4),
        ("SP.POP.2024.FE", "female", 20, 24),
        ("SP.POP.80UP.MA", "male", 80, None),
        ("SP.POP.1564.TO", "all", 15, 64),
    ],
)
def test_population_indicators(write: Write, code: str, sex: str, youngest: int, oldest: int | None) -> None:
    (found,) = readers.read_population(write(answer(row(code)))).to_dict("records")
    assert (found["sex"], found["age_min"], found["value"]) == (sex, youngest, 2489098)
    assert (
        (found["age_max"] == oldest)
        if oldest
        else (found["age_max"] != found["age_max"] or found["age_max"] is not int)
    )
    assert (found["area"], found["reference_date"], found["edition"]) == ("NAM", "2020-07-01", "2026-07-13")


def test_the_migrant_stock_is_of_mixed_concept_and_its_gaps_are_missing(write: Write) -> None:
    stock = readers.read_stock(write(answer(row("SM.POP.TOTL"), row("SM.POP.TOTL", year="2019", value=None))))
    assert stock["concept"].tolist() == ["mixed", "mixed"]
    assert stock["origin"].tolist() == ["WLD", "WLD"]
    assert stock["flags"].tolist() == ["", "blank"]
    assert stock["value"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("code", "sex"), [("IT.NET.USER.ZS", "all"), ("IT.NET.USER.FE.ZS", "female"), ("IT.NET.USER.MA.ZS", "male")]
)
def test_internet_users(write: Write, code: str, sex: str) -> None:
    (found,) = readers.read_indicator(write(answer(row(code, value=62.2)))).to_dict("records")
    assert (found["indicator"], found["category"], found["sex"]) == ("internet_use", code, sex)
    assert (found["value"], found["unit"]) == (62.2, "percent of individuals")


@pytest.mark.parametrize("iso3", ["", "WLD", "EUU", "AFE", "IDX"])
def test_groups_are_set_aside_by_code(write: Write, iso3: str) -> None:
    found = readers.read_all(write(answer(row(), row(iso3=iso3))))["population"]
    assert found.table["area"].tolist() == ["NAM"]
    assert sum(found.left_out.values()) == 1


@pytest.mark.parametrize("iso3", ["XKX", "CHI", "PSE"])
def test_kosovo_and_the_channel_islands_are_areas(write: Write, iso3: str) -> None:
    assert readers.read_population(write(answer(row(iso3=iso3))))["area"].tolist() == [iso3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            json.dumps([{"message": [{"id": "120", "key": "Invalid value", "value": "not valid"}]}]),
            "Invalid value: not valid",
        ),
        (json.dumps([{"message": "down"}]), "answered an error"),
        (answer(row(), pages=3), "is page 1 of 3, not the whole"),
        (answer(row("NY.GDP.PCAP.CD")), "holds NY.GDP.PCAP.CD of the World Bank, which is not read"),
        (answer(), "holds nothing of the World Bank"),
        (answer(row(year="2020Q1")), "'2020Q1' is no year"),
        (answer(row() | {"value": "7"}), r"damaged answer of the World Bank: 1\.0\.value: a number \(it is '7'\)"),
        (answer(row() | {"countryiso3code": None}), r"countryiso3code: a text, in quotes \(it is None\)"),
        (answer(row(value=None)), "holds no figure for a population table"),
    ],
)
def test_what_is_no_table_is_refused(write: Write, text: str, said: str) -> None:
    with pytest.raises(OfficialFileError, match=said):
        readers.read_all(write(text))


def test_an_area_that_is_not_known_is_refused(write: Write) -> None:
    with pytest.raises(UnknownNameError, match="'ZZZ' is no area of the World Bank"):
        readers.read_population(write(answer(row(iso3="ZZZ"))))


TABLE = (
    '"Country Name","Country Code","Indicator Name","Indicator Code","2019","2020",\n'
    '"Namibia","NAM","Internet","IT.NET.USER.ZS","","62.5",\n'
    '"World","WLD","Internet","IT.NET.USER.ZS","50","4.37E-06",\n'
)
ABOVE = '"Data Source","World Development Indicators",\n\n"Last Updated Date","2024-10-24",\n\n'


@pytest.mark.parametrize(("text", "edition"), [(ABOVE + TABLE, "2024-10-24"), (TABLE, "not stated")])
def test_a_download_with_and_without_the_lines_above_its_header(write: Write, text: str, edition: str) -> None:
    found = readers.read_all(write("\ufeff" + text))["indicator"]
    assert found.table[["area", "reference_date", "flags", "edition"]].to_numpy().tolist() == [
        ["NAM", "2019-07-01", "blank", edition],
        ["NAM", "2020-07-01", "", edition],
    ]
    assert found.table["value"].tolist()[1] == 62.5
    assert found.left_out == {GROUPS_OF_AREAS: 2}


def test_a_download_of_all_indicators(write: Write) -> None:
    others = '"Namibia","NAM","Net migration","SM.POP.NETM","-4000","-5000",\n'
    rows = TABLE.split("\n", 1)
    read = readers.read_all(write(f"{rows[0]}\n{others * 3}{rows[1]}"))["indicator"]
    assert read.table["value"].tolist()[1] == 62.5
    assert read.left_out == {GROUPS_OF_AREAS: 2, "of other indicators": 6}
    with pytest.raises(OfficialFileError, match="neither a figure") as caught:
        readers.read_all(write(f"{rows[0]}\n{others * 3}{rows[1]}".replace("62.5", "x")))
    assert "line 5, Namibia, 2020" in caught.value.where


@pytest.mark.parametrize(
    ("header", "message"), [('"2019","2018"', "years out of order"), ('"2019","mean"', "'mean' is no year")]
)
def test_columns_that_are_no_years_in_order_are_refused(write: Write, header: str, message: str) -> None:
    with pytest.raises(OfficialFileError, match=message):
        readers.read_indicator(write(TABLE.replace('"2019","2020"', header)))


def test_a_damaged_header_is_refused(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="has a damaged header") as caught:
        readers.read_indicator(write(TABLE.replace('"Indicator Name"', '"Indicator ""Name"')))
    assert "Indicator Name, Indicator Code" in caught.value.allowed


def test_the_metadata_of_countries_are_no_figures(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="lists countries with their regions"):
        readers.read_all(
            write('"Country Code","Region","IncomeGroup","SpecialNotes","TableName",\n"ABW","x","y","z","w",\n')
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "thousands"},
        {"scale": "Millions"},
        {"indicator": {"id": "SP.POP.TOTL", "value": "Population (thousands)"}},
    ],
)
def test_figures_that_the_answer_says_are_scaled_are_refused(write: Write, changes: dict[str, Any]) -> None:
    with pytest.raises(OfficialFileError, match="in another unit than persons"):
        readers.read_population(write(answer(row() | changes)))


def test_a_download_of_thousands_is_refused(write: Write) -> None:
    text = TABLE.replace('"Internet","IT.NET.USER.ZS"', '"Population, thousands","SP.POP.TOTL"')
    with pytest.raises(OfficialFileError, match="'Population, thousands' are in another unit"):
        readers.read_population(write(text))
