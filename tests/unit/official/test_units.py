"""What a file says about thousands is applied or refused, whichever way it says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from smstock import tables
from smstock.errors import OfficialFileError
from smstock.official import readers
from smstock.official.units import check_heading, counted, multiplied

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

TIDY = "provider,dataset,edition,concept,destination,origin,sex,age_min,age_max,reference_date,value,flags,retrieved_at"
ROW = "undesa,ims,2020,birth,DEU,SRB,all,0,,2020-07-01,199.7,B,"


def place(row: int) -> str:
    return f"line {row + 2}"


@pytest.mark.parametrize(
    ("columns", "factors"),
    [
        ({"UNIT_MULT": ["3", "0"]}, [1000, 1]),
        ({"UNIT_MULT": ["3", "6"], "Unit multiplier": ["Thousands", "Millions"]}, [1000, 1e6]),
        ({"PowerCode": ["Thousands", "Units"]}, [1000, 1]),
        ({"PowerCode Code": ["3", ""], "PowerCode": ["Thousands", "Units"]}, [1000, 1]),
        ({"UNIT_MULT": ["", ""]}, [1, 1]),
        ({"multiplier": ["1000", "1"]}, [1000, 1]),
        ({"note": ["3", "3"]}, [1, 1]),
    ],
)
def test_multipliers(columns: dict[str, list[str]], factors: list[float]) -> None:
    assert multiplied(np.array([1.5, 1.5]), pd.DataFrame(columns), place).tolist() == [1.5 * one for one in factors]


def test_thousands_are_whole_persons() -> None:
    numbers = np.array([1048.9, 0.001, 70103.971])
    assert multiplied(numbers, pd.DataFrame({"UNIT_MULT": ["3"] * 3}), place).tolist() == [1048900, 1, 70103971]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"UNIT_MULT": ["0", "x"]}, "UNIT_MULT is 'x'"),
        ({"UNIT_MULT": ["0", "-3"]}, "UNIT_MULT is '-3'"),
        ({"UNIT_MULT": ["0", "3"], "Unit multiplier": ["Units", "Units"]}, "Unit multiplier is 'Units'"),
        ({"UNIT_MULT": ["3", ""]}, "has no unit, and others have one"),
        ({"multiplier": ["1", "3"]}, "multiplier is '3'"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(columns: dict[str, list[str]], message: str) -> None:
    with pytest.raises(OfficialFileError, match=message) as caught:
        multiplied(np.array([1.0, 1.0]), pd.DataFrame(columns), place)
    assert caught.value.where == "line 3"


def test_a_missing_figure_needs_no_unit() -> None:
    assert np.isnan(multiplied(np.array([1.0, np.nan]), pd.DataFrame({"UNIT_MULT": ["0", ""]}), place)[1])


def test_a_unit_and_a_multiplier_are_not_both_applied() -> None:
    rows = pd.DataFrame({"unit": ["thousand persons"], "UNIT_MULT": ["3"]})
    with pytest.raises(OfficialFileError, match="both a unit and a multiplier"):
        counted(np.array([1.0]), rows, place)
    assert counted(np.array([1.0]), rows.assign(unit="persons"), place).tolist() == [1000]


@pytest.mark.parametrize(("unit", "value"), [("persons", 199.7), ("Thousand persons", 199_700), ("THS_PER", 199_700)])
def test_a_tidy_file_may_say_its_unit(write: Write, unit: str, value: float) -> None:
    assert readers.read_stock(write(f"{TIDY},unit\n{ROW},{unit}\n"))["value"].tolist() == [value]


@pytest.mark.parametrize("unit", ["percent", "per 1,000 persons", "lakh"])
def test_a_unit_that_is_not_persons_is_refused(write: Write, unit: str) -> None:
    with pytest.raises(OfficialFileError, match="other units than persons") as caught:
        readers.read_stock(write(f'{TIDY},unit\n{ROW},"{unit}"\n'))
    assert caught.value.where.endswith("line 2")


@pytest.mark.parametrize(
    "heading",
    [
        "Population (thousands)",
        "values_ths",
        "in thousands",
        "persons, 1 000",
        "population ('000)",
        "1000s",
        "Millions",
    ],
)
def test_a_heading_that_scales_is_refused(heading: str) -> None:
    with pytest.raises(OfficialFileError, match="in another unit than persons"):
        check_heading(heading, "a.csv")


@pytest.mark.parametrize("heading", ["Population, total", "values", "International migrant stock", "2000", "year 2000"])
def test_other_headings_pass(heading: str) -> None:
    check_heading(heading, "a.csv")


def test_a_copy_of_eurostat_whose_column_says_thousands(write: Write) -> None:
    text = "citizen,age,sex,unit,geo,TIME_PERIOD,{}\nRO,TOTAL,T,NR,AT,2020,127.5\n"
    said = {"dataset": "migr_pop1ctz"}
    assert readers.read_stock(write(text.format("values"), **said))["value"].tolist() == [127.5]
    with pytest.raises(OfficialFileError, match=r"'values \(thousands\)' are in another unit"):
        readers.read_stock(write(text.format("values (thousands)"), **said))


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Einheit", "Tausend"),
        ("unité", "milliers"),
        ("measure", "thousands"),
        ("Measure unit", "Thousand persons"),
        ("mult", "1000"),
        ("factor", "10^3"),
        ("scale_factor", "3"),
        ("exponent", "3"),
        ("figures in", "in thousands"),
        ("note", "Tsd. Personen"),
        ("magnitud", "miles de personas"),
    ],
)
def test_a_column_that_nobody_reads_and_that_multiplies_is_refused_by_name(
    write: Write, column: str, text: str
) -> None:
    path = write(f"{TIDY},{column}\n{ROW},\n{ROW.replace('SRB', 'TUR')},{text}\n")
    with pytest.raises(OfficialFileError, match=f"the column {column} is not read and says ") as refused:
        readers.read_stock(path)
    assert repr(text) in refused.value.what
    assert refused.value.where == f"{path}, line 3"
    assert "multiplier (1000)" in refused.value.hint


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Einheit", "Personen"),
        ("measure", "migrant stock"),
        ("factor", "1"),
        ("mult", "0"),
        ("sources", "3"),
        ("sources", "10"),
        ("note", "thousands of them came in 2015"),
        ("community", "3"),
        ("Einheit", ""),
    ],
)
def test_other_columns_that_nobody_reads_pass(write: Write, column: str, text: str) -> None:
    assert readers.read_stock(write(f"{TIDY},{column}\n{ROW},{text}\n"))["value"].tolist() == [199.7]


def test_no_column_of_shares_is_multiplied_so_a_multiplier_is_refused(write: Write) -> None:
    header = ",".join([*tables.INDICATOR.names, "multiplier"])
    row = "itu,datahub,2024,users,,DEU,,,female,16,74,2022-07-01,91.2,thousand persons,,,1000"
    with pytest.raises(OfficialFileError, match="the column multiplier is not read and says '1000'") as refused:
        readers.read_indicator(write(f"{header}\n{row}\n"))
    assert refused.value.hint == "give figures in single units and leave it out"
