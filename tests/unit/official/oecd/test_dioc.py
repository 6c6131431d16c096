"""DIOC: a stock, and persons by education, from one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

ROWS = [
    "country,coub,regionb,sex,age,edu_lfs,number",
    "AUT,SRB,EUR,1,3,1,10",
    "AUT,SRB,EUR,1,3,2,20",
    "AUT,SRB,ASI,1,3,2,5",
    "AUT,SRB,EUR,2,7,99,7",
    "AUT,SRB,EUR,2,99,1,1",
    "AUT,AUT,EUR,1,3,1,1000",
    "AUT,OOC,EUR,1,3,1,3",
]
SAID = {"reference_date": "2011-01-01", "edition": "2010/11"}


def text(*rows: str) -> str:
    return "\n".join(rows or ROWS) + "\n"


def test_the_stock_is_the_sum_over_education(write: Write) -> None:
    found = readers.read_all(write(text(), **SAID))
    stock = found["stock"].table
    assert stock[["destination", "origin", "sex", "age_min", "value"]].to_numpy().tolist() == [
        ["AUT", "SRB", "male", 25, 35],
        ["AUT", "SRB", "female", 65, 7],
    ]
    assert (stock["concept"] == "birth").all()
    assert set(stock["reference_date"]) == {"2011-01-01"}
    assert found["stock"].left_out == {
        "of natives or nationals of the area itself": 1,
        "for areas that are not known: OOC": 1,
        "for an unknown age or sex": 1,
    }


def test_persons_by_education(write: Write) -> None:
    found = readers.read_indicator(write(text(), **SAID))
    assert found[["group", "sex", "category", "value", "unit"]].to_numpy().tolist() == [
        ["SRB", "male", "isced0-2", 10, "persons"],
        ["SRB", "male", "isced3-4", 25, "persons"],
        ["SRB", "female", "unknown", 7, "persons"],
    ]


def test_a_missing_number_makes_its_sum_missing(write: Write) -> None:
    stock = readers.read_stock(write(text(*ROWS[:2], "AUT,SRB,EUR,1,3,2,"), **SAID))
    assert stock["value"].isna().tolist() == [True]


def test_the_native_born_of_the_round_of_2000_are_left_out(write: Write) -> None:
    rows = ["country,coub,sex,edu_lfs,fborn,number", "AUT,SRB,1,1,1,10", "AUT,DEU,1,1,0,99"]
    stock = readers.read_stock(write(text(*rows), ages="15+", **SAID))
    assert stock[["origin", "age_min", "value"]].to_numpy().tolist() == [["SRB", 15, 10]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("SRB,EUR,1,3,1", "SRB,EUR,1,12,1"), "other age groups than the round of 2010/11"),
        (("SRB,EUR,1,3,1", "SRB,EUR,3,3,1"), "'3' is no sex\n  where:   .*line 2"),
        (("SRB,EUR,1,3,1", "SRB,EUR,1,3,9"), "'9' is no level of education"),
        ((",10", ",ten"), "neither a figure"),
    ],
)
def test_codes_of_other_rounds_are_refused(write: Write, change: tuple[str, str], said: str) -> None:
    with pytest.raises(OfficialFileError, match=said):
        readers.read_stock(write(text().replace(*change), **SAID))


def test_a_country_of_residence_must_be_known(write: Write) -> None:
    with pytest.raises(UnknownNameError, match="'ZZZ' is no country of residence"):
        readers.read_stock(write(text().replace("AUT,SRB", "ZZZ,SRB"), **SAID))


def test_the_round_is_not_in_the_file(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="does not say which day"):
        readers.read_stock(write(text()))
