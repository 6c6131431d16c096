"""Tables with headings over two rows: the lower one is taken, and the part of the columns that is read is asked for."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from smstock.official import readers
from smstock.workflows.description import descriptions

if TYPE_CHECKING:
    from pathlib import Path

ABOVE = """
producer = "P"
title = "T"
edition = "2024"
citation = "C"
licence = "L"
retrieved = 2026-11-30
provider = "own"
dataset = "d"
concept = "citizenship"
destination = "NOR"
ages = "0+"
"""
ROWS = ";;Menn;;Kvinner;\n;Statsborgerskap;2022;2023;2022;2023\n1;Serbia;1;2;3;4\n2;Turkey;5;6;7;8\n"


def drafted(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    (record,) = descriptions([path], dry_run=True)
    draft: str = record["text"]
    return draft


@pytest.mark.parametrize(
    ("text", "header_row", "origin"),
    [
        (ROWS, 2, "Statsborgerskap"),
        ("Statsborgerskap;Menn;;Kvinner;\n;2022;2023;2022;2023\nSerbia;1;2;3;4\nTurkey;5;6;7;8\n", 2, "column 1"),
        (
            "Title;;;;\n\n;Menn;Menn;Kvinner;Kvinner\nBorn in;2022;2023;2022;2023\nSerbia;1;2;3;4\nTurkey;5;6;7;8\n",
            4,
            "Born in",
        ),
        (
            "Birth;Menn;;Kvinner;\nBirth;2022;2023;2022;2023\nSerbia;1;2;3;4\nTurkey;5;6;7;8\n",
            2,
            "Birth",
        ),
    ],
)
def test_a_part_of_a_table_with_sexes_above_years_is_read(
    tmp_path: Path, text: str, header_row: int, origin: str
) -> None:
    path = tmp_path / "own.csv"
    draft = drafted(path, text)
    columns: dict[str, Any] = tomllib.loads(draft)["columns"]
    assert (columns["header_row"], columns["origin"], columns["years"]) == (header_row, origin, "columns")
    assert columns["ignore"] == ""
    assert "the row above has headings too: Menn, Kvinner" in draft
    (line,) = (line for line in draft.splitlines() if line.startswith("ignore"))
    of_women = line.partition("Kvinner: ")[2]
    lines = [f"ignore = [{of_women}]" if one == line else one for one in draft.partition("[columns]")[2].splitlines()]
    mapping = "\n".join(lines).replace('reviewed = ""', "reviewed = 2026-11-30")
    above = f'{ABOVE}sex = "male"\nreference_date = "01-01"\n[columns]\n'
    (tmp_path / "own.csv.origin.toml").write_text(above + mapping, encoding="utf-8")
    stock = readers.read_stock(path)
    assert stock.set_index(["origin", "reference_date"])["value"].to_dict() == {
        ("SRB", "2022-01-01"): 1,
        ("SRB", "2023-01-01"): 2,
        ("TUR", "2022-01-01"): 5,
        ("TUR", "2023-01-01"): 6,
    }
    assert set(stock["sex"]) == {"male"}


def test_years_above_sexes_of_a_sheet(tmp_path: Path) -> None:
    book = Workbook()
    for row in (
        ["Country of birth", 2022, None, 2023, None],
        [None, "Men", "Women", "Men", "Women"],
        ["Serbia", 1, 2, 3, 4],
        ["Turkey", 5, 6, 7, 8],
    ):
        book.worksheets[0].append(row)
    path = tmp_path / "own.xlsx"
    book.save(path)
    (record,) = descriptions([path], dry_run=True)
    assert [(column["column"], column["taken_as"], column["why"]) for column in record["columns"]] == [
        ("column 1", "origin", "its heading; 2 of 2 texts are areas"),
        ("Men (column 2), Women (column 3)", "sexes", "headings that are sexes; below 2022"),
        ("Men (column 4), Women (column 5)", "sexes", "headings that are sexes; below 2023"),
    ]
    mapping = record["text"].partition("[columns]")[2].replace('reviewed = ""', "reviewed = 2026-11-30")
    lines = mapping.splitlines()
    (line,) = (line for line in lines if line.startswith("ignore"))
    mapping = mapping.replace(line, 'ignore = ["Men (column 2)", "Women (column 3)"]')
    above = f'{ABOVE}reference_date = "2023-01-01"\n[columns]\n'
    (tmp_path / "own.xlsx.origin.toml").write_text(above + mapping, encoding="utf-8")
    stock = readers.read_stock(path)
    assert stock.set_index(["origin", "sex"])["value"].to_dict() == {
        ("SRB", "male"): 3,
        ("SRB", "female"): 4,
        ("TUR", "male"): 7,
        ("TUR", "female"): 8,
    }


def test_sexes_below_years_are_headings_whatever_stands_beside_them(tmp_path: Path) -> None:
    text = "Country;2022;2022;2023;2023\nof birth;M;F;M;F\nSerbia;1;2;3;4\nTurkey;5;6;7;8\n"
    columns = tomllib.loads(drafted(tmp_path / "own.csv", text))["columns"]
    assert (columns["header_row"], columns["origin"], columns["sexes"]) == (2, "of birth", "columns")
    assert "missing" not in columns


def test_areas_above_years_are_asked_for_as_what_the_part_is(tmp_path: Path) -> None:
    draft = drafted(tmp_path / "own.csv", "birth,Germany,,Austria,\n,2022,2023,2022,2023\nSRB,1,2,3,4\nTUR,5,6,7,8\n")
    assert 'destination = ""  # of the columns that are read' in draft
    assert 'Austria: "2022 (column 4)", "2023 (column 5)"' in draft


def test_a_heading_above_all_years_leaves_nothing_to_choose(tmp_path: Path) -> None:
    columns = tomllib.loads(drafted(tmp_path / "own.csv", "Birth;År;\n;2022;2023\nSerbia;1;2\nTurkey;5;6\n"))["columns"]
    assert (columns["header_row"], columns["years"]) == (2, "columns")
    assert "ignore" not in columns


@pytest.mark.parametrize(
    "text",
    [
        "Birth;2022;2023\nSerbia;2011;2015\nTurkey;1;2\n",
        "Birth;year;Germany;Austria\nSerbia;2020;2011;2015\nTurkey;2020;7;2\n",
        ";Germany;Austria\nSerbia;2011;2015\nTurkey;7;2\nItaly;7;2\n",
        "Birth;dest;year;n;n\nSerbia;DEU;2020;..;confidential\nTurkey;DEU;2020;4;2\n",
    ],
)
def test_a_first_row_of_figures_is_no_row_of_headings(tmp_path: Path, text: str) -> None:
    draft = drafted(tmp_path / "own.csv", text)
    assert "header_row" not in tomllib.loads(draft)["columns"]
