"""World Bank's DataBank, workbooks, XML and zips: countries, series and years in rows or columns."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official import readers
from smstock.official.base import GROUPS_OF_AREAS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]
    Save = Callable[..., Path]

NOTES = ",,,,,\n,,,,,\nData from database: World Development Indicators,,,,,\nLast Updated: 07/01/2025,,,,,\n"
WIDE = (
    "Country Name,Country Code,Series Name,Series Code,2019 [YR2019],2020 [YR2020]\n"
    '"Germany",DEU,"Population, total",SP.POP.TOTL,83092962,83160871\n'
    '"Namibia",NAM,"Population, total",SP.POP.TOTL,2494524,..\n'
    '"Euro area",EMU,"Population, total",SP.POP.TOTL,342000000,343000000\n'
)
RIGHT = {("DEU", "2019"): 83092962, ("DEU", "2020"): 83160871, ("NAM", "2019"): 2494524}


def population(path: Path) -> dict[tuple[str, str], float]:
    table = readers.read_population(path)
    assert set(table["sex"]) == {"all"}
    years = table["reference_date"].str.removesuffix("-07-01")
    return dict(zip(zip(table["area"], years, strict=True), table["value"], strict=True))


LAID = {
    "years in columns": WIDE,
    "years in columns, the last first": (
        "Series Name,Series Code,Country Name,Country Code,2020 [YR2020],2019 [YR2019]\n"
        '"Population, total",SP.POP.TOTL,Germany,DEU,83160871,83092962\n'
        '"Population, total",SP.POP.TOTL,Namibia,NAM,..,2494524\n'
    ),
    "series in columns": (
        'Time,Time Code,Country Name,Country Code,"Population, total [SP.POP.TOTL]","Net migration [SM.POP.NETM]"\n'
        "2019,YR2019,Germany,DEU,83092962,-9\n2020,YR2020,Germany,DEU,83160871,8\n2019,YR2019,Namibia,NAM,2494524,..\n"
    ),
    "countries in columns": (
        "Year,Year Code,Series Name,Series Code,Germany [DEU],Namibia [NAM]\n"
        '2019,YR2019,"Population, total",SP.POP.TOTL,83092962,2494524\n'
        '2020,YR2020,"Population, total",SP.POP.TOTL,83160871,..\n'
    ),
    "all in rows": (
        "Country Name,Country Code,Series Name,Series Code,Time,Time Code,Value\n"
        'Germany,DEU,"Population, total",SP.POP.TOTL,2019,YR2019,83092962\n'
        'Germany,DEU,"Population, total",SP.POP.TOTL,2020,YR2020,83160871\n'
        'Namibia,NAM,"Population, total",SP.POP.TOTL,2019,YR2019,2494524\n'
    ),
    "years without codes": WIDE.replace(" [YR2019]", "").replace(" [YR2020]", ""),
    "codes alone": (
        "Country Code,Series Code,YR2019,YR2020\nDEU,SP.POP.TOTL,83092962,83160871\nNAM,SP.POP.TOTL,2494524,\n"
    ),
}


@pytest.mark.parametrize("text", LAID.values(), ids=LAID.keys())
@pytest.mark.parametrize("notes", ["", NOTES])
def test_countries_series_and_years_stand_in_rows_or_columns(write: Write, text: str, notes: str) -> None:
    path = write(text + notes)
    assert population(path) == RIGHT
    assert set(readers.read_population(path)["edition"]) == {"2025-07-01" if notes else "not stated"}


@pytest.mark.parametrize(
    "header",
    [
        "Country Name,Country Code,2019 [YR2019],2020 [YR2020]",
        "Nom du pays,Code du pays,Nom de la série,Code de la série,2019 [YR2019]",
    ],
)
def test_a_table_that_lacks_a_dimension_is_refused_by_name(write: Write, header: str) -> None:
    row = ",".join("x" for _ in header.split(","))
    with pytest.raises(OfficialFileError, match="is a table of DataBank and lacks a dimension") as caught:
        readers.read_all(write(f"{header}\n{row}\n"))
    assert caught.value.hint.startswith("lay them in rows and columns in DataBank")


@pytest.mark.parametrize("mark", ["\ufeff", "sep=,\n", ""])
def test_what_programs_put_before_the_header(write: Write, mark: str) -> None:
    assert population(write((mark + WIDE + NOTES).replace("\n", "\r\n"))) == RIGHT


def test_a_table_saved_again_with_semicolons(write: Write) -> None:
    text = (WIDE + NOTES).replace('"Population, total"', "Population").replace(",", ";")
    assert population(write(text)) == RIGHT


def test_series_that_are_not_read_may_be_below_zero_and_in_other_units(write: Write) -> None:
    births = 'Namibia,NAM,"Birth rate, crude (per 1,000 people)",SP.DYN.CBRT.IN,28.5,n.a.\n'
    migration = "Namibia,NAM,Net migration,SM.POP.NETM,-4000,-5000\n"
    read = readers.read_all(write(WIDE + births + migration))["population"]
    assert len(read.table) == 3
    assert read.left_out == {"of other indicators": 4, GROUPS_OF_AREAS: 2, "without a figure": 1}


def test_several_series_of_one_file_go_into_their_tables(write: Write) -> None:
    users = "Namibia,NAM,Individuals using the Internet (% of population),IT.NET.USER.ZS,51.5,62.4000015258789\n"
    women = 'Namibia,NAM,"Population ages 20-24, female",SP.POP.2024.FE,120000,121000\n'
    read = readers.read_all(write(WIDE + users + women + NOTES))
    assert read["indicator"].table["value"].tolist() == [51.5, 62.4000015258789]
    of_women = read["population"].table[read["population"].table["sex"] == "female"]
    assert of_women[["age_min", "age_max", "value"]].to_numpy().tolist() == [[20, 24, 120000], [20, 24, 121000]]


@pytest.mark.parametrize(("old", "iso3"), [("ROM", "ROU"), ("ZAR", "COD"), ("TMP", "TLS"), ("WBG", "PSE")])
def test_codes_of_the_bank_until_2016(write: Write, old: str, iso3: str) -> None:
    assert (iso3, "2019") in population(write(WIDE.replace("NAM", old)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("2020 [YR2020]", "2020 [YR2021]"), "the year '2020' has the code 'YR2021'"),
        (("2020 [YR2020]", "2020Q1 [2020Q1]"), "'2020Q1' is no year"),
        (("2494524", "about 2494524"), "'about 2494524' is neither a figure nor a mark"),
        (("Population, total", "Population (thousands)"), "in another unit than persons"),
        (("Series Code", "Series"), "has names without codes"),
        (("SP.POP.TOTL", "NY.GDP.PCAP.CD"), "holds NY.GDP.PCAP.CD of the World Bank, which is not read"),
        ((",2494524,..", ",2494524"), "row of 5 fields below a header of 6"),
    ],
)
def test_what_was_edited_is_refused(write: Write, change: tuple[str, str], message: str) -> None:
    with pytest.raises(OfficialFileError, match=message.replace("(", r"\(").replace(")", r"\)")):
        readers.read_all(write(WIDE.replace(*change) + NOTES))


@pytest.mark.parametrize(("note", "edition"), [("12/16/2021", "2021-12-16"), ("16/12/2021", "not stated")])
def test_the_day_of_the_last_update_has_its_month_first(write: Write, note: str, edition: str) -> None:
    path = write(WIDE + NOTES.replace("07/01/2025", note))
    assert set(readers.read_population(path)["edition"]) == {edition}


def test_the_place_of_an_error_is_its_line(write: Write) -> None:
    with pytest.raises(OfficialFileError) as caught:
        readers.read_all(write(WIDE.replace("2494524", "x") + NOTES))
    assert caught.value.where.endswith("file.csv, line 3, column 2019 [YR2019]")
    with pytest.raises(UnknownNameError, match="'NAX' is no area of the World Bank") as unknown:
        readers.read_all(write(WIDE.replace("NAM", "NAX") + NOTES))
    assert "line 3" in unknown.value.where


def test_rows_below_the_notes_are_not_lost_in_silence(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="has rows below the notes that end it"):
        readers.read_all(write(WIDE + NOTES + WIDE))


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (("Series Code,", "Series Code,Scale (Precision),"), "Scale (Precision)"),
        (("2020 [YR2020]", "2020 [YR2020"), "2020 [YR2020"),
    ],
)
def test_a_column_of_something_else_is_not_passed_over(write: Write, change: tuple[str, str], column: str) -> None:
    text = WIDE.replace(*change)
    if "Scale" in column:
        text = text.replace("SP.POP.TOTL,", "SP.POP.TOTL,Thousands,")
    with pytest.raises(OfficialFileError, match="neither a dimension nor of figures") as caught:
        readers.read_all(write(text))
    assert caught.value.where.endswith(f"line 1: {column}")


def test_a_file_that_was_cut_off_within_a_line_is_refused(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="ends within a line"):
        readers.read_all(write(WIDE[:-20]))


SHEET: list[list[object]] = [
    ["Country Name", "Country Code", "Series Name", "Series Code", "2019 [YR2019]", "2020 [YR2020]"],
    ["Germany", "DEU", "Population, total", "SP.POP.TOTL", 83092962, 83160871],
    ["Namibia", "NAM", "Population, total", "SP.POP.TOTL", 2494524, ".."],
    [],
    ["Data from database: World Development Indicators"],
    ["Last Updated: 07/01/2025"],
]
METADATA = {
    "Series - Metadata": [["Code", "License Type", "Indicator Name"], ["SP.POP.TOTL", "CC BY-4.0", "Population"]]
}


def test_a_workbook_of_databank(save: Save) -> None:
    path = save({"Data": SHEET} | METADATA)
    assert population(path) == RIGHT
    assert set(readers.read_population(path)["edition"]) == {"2025-07-01"}


DOWNLOAD: list[list[object]] = [
    ["Data Source", "World Development Indicators"],
    ["Last Updated Date", "2025-07-01"],
    [],
    ["Country Name", "Country Code", "Indicator Name", "Indicator Code", 2019, 2020],
    ["Germany", "DEU", "Population, total", "SP.POP.TOTL", 83092962, 83160871],
    ["Namibia", "NAM", "Population, total", "SP.POP.TOTL", 2494524, None],
]


@pytest.mark.parametrize(
    ("day", "edition"), [("2025-07-01", "2025-07-01"), ("16/12/2021", "not stated"), ("03/04/2021", "not stated")]
)
def test_a_day_that_a_spreadsheet_program_wrote_anew_is_no_edition(write: Write, day: str, edition: str) -> None:
    header = "Country Name;Country Code;Indicator Name;Indicator Code;2019;2020"
    rows = "Germany;DEU;Population;SP.POP.TOTL;83092962;83160871\nNamibia;NAM;Population;SP.POP.TOTL;2494524;"
    above = f"Data Source;World Development Indicators;;;;\nLast Updated Date;{day};;;;\n;;;;;\n"
    path = write(f"{above}{header}\n{rows}\n")
    assert population(path) == RIGHT
    assert set(readers.read_population(path)["edition"]) == {edition}


def test_a_workbook_of_an_indicator_saved_as_xlsx(save: Save) -> None:
    path = save({"Data": DOWNLOAD, "Metadata - Countries": [["Country Code", "Region"], ["DEU", "Europe"]]})
    assert population(path) == RIGHT
    assert set(readers.read_population(path)["edition"]) == {"2025-07-01"}


@pytest.mark.parametrize(
    ("row", "column", "cell", "message"),
    [
        (5, 4, "2.494", "may have a decimal point or be thousands"),
        (3, 5, 2019, "two columns of one name"),
        (5, 6, "more", "wider than its header"),
        (5, 4, "x", "neither a figure nor a mark"),
    ],
)
def test_an_edited_workbook_is_refused(save: Save, row: int, column: int, cell: object, message: str) -> None:
    sheet = [[*cells, None, None] if len(cells) > 4 else cells for cells in DOWNLOAD]
    sheet[row][column] = cell
    with pytest.raises(OfficialFileError, match=message):
        readers.read_all(save({"Data": sheet}))


def test_an_old_workbook_is_to_be_saved_as_xlsx(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="Excel 97-2003") as caught:
        readers.read_all(write(b"\xd0\xcf\x11\xe0" + bytes(600), "API_SP.POP.TOTL_DS2_en_excel_v2.xls"))
    assert "save it as .xlsx" in caught.value.hint


XML = """<?xml version="1.0" encoding="utf-8"?>
<Root xmlns:wb="http://www.worldbank.org">
  <data>
    <record>
      <field name="Country or Area" key="NAM">Namibia</field>
      <field name="Item" key="SP.POP.TOTL">Population, total</field>
      <field name="Year">2019</field>
      <field name="Value">2494524</field>
    </record>
    <record>
      <field name="Country or Area" key="NAM">Namibia</field>
      <field name="Item" key="SP.POP.TOTL">Population, total</field>
      <field name="Year">2020</field>
      <field name="Value" />
    </record>
    <record>
      <field name="Country or Area" key="WLD">World</field>
      <field name="Item" key="SP.POP.TOTL">Population, total</field>
      <field name="Year">2019</field>
      <field name="Value">7683806444</field>
    </record>
  </data>
