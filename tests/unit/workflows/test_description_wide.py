"""Tables with areas or sexes as headings: drafted, filled in and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smstock.errors import OfficialFileError
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
sex = "all"
ages = "0+"
reference_date = "01-01"
"""
OF_STOCK = 'dataset = "d"\nconcept = "birth"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "own.csv"


def drafted(path: Path, text: str) -> str:
    """Return the lines of the draft from [columns] on, the day of the review filled in."""
    path.write_text(text, encoding="utf-8")
    (record,) = descriptions([path], dry_run=True)
    lines: str = record["text"].partition("[columns]")[2]
    return "[columns]" + lines.replace('reviewed = ""', "reviewed = 2026-11-30")


def tables(path: Path, columns: str, above: str = "") -> dict[str, Any]:
    path.with_name(path.name + ".origin.toml").write_text(f"{ABOVE}{above}{columns}", encoding="utf-8")
    return {name: official.table for name, official in readers.read_all(path).items()}


def test_a_population_with_areas_as_headings_is_drafted_and_read(path: Path) -> None:
    columns = drafted(path, "Population of Europe\nYear;Germany;Italy\n2020;5;6\n2021;7;8\n")
    population = tables(path, columns)["population"]
    assert population.set_index(["area", "reference_date"])["value"].to_dict() == {
        ("DEU", "2020-01-01"): 5,
        ("DEU", "2021-01-01"): 7,
        ("ITA", "2020-01-01"): 6,
        ("ITA", "2021-01-01"): 8,
    }


def test_headings_that_are_no_known_area_are_asked_for_and_stand_for_the_headings(path: Path) -> None:
    columns = drafted(path, "Befolkning\nÅr;Germany;Italien;Tyrkland;Norden\n2020;5;6;7;9\n")
    assert 'areas = "columns"' not in columns
    assert columns.endswith('"Tyrkland" = ""\n"Norden" = ""\n')
    columns = columns.replace('"Tyrkland" = ""', '"Tyrkland" = "TUR"').replace('"Norden" = ""', '"Norden" = "group"')
    population = tables(path, columns)["population"]
    assert population.set_index("area")["value"].to_dict() == {"DEU": 5, "ITA": 6, "TUR": 7}


@pytest.mark.parametrize("unknown", [False, True])
def test_a_table_that_may_be_either_is_left_open_and_reads_both_ways(path: Path, unknown: bool) -> None:
    last = "Xland" if unknown else "Spain"
    columns = drafted(path, f"Year;Germany;Italy;{last}\n2020;5;6;7\n2021;7;8;9\n").replace(
        '"Xland" = ""', '"Xland" = "ESP"'
    )
    lines = columns.splitlines()
    (of_kind,) = (line for line in lines if line.startswith("table"))
    (of_origins,) = (line for line in lines if line.startswith("origins"))
    assert ("take out origins" in of_kind) is unknown
    as_stock = columns.replace(of_kind, 'table = "stock"')
    origins = tables(path, as_stock.replace(of_origins, 'origins = "columns"'), OF_STOCK + 'destination = "AUT"\n')
    assert set(origins["stock"]["origin"]) == {"DEU", "ITA", "ESP"}
    destinations = tables(path, as_stock.replace(of_origins, 'destinations = "columns"'), OF_STOCK + 'origin = "SRB"\n')
    assert set(destinations["stock"]["destination"]) == {"DEU", "ITA", "ESP"}
    as_population = columns.replace(of_kind, 'table = "population"')
    population = tables(path, as_population.replace(of_origins, "" if unknown else 'areas = "columns"'))["population"]
    assert population["value"].sum() == 42


@pytest.mark.parametrize("entry", ["areas", "sexes"])
def test_an_entry_that_stands_twice_is_refused_with_the_line_to_take_out(path: Path, entry: str) -> None:
    path.write_text("Year;Germany;Italy\n2020;5;6\n")
    columns = f'[columns]\ntable = "population"\nyear = "Year"\n{entry} = "columns"\n[columns.{entry}]\n'
    with pytest.raises(OfficialFileError, match="Cannot overwrite a value") as caught:
        tables(path, columns)
    assert f'{entry} = "columns"' in caught.value.hint
    assert "out, which the table stands for" in caught.value.hint


def test_sexes_of_another_language_as_headings(path: Path) -> None:
    columns = drafted(path, "dest;birth;År;Män;Kvinnor;Totalt\nDE;RS;2020;5;6;11\n")
    stock = tables(path, columns, OF_STOCK)["stock"]
    assert stock.set_index("sex")["value"].to_dict() == {"male": 5, "female": 6, "all": 11}


def test_names_of_areas_alone_are_no_figures_of_a_stock(path: Path) -> None:
    path.write_text("dest;birth;Year;n\nDE;Xland;2020;5\n")
    columns = '[columns]\ndestination = "dest"\norigin = "birth"\nyear = "Year"\n[columns.areas]\nXland = "TUR"\n'
    with pytest.raises(OfficialFileError, match=r"columns\.value is missing"):
        tables(path, columns, OF_STOCK)
