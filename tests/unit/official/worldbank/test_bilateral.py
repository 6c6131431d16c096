"""World Bank's Global Bilateral Migration: stocks by origin, destination, sex and decade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers
from smstock.official.base import AT_HOME, GROUPS_OF_AREAS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

HEAD = (
    "Country Origin Name,Country Origin Code,Migration by Gender Name,Migration by Gender Code,Country Dest Name,"
    "Country Dest Code,1990 [1990],2000 [2000]\n"
)
TURKEY = "Turkey,TUR,Total,TOT,Germany,DEU,1600000,1900000\nTurkey,TUR,Female,FEM,Germany,DEU,..,900000\n"
MALES = "Turkey,TUR,Male,MAL,Germany,DEU,..,1000000\n"
NOTES = "\nData from database: Global Bilateral Migration\nLast Updated: 06/28/2011\n"


def stock(path: Path) -> dict[tuple[str, str, str, str], float]:
    table = readers.read_stock(path)
    keys = zip(table["destination"], table["origin"], table["sex"], table["reference_date"].str[:4], strict=True)
    return dict(zip(keys, table["value"].fillna(-1), strict=True))


def test_sexes_decades_and_what_is_missing(write: Write) -> None:
    path = write(HEAD + TURKEY + MALES + NOTES)
    assert stock(path) == {
        ("DEU", "TUR", "all", "1990"): 1600000,
        ("DEU", "TUR", "all", "2000"): 1900000,
        ("DEU", "TUR", "female", "1990"): -1,
        ("DEU", "TUR", "female", "2000"): 900000,
        ("DEU", "TUR", "male", "1990"): -1,
        ("DEU", "TUR", "male", "2000"): 1000000,
    }
    table = readers.read_stock(path)
    assert {name: set(table[name]) for name in ("provider", "dataset", "concept", "edition", "flags")} == {
        "provider": {"worldbank"},
        "dataset": {"gbm"},
        "concept": {"mixed"},
        "edition": {"2011-06-28"},
        "flags": {"", ".."},
    }


def test_destinations_in_columns(write: Write) -> None:
    text = (
        "Year,Year Code,Country Origin Name,Country Origin Code,Migration by Gender Name,Migration by Gender Code,"
        "Germany [DEU],Austria [AUT]\n2000,2000,Romania,ROM,Total,TOT,317000,22000\n"
    )
    assert stock(write(text)) == {("DEU", "ROU", "all", "2000"): 317000, ("AUT", "ROU", "all", "2000"): 22000}


def test_sexes_in_columns(write: Write) -> None:
    text = (
        "Country Origin Name,Country Origin Code,Country Dest Name,Country Dest Code,Year,Year Code,Total [TOT],"
        "Female [FEM]\nTurkey,TUR,Germany,DEU,2000,2000,1900000,900000\n"
    )
    assert stock(write(text)) == {("DEU", "TUR", "all", "2000"): 1900000, ("DEU", "TUR", "female", "2000"): 900000}


def test_groups_natives_and_unknown_codes_are_counted(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    rows = (
        "World,WLD,Total,TOT,Germany,DEU,5,9\nTurkey,TUR,Total,TOT,World,WLD,5,9\n"
        "Germany,DEU,Total,TOT,Germany,DEU,5,9\nNowhere,QQQ,Total,TOT,Germany,DEU,5,9\n"
    )
    read = readers.read_all(write(HEAD + TURKEY + rows))["stock"]
    assert read.left_out == {GROUPS_OF_AREAS: 2, AT_HOME: 2, "for areas that are not known: QQQ": 2}
    assert stock(write(HEAD + rows)) == {("DEU", "WLD", "all", "1990"): 5, ("DEU", "WLD", "all", "2000"): 9}
    assert "QQQ (line 7)" in caplog.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("Country Dest Name,Country Dest Code,", ""), "lacks a dimension"),
        (("TUR,Female,FEM", "TUR,Female,XXX"), "'XXX' is no sex"),
        (("1990 [1990]", "1990-1999 [1990]"), "the year '1990-1999' has the code '1990'"),
        (("1600000", "1600000 persons"), "neither a figure nor a mark"),
        (("Migration by Gender Code", "Gender"), "has names without codes"),
    ],
)
def test_what_does_not_fit_is_refused(write: Write, change: tuple[str, str], message: str) -> None:
    text = HEAD + TURKEY
    if change[1] == "":
        text = text.replace(",Germany,DEU", "")
    with pytest.raises(OfficialFileError, match=message):
        readers.read_all(write(text.replace(*change)))


def test_a_matrix_of_names_is_refused_with_the_way_on(save: Callable[..., Path]) -> None:
    corner = "Migrant-destination country (across)     -     Migrant-origin country (down)"
    rows = [
        ["Bilateral Estimates of Migrant Stocks in 2017"],
        [corner, "Austria", "World"],
        ["Turkey", 160000, 3400000],
    ]
    with pytest.raises(OfficialFileError, match="names of countries across and down") as caught:
        readers.read_all(save({"Bilateral_Migration_2017": rows}))
    assert caught.value.hint == "take UN DESA International Migrant Stock by destination and origin"
