"""Spreadsheets of the Data Browser: what stands where, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Save = Callable[..., Path]
    Write = Callable[..., Path]
    Rows = list[list[object]]

TOP: Rows = [
    ["Data extracted on 30/11/2026 12:00:00 from [ESTAT]"],
    ["Dataset: ", "Population on 1 January by age group, sex and country of birth [migr_pop3ctb__custom_123]"],
    ["Last updated: ", "27/11/2026 23:00"],
    [],
]
ABOVE: Rows = [
    ["Time frequency", None, "Annual"],
    ["Age class", None, "From 15 to 64 years"],
    ["Unit of measure", None, "Number"],
    ["Sex", None, "Females"],
]
BORN: Rows = [["Country/region of birth", None, "Romania"], []]
LEGEND: Rows = [[], ["Special value"], [":", "not available"], ["Available flags:"], ["b", "break in time series"]]
TABLE: Rows = [["TIME", "2019", "2020"], ["GEO (Labels)"], ["Germany", 12, ":"], ["Austria", 67500, 68000]]


def figures(path: Path) -> dict[tuple[str, str, str], tuple[float, str]]:
    stock = readers.read_stock(path)
    keys = zip(stock["destination"], stock["origin"], stock["reference_date"].str[:4], strict=True)
    return dict(zip(keys, zip(stock["value"].fillna(-1), stock["flags"], strict=True), strict=True))


RIGHT = {
    ("DEU", "ROU", "2019"): (12, ""),
    ("DEU", "ROU", "2020"): (-1, ":"),
    ("AUT", "ROU", "2019"): (67500, ""),
    ("AUT", "ROU", "2020"): (68000, ""),
}


@pytest.mark.parametrize(
    "rows",
    [
        ABOVE + BORN + TABLE + LEGEND,
        [*ABOVE, *BORN, ["GEO (Labels)", "Germany", "Austria"], ["TIME"], ["2019", 12, 67500], ["2020", ":", 68000]],
        [
            *ABOVE,
            [],
            ["TIME", "TIME", 2019, 2020],
            ["C_BIRTH (Labels)", "GEO (Labels)"],
            ["Romania", "Germany", 12, ":"],
            ["Romania", "Austria", 67500, 68000],
        ],
        [
            *ABOVE,
            [],
            ["TIME", "TIME", "TIME", "2019", "2020"],
            ["C_BIRTH (Codes)", "C_BIRTH (Labels)", "GEO (Labels)"],
            ["RO", "Romania", "Germany", 12, ":"],
            ["RO", "Romania", "Austria", 67500, 68000],
        ],
    ],
)
def test_a_dimension_may_stand_above_across_or_down(save: Save, rows: Rows) -> None:
    path = save({"Summary": [["x"]], "Structure": [["x"]], "Sheet 1": TOP + rows})
    assert figures(path) == RIGHT
    stock = readers.read_stock(path)
    assert set(stock["edition"]) == {"2026-11-27"}
    assert (set(stock["sex"]), set(stock["age_min"]), set(stock["age_max"])) == ({"female"}, {15}, {64})


def test_flags_stand_behind_their_figure(save: Save) -> None:
    table = [["TIME", "2019", None, "2020", None], ["GEO (Labels)"], ["Germany", 12, "bep", ":", "u"], ["Austria", 1]]
    assert figures(save({"Blatt 1": TOP + ABOVE + BORN + table + LEGEND})) == {
        ("DEU", "ROU", "2019"): (12, "b e p"),
        ("DEU", "ROU", "2020"): (-1, "u; :"),
        ("AUT", "ROU", "2019"): (1, ""),
        ("AUT", "ROU", "2020"): (-1, ":"),
    }


def changed(old: object, new: object) -> Rows:
    return [[new if cell == old else cell for cell in row] for row in TOP + ABOVE + BORN + TABLE + LEGEND]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (changed("2020", None), "a figure without a heading"),
        (changed("2019", None), "headings across that are repeated or apart"),
        (changed("2020", "2019"), "headings across that are repeated or apart"),
        (changed("Austria", None), "a row without its headings"),
        (changed("TIME", "Date"), "a row above the table is no dimension"),
        (changed("GEO (Labels)", "Country"), "'Country' is no dimension"),
        (changed("Sex", "Duration"), "'Duration' is no dimension"),
        (changed("Sex", "Age class"), "a dimension is said twice"),
        (changed("Sex", "Geopolitical entity (reporting)"), "a dimension is said twice"),
        (changed("27/11/2026 23:00", "today"), "no day of last update"),
        ([*TOP, *ABOVE], "no table"),
        ([*TOP, *ABOVE, *BORN, *TABLE[:2], []], "no figures below"),
        ([*TOP, *ABOVE, *BORN, *TABLE, [], ["Belgium", 5, 6]], "figures below the end of the table"),
        ([*TOP, *ABOVE, *BORN, ["SEX (Labels)", "Total"], *TABLE], "no heading for one dimension across"),
    ],
)
def test_a_sheet_that_is_laid_out_otherwise_is_refused(save: Save, rows: Rows, words: str) -> None:
    with pytest.raises(OfficialFileError, match=words) as caught:
        readers.read_stock(save({"Sheet 1": rows}))
    assert "download SDMX-CSV or TSV" in caught.value.hint
    assert "Sheet 1, row" in caught.value.where


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (changed("Females", "Ladies"), "stands for no known code of sex"),
        (changed("2020", "2020-Q1"), "'2020-Q1' is no year"),
        (changed(12, "about 12"), "'about 12' is neither a figure"),
        ([*TOP, *ABOVE, [], *TABLE], "lacks c_birth"),
    ],
)
def test_what_stands_in_a_cell_is_read_as_from_every_file(save: Save, rows: Rows, words: str) -> None:
    with pytest.raises(OfficialFileError, match=words):
        readers.read_stock(save({"Sheet 1": rows}))


def test_an_unknown_area_is_named(save: Save, caplog: pytest.LogCaptureFixture) -> None:
    assert len(figures(save({"Sheet 1": changed("Austria", "Oztria")}))) == 2
    assert "2 figures left out for areas that are not known: Oztria (dimension geo)" in caplog.text


def test_sheets_of_two_data_sets_are_refused(save: Save) -> None:
    other = changed(TOP[1][1], "Population on 1 January [migr_pop1ctz]")
    with pytest.raises(OfficialFileError, match="its sheets differ in data set"):
        readers.read_stock(save({"Sheet 1": TOP + ABOVE + BORN + TABLE, "Sheet 2": other}))


def test_a_spreadsheet_without_figures_and_one_saved_as_text_are_named(save: Save, write: Write) -> None:
    with pytest.raises(OfficialFileError, match="without its sheets of figures"):
        readers.read_stock(save({"Summary": [["x"]], "Structure": [["x"]]}))
    text = '"Data extracted on 30/11/2026 12:00:00 from [ESTAT]",,\n"Dataset: ","x [migr_pop3ctb]",\n'
    with pytest.raises(OfficialFileError, match="is a sheet of Eurostat's Data Browser saved as text") as caught:
        readers.read_stock(write(text))
    assert "download SDMX-CSV or TSV" in caught.value.hint


EXPLORER: Rows = [
    ["Population on 1 January by age group, sex and country of birth [migr_pop3ctb]"],
    [],
    ["Last update", "28.02.20"],
    ["Extracted on", "08.04.20"],
    ["Source of data", "Eurostat"],
    ["GEO/TIME", "2018", None, "2019"],
    ["Germany", 12, "b", 13],
]


def test_a_workbook_of_the_old_data_explorer_is_named(save: Save, write: Write) -> None:
    text = "\n".join(",".join("" if cell is None else f'"{cell}"' for cell in row) for row in EXPLORER) + "\n"
    for path in (save({"Data": EXPLORER}), write(text)):
        with pytest.raises(OfficialFileError, match="of Eurostat's old Data Explorer") as caught:
            readers.read_stock(path)
        assert "download SDMX-CSV or TSV" in caught.value.hint


def test_what_is_said_of_an_old_workbook_leads_to_no_other_refusal(write: Write) -> None:
    old = b"\xd0\xcf\x11\xe0" + b"\x00" * 600
    with pytest.raises(OfficialFileError, match="Excel 97-2003") as caught:
        readers.read_stock(write(old + b"Source of data Eurostat", "a.xls"))
    assert "in the Data Browser download SDMX-CSV" in caught.value.hint
    with pytest.raises(OfficialFileError, match="Excel 97-2003") as caught:
        readers.read_stock(write(old, "b.xls"))
    assert "save it as .xlsx" in caught.value.hint
