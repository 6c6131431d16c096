"""Copies of stock tables: the sidecar says what they leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import ContractError, OfficialFileError, UnknownNameError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

LONG = "destination_iso3,origin_iso3,sex,year,stock\nDEU,SRB,Total,2020,199691\nNAM,CHA,Female,1990,25\n"
SAID = {"provider": "undesa", "dataset": "ims", "concept": "mixed", "ages": "0+"}


def test_a_long_copy(write: Write) -> None:
    stock = readers.read_stock(write(LONG, **SAID))
    assert stock[["destination", "origin", "sex", "reference_date", "value"]].to_numpy().tolist() == [
        ["DEU", "SRB", "all", "2020-07-01", 199691],
        ["NAM", "CHI", "female", "1990-07-01", 25],
    ]
    assert set(stock["edition"]) == {"2020"}
    assert set(stock["concept"]) == {"mixed"}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("provider", "whose figures it holds"),
        ("dataset", "which data set"),
        ("concept", "whom it counts"),
        ("ages", "which ages it counts"),
    ],
)
def test_what_the_sidecar_leaves_out_is_asked_for(write: Write, entry: str, said: str) -> None:
    with pytest.raises(OfficialFileError, match=f"does not say {said}"):
        readers.read_stock(write(LONG, **{name: text for name, text in SAID.items() if name != entry}))


def test_the_identifiers_of_gapminder(write: Write) -> None:
    text = "destination,origin,gender,year,migrant_stock\nchanisl,gbm,male,1990,1\nhos,nld_curacao,male,1990,2\nnam,deu,male,1990,3\n"
    stock = readers.read_stock(write(text, **SAID))
    assert stock[["destination", "origin"]].to_numpy().tolist() == [["CHI", "IMN"], ["VAT", "CUW"], ["NAM", "DEU"]]


def test_namibia_among_codes_of_two_letters(write: Write) -> None:
    text = LONG.replace("SRB", "NA").replace("CHA", "DE")
    assert readers.read_stock(write(text, **SAID))["origin"].tolist() == ["NAM", "DEU"]


def test_another_day_and_ages_in_a_column(write: Write) -> None:
    text = "dest,orig,age,year,value\nGermany,Serbia,15-24,2015,7\nGermany,Germany,15-24,2015,9\nGermany,Serbia,Unknown,2015,1\n"
    entries = {**SAID, "sex": "all", "reference_date": "12-31"}
    found = readers.read_all(write(text, **entries))["stock"]
    assert found.table[["age_min", "age_max", "reference_date", "value"]].to_numpy().tolist() == [
        [15, 24, "2015-12-31", 7]
    ]
    assert found.left_out == {"of natives or nationals of the area itself": 1, "for an unknown age": 1}


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (("SRB", "ZZZ"), UnknownNameError, "'ZZZ'"),
        (("SRB", "NA"), UnknownNameError, "'NA' may be Namibia or a missing text"),
        (("SRB", "na"), UnknownNameError, "'na' may be Namibia or a missing text"),
        (("SRB", "World"), UnknownNameError, "totals and groups are read by \\[columns\\] in the sidecar"),
        (("Total", "Both of them"), OfficialFileError, "'Both of them' is no sex"),
        (("2020", "MMXX"), OfficialFileError, "'MMXX' is no year"),
        (("199691", "-1"), OfficialFileError, "neither a figure"),
        (("NAM,CHA,Female,1990", "DEU,SRB,Total,2020"), ContractError, "rows share a key|breaks its contract"),
    ],
)
def test_what_cannot_be_is_refused(write: Write, change: tuple[str, str], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        readers.read_stock(write(LONG.replace(*change), **SAID))


def test_a_day_of_the_sidecar_that_a_year_lacks_is_refused(write: Write) -> None:
    with pytest.raises(OfficialFileError, match=r"'\d{4}-02-29' is no day of the calendar") as caught:
        readers.read_stock(write(LONG.replace("2020", "2019"), **SAID | {"reference_date": "02-29"}))
    assert "file.csv, line " in caught.value.where
    assert "sidecar" in caught.value.where


@pytest.mark.parametrize("year", ["0000", "2015-02-30", "2015-13-01"])
def test_what_is_no_year_is_refused_with_its_line(write: Write, year: str) -> None:
    with pytest.raises(OfficialFileError, match=f"'{year}' is no year") as caught:
        readers.read_stock(write(LONG.replace("1990", year), **SAID))
    assert "file.csv, line " in caught.value.where


BY_ORIGIN = (
    'Year,Destination,Total,Other South,Other North,Serbia,"Côte d\'Ivoire"\n'
    "2015,WORLD,9,1,1,4,3\n2015,Namibia,9,1,1,4,3\n2019,Namibia,8,2,..,5,\n"
)


def test_origins_as_columns_need_sex_and_concept(write: Write) -> None:
    for entries in ({"sex": "male"}, {"concept": "mixed"}):
        with pytest.raises(OfficialFileError, match="does not say"):
            readers.read_stock(write(BY_ORIGIN, **entries))
    found = readers.read_all(write(BY_ORIGIN, sex="male", concept="mixed"))["stock"]
    last = found.table[found.table["reference_date"] == "2019-07-01"]
    assert dict(zip(last["origin"], last["flags"], strict=True)) == {"WLD": "", "SRB": "", "CIV": "blank", "XXX": ".."}
    first = found.table[found.table["reference_date"] == "2015-07-01"]
    assert dict(zip(first["origin"], first["value"], strict=True)) == {"WLD": 9, "SRB": 4, "CIV": 3, "XXX": 2}
    assert set(found.table["edition"]) == {"2019"}
    assert sum(found.left_out.values()) == 4


@pytest.mark.parametrize("change", [("Namibia", "Ruritania"), ("Serbia", "Ruritania")])
def test_a_name_that_is_no_area_is_refused(write: Write, change: tuple[str, str]) -> None:
    with pytest.raises(UnknownNameError, match="'Ruritania'"):
        readers.read_stock(write(BY_ORIGIN.replace(*change), sex="male", concept="mixed"))


SPANS = [f"{span}_({sex})" for sex in ("mf", "m", "f") for span in ("0-4", "75+", "Total")]
BY_AGE = "Year,Destination," + ",".join(SPANS) + "\n"


def test_ages_as_columns_are_a_stock_if_whole_and_a_population_if_not(write: Write) -> None:
    whole = BY_AGE + "2019,Namibia,3,2,5,1,1,2,2,1,3\n2019,EUROPE,3,2,5,1,1,2,2,1,3\n"
    stock = readers.read_stock(write(whole, concept="birth"))
    assert stock["value"].sum() == 20
    assert stock.loc[stock["sex"] == "female", "age_min"].tolist() == [0, 75, 0]
    thousands = BY_AGE + "2019.0,Namibia,3.5,2.25,5.75,1.5,1.25,2.75,2.5,1.5,3.125\n,,..,..,..,..,..,..,..,..,..\n"
    population = readers.read_population(write(thousands))
    assert population.loc[population["sex"] == "all", "value"].tolist() == [3500, 2250, 5750]
    assert set(population["edition"]) == {"ims 2019"}


def test_a_file_that_may_be_either_is_refused(write: Write) -> None:
    mixed = BY_AGE + "2019,Namibia,3.5,2,5,1.5,1,2,2,1,3\n"
    with pytest.raises(OfficialFileError, match="22% of its figures have decimals"):
        readers.read_all(write(mixed, concept="birth"))


def test_figures_without_a_destination_are_refused(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="figures without a year and a destination"):
        readers.read_stock(write(BY_AGE + ",,3,2,5,1,1,2,2,1,3\n", concept="birth"))


@pytest.mark.parametrize(
    ("text", "value"), [("1e+05", 100_000), ("2.1e6", 2_100_000), ("199\u202f691", 199691), ("199691,0", 199691)]
)
def test_figures_as_r_and_excel_write_them(write: Write, text: str, value: float) -> None:
    copy = LONG.replace(",", ";").replace("199691", text)
    assert readers.read_stock(write(copy, **SAID))["value"].tolist() == [value, 25]


def test_a_blank_line_does_not_move_the_line_of_a_figure(write: Write) -> None:
    path = write("sep=,\n" + LONG.replace("NAM", "\nNAM").replace(",25", ",n/a"), **SAID)
    with pytest.raises(OfficialFileError, match="'n/a' is neither a figure") as caught:
        readers.read_stock(path)
    assert caught.value.where == f"{path}, line 5"


def test_an_unknown_area_is_told_with_its_line(write: Write) -> None:
    path = write(LONG.replace("CHA", "DEW"), **SAID)
    with pytest.raises(UnknownNameError, match="unknown area 'DEW'") as caught:
        readers.read_stock(path)
    assert caught.value.where == f"{path}, line 3, column origin"