</Root>
"""


def test_the_download_as_xml(write: Write) -> None:
    read = readers.read_all(write("\ufeff" + XML, "file.xml"))["population"]
    assert read.table[["area", "reference_date", "value"]].to_numpy().tolist() == [["NAM", "2019-07-01", 2494524]]
    assert read.left_out == {GROUPS_OF_AREAS: 1, "without a figure": 1}


def test_the_download_as_xml_in_another_encoding(write: Write) -> None:
    text = XML.replace("utf-8", "utf-16").replace("Namibia", "Côte")
    assert readers.read_population(write(text.encode("utf-16"), "file.xml"))["value"].tolist() == [2494524]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("</Root>", ""), "is damaged XML"),
        (('<field name="Year">2020</field>', ""), "has a record that lacks a field"),
        (("<Root", "<!DOCTYPE Root [<!ENTITY a 'aaaa'>]><Root"), "declares a document type"),
        ((">2494524<", ">2.494.524,5x<"), "neither a figure nor a mark"),
    ],
)
def test_damaged_xml_is_refused(write: Write, change: tuple[str, str], message: str) -> None:
    with pytest.raises(OfficialFileError, match=message):
        readers.read_all(write(XML.replace(*change), "file.xml"))


def test_the_xml_of_the_service_is_to_be_asked_for_again(write: Write) -> None:
    text = '<?xml version="1.0"?><wb:data page="1" pages="9" xmlns:wb="http://www.worldbank.org"></wb:data>'
    with pytest.raises(OfficialFileError, match="in XML, which comes in pages") as caught:
        readers.read_all(write(text))
    assert "format=json&per_page=20000" in caught.value.hint


def test_a_zip_of_databank_with_its_metadata(tmp_path: Path) -> None:
    path = tmp_path / "Data_Extract_From_World_Development_Indicators.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("00ad4b18_Data.csv", WIDE + NOTES)
        archive.writestr("00ad4b18_Series - Metadata.csv", "Code,License Type,Indicator Name\nSP.POP.TOTL,CC BY,x\n")
    assert population(path) == RIGHT


def test_metadata_of_series_are_no_figures(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="describes indicators and holds no figure"):
        readers.read_all(write("Code,License Type,Indicator Name\nSP.POP.TOTL,CC BY,x\n"))
