"""Tables that people have: looked at, drafted, filled in by a person, and read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook

from smstock.errors import OfficialFileError
from smstock.official import readers
from smstock.workflows.description import descriptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KNOWN = {
    "producer": '"P"',
    "title": '"T"',
    "edition": '"2024"',
    "citation": '"C"',
    "licence": '"L"',
    "retrieved": "2026-11-30",
    "provider": '"undesa"',
    "dataset": '"ims"',
    "concept": '"mixed"',
    "sex": '"all"',
    "ages": '"0+"',
    "reference_date": '"07-01"',
    "reviewed": "2026-11-30",
}


def filled(sidecar: Path, **known: str | None) -> None:
    """Fill in what a person knows; None: the line is taken out."""
    lines, table = [], ""
    for line in sidecar.read_text(encoding="utf-8").splitlines():
        table = f"{line.strip('[]')}." if line.startswith("[") else table
        name = line.partition(" = ")[0].strip('"')
        texts = {**KNOWN, **known}
        if line.startswith("#") or ' = ""' not in line:
            lines.append(line)
        elif (text := texts.get(table + name, texts.get(name))) is not None:
            lines.append(f"{line.partition(' = ')[0]} = {text}")
    sidecar.write_text("\n".join(lines), encoding="utf-8")


def empty(sidecar: Path) -> list[str]:
    """Return the entries that are empty, by the tables they stand in."""
    table, names = "", []
    for line in sidecar.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            table = f"{line.strip('[]')}."
        elif ' = ""' in line:
            names.append(table + line.partition(" = ")[0].strip('"'))
    return names


def figures(path: Path) -> dict[tuple[str, ...], float]:
    stock = readers.read_stock(path)
    keys = zip(*(stock[name] for name in ("destination", "origin", "sex", "reference_date")), strict=True)
    return dict(zip(keys, stock["value"].fillna(-1), strict=True))


LONG = "destination,origin,gender,year,migrant_stock\ndeu,srb,male,2020,5\ndeu,srb,female,2020,6\n"
WIDE = "Year,Destination,Notes,Total,Other South,Serbia,Turkey\n2020,Germany,(1),9,1,5,-\n2020,Western Asia,,9,1,5,3\n"
MATRIX = "Migrant stock by destination and origin 2020,,,\n,Germany,Austria,Switzerland\nSerbia,1,2,3\nTurkey,4,5,6\n"
NUMBERED = "dest_code;orig_code;year;stock\n276;688;2020;5\n276;900;2020;9\n040;2003;2020;8\n40;1833;2020;7\n"
YEARS = '"","country","nationality","X2015","X2020"\n"1","Germany","Serbia",5,7\n"2","Germany","Turkey",NA,9\n'
GRAVITY = "iso_o,iso_d,year,stock_both,stock_m,stock_f\nSRB,DEU,2020,10,4,6\n"
GERMAN = "Land der Geburt;2019;2020\nPolen;1.234;2\nGriechenland;3;1.000.000\n"
FROM_TO = "from|to|year|n\nSRB|DEU|2020|5\nTUR|DEU|2020|6\n"
OWN = "Nacionalidad;Sexo;Periodo;Total\nRumania;Hombres;2022;1.234.567\nRumania;Mujeres;2022;1.000.000\nSerbia;Ambos sexos;2022;5\n"
EUROSTAT = (
    ",freq,age,sex,unit,c_birth,geo\\TIME_PERIOD,2019,2020\n0,A,TOTAL,T,NR,RO,AT,1.0,2.0\n1,A,TOTAL,T,NR,RO,DE,,3.0\n"
)


@pytest.mark.parametrize(
    ("text", "known", "right"),
    [
        (LONG, {}, {("DEU", "SRB", "male", "2020-07-01"): 5, ("DEU", "SRB", "female", "2020-07-01"): 6}),
        (
            WIDE,
            {"Total": '"WLD"', "Other South": '"XXX"', "missing": '["-"]'},
            {
                ("DEU", "WLD", "all", "2020-07-01"): 9,
                ("DEU", "XXX", "all", "2020-07-01"): 1,
                ("DEU", "SRB", "all", "2020-07-01"): 5,
                ("DEU", "TUR", "all", "2020-07-01"): -1,
            },
        ),
        (
            MATRIX,
            {"destination": '"column 1"', "origins": '"columns"', "reference_date": '"2020-07-01"'},
            {
                ("SRB", "DEU", "all", "2020-07-01"): 1,
                ("SRB", "AUT", "all", "2020-07-01"): 2,
                ("SRB", "CHE", "all", "2020-07-01"): 3,
                ("TUR", "DEU", "all", "2020-07-01"): 4,
                ("TUR", "AUT", "all", "2020-07-01"): 5,
                ("TUR", "CHE", "all", "2020-07-01"): 6,
            },
        ),
        (
            NUMBERED,
            {"1833": '"group"'},
            {
                ("DEU", "SRB", "all", "2020-07-01"): 5,
                ("DEU", "WLD", "all", "2020-07-01"): 9,
                ("AUT", "XXX", "all", "2020-07-01"): 8,
            },
        ),
        (
            YEARS,
            {},
            {
                ("DEU", "SRB", "all", "2015-07-01"): 5,
                ("DEU", "SRB", "all", "2020-07-01"): 7,
                ("DEU", "TUR", "all", "2015-07-01"): -1,
                ("DEU", "TUR", "all", "2020-07-01"): 9,
            },
        ),
        (
            OWN,
            {
                "provider": '"ine-es"',
                "destination": '"ESP"',
                "reference_date": '"01-01"',
                "Hombres": '"male"',
                "Mujeres": '"female"',
                "Ambos sexos": '"all"',
                "Rumania": '"ROU"',
            },
            {
                ("ESP", "ROU", "male", "2022-01-01"): 1234567,
                ("ESP", "ROU", "female", "2022-01-01"): 1000000,
                ("ESP", "SRB", "all", "2022-01-01"): 5,
            },
        ),
        (
            GRAVITY,
            {},
            {
                ("DEU", "SRB", "all", "2020-07-01"): 10,
                ("DEU", "SRB", "male", "2020-07-01"): 4,
                ("DEU", "SRB", "female", "2020-07-01"): 6,
            },
        ),
        (FROM_TO, {}, {("DEU", "SRB", "all", "2020-07-01"): 5, ("DEU", "TUR", "all", "2020-07-01"): 6}),
        (
            GERMAN,
            {
                "destination": '"DEU"',
                "columns.destination": None,
                "columns.origin": '"Land der Geburt"',
                "origin": None,
            },
            {
                ("DEU", "POL", "all", "2019-07-01"): 1234,
                ("DEU", "POL", "all", "2020-07-01"): 2,
                ("DEU", "GRC", "all", "2019-07-01"): 3,
                ("DEU", "GRC", "all", "2020-07-01"): 1000000,
            },
        ),
    ],
)
def test_a_table_is_drafted_refused_filled_in_and_read(
    tmp_path: Path, text: str, known: Mapping[str, str], right: Mapping[tuple[str, ...], float]
) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    (record,) = descriptions([path])
    sidecar = tmp_path / "own.csv.origin.toml"
    assert (record["written"], record["sidecar"]) == (True, str(sidecar))
    lacking = empty(sidecar)
    with pytest.raises(OfficialFileError, match=re.escape(f"does not say yet: {', '.join(lacking)}")):
        readers.read_all(path)
    filled(sidecar, **known)
    assert figures(path) == right
    (record,) = descriptions([path])
    assert record["layout"] == "table read by the mapping of its sidecar"


def test_what_a_known_layout_leaves_out_is_drafted_and_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(EUROSTAT)
    (record,) = descriptions([path])
    sidecar = tmp_path / "own.csv.origin.toml"
    assert (record["written"], record["layout"]) == (True, "Eurostat CSV without its data flow")
    assert 'dataset = ""  # migr_pop3ctb, ' in sidecar.read_text()
    with pytest.raises(OfficialFileError, match=r"does not say yet: producer, .*, dataset"):
        readers.read_all(path)
    text = "".join(f'{name} = "x"\n' for name in ("producer", "title", "edition", "citation", "licence"))
    sidecar.write_text(f'{text}retrieved = 2026-11-30\ndataset = "migr_pop3ctb"\n')
    assert figures(path) == {
        ("AUT", "ROU", "all", "2019-01-01"): 1,
        ("AUT", "ROU", "all", "2020-01-01"): 2,
        ("DEU", "ROU", "all", "2019-01-01"): -1,
        ("DEU", "ROU", "all", "2020-01-01"): 3,
    }


def test_a_sheet_is_found_with_its_headings(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("Contents").append(["Contents"])
    sheet = book.create_sheet("Data")
    rows: list[list[object]] = [["Migrants"], ["Table 1"], [], ["Country", "Country of birth", "Year", "Number"]]
    rows += [["Germany", "Serbia", 2020, 199691], ["Germany", "Turkey", 2020, 5], ["Source: UN"]]
    for row in rows:
        sheet.append(row)
    path = tmp_path / "own.xlsx"
    book.save(path)
    descriptions([path])
    sidecar = tmp_path / "own.xlsx.origin.toml"
    filled(sidecar)
    assert 'sheet = "Data"\nheader_row = 4\n' in sidecar.read_text()
    assert figures(path)["DEU", "SRB", "all", "2020-07-01"] == 199691


def test_a_frame_of_the_world_bank_is_a_population(tmp_path: Path) -> None:
    path = tmp_path / "wdi.csv"
    path.write_text(
        '"","country","iso2c","iso3c","year","status","SP.POP.TOTL"\n'
        '"1","Namibia","NA","NAM",2020,"",2489098\n"2","Arab World","1A","ARB",2020,"",448000000\n'
        '"3","Germany","DE","DEU",2020,"",NA\n'
    )
    (record,) = descriptions([path])
    assert {column["column"]: column["taken_as"] for column in record["columns"]}["iso3c"] == "area"
    filled(tmp_path / "wdi.csv.origin.toml", provider='"worldbank"', ARB='"group"')
    official = readers.read_all(path)["population"]
    assert official.table[["area", "value"]].to_numpy().tolist() == [["NAM", 2489098]]
    assert official.left_out == {
        "for groups of areas, or persons of no known area": 1,
        "without a figure": 1,
    }


def test_rows_that_a_further_column_tells_apart_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "wpp.csv"
    path.write_text("ISO3,Variant,Time,Pop (thousands)\nNAM,Medium,2020,2540.9\nNAM,High,2020,2600.1\n")
    descriptions([path])
    sidecar = tmp_path / "wpp.csv.origin.toml"
    assert "columns.only.Variant" in empty(sidecar)
    filled(sidecar, Variant='"Medium"', unit='"thousands"')
    assert readers.read_population(path)["value"].tolist() == [2540900]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("orig,dest,year0,flow\nBDI,AFG,1990,4\nCOM,AFG,1990,5\n", "seems to hold a flow"),
        ("year0,orig,dest,sd_drop_neg,da_pb_closed\n1990,BDI,AFG,0,4\n", "seems to hold a flow"),
        ("country,year,share of migrants\nDEU,2020,12.5\n", "seems to hold shares"),
        ("Immigration by citizenship\ncountry,birth,year,n\nDEU,SRB,2020,5\n", "seems to hold a flow"),
        ("country,birth,year,Variable,n\nDEU,SRB,2020,Inflows of foreigners,5\n", "seems to hold a flow"),
        ("DEU,SRB,2020,199691\nDEU,TUR,2020,5\n", "has no row of headings"),
        ("only a text\nof two lines\n", "holds no table of rows and columns"),
        ("country,year,remark\nDEU,2020,none\n", "seems to hold no column of figures"),
    ],
)
def test_what_is_no_table_of_stocks_is_refused_and_nothing_written(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text)
    with pytest.raises(OfficialFileError, match=message) as caught:
        descriptions([path])
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_known_is_left_open(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("country1,country2,year,a,b\nDEU,SRB,2020,5,6\nAUT,TUR,2020,7,8\n")
    descriptions([path])
    left_open = empty(tmp_path / "own.csv.origin.toml")
    assert {"columns.destination", "columns.origin", "columns.value"} <= set(left_open)
    assert {"provider", "edition", "concept"} <= set(left_open)


def test_a_sidecar_is_never_written_over_and_nothing_in_a_dry_run(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(YEARS)
    (record,) = descriptions([path], dry_run=True)
    assert not record["written"]
    assert record["text"].count("[columns]") == 1
    assert list(tmp_path.iterdir()) == [path]
    sidecar = tmp_path / "own.csv.origin.toml"
    text = "".join(f"{name} = {KNOWN[name]}\n" for name in list(KNOWN)[:7])
    sidecar.write_text(text)
    (record,) = descriptions([path])
    assert not record["written"]
    assert sidecar.read_text() == text


def test_of_several_files_each_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(YEARS)
    (tmp_path / "tidy.csv").write_text(
        "provider,edition,area,sex,age_min,age_max,reference_date,value\nundesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    )
    (tmp_path / "page.csv").write_text("<!DOCTYPE html>")
    records = descriptions(sorted(tmp_path.iterdir()))
    assert [sorted({"columns", "refused", "layout"} & set(record)) for record in records] == [
        ["columns"],
        ["refused"],
        ["layout"],
    ]


def test_an_unknown_table_is_refused_with_the_command_that_describes_it(tmp_path: Path) -> None:
    path = tmp_path / "our stocks.csv"
    path.write_text(YEARS)
    with pytest.raises(OfficialFileError) as caught:
        readers.read_all(path)
    assert f"`smstock official describe '{path}'`" in caught.value.hint


@pytest.mark.parametrize(
    "text", ['{"a": [1, 2]}', "<message><obs value='5'/></message>\n", "only a text\nof two lines\n"]
)
def test_what_is_no_table_is_not_advised_to_be_described(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.txt"
    path.write_text(text)
    with pytest.raises(OfficialFileError) as caught:
        readers.read_all(path)
    assert "describe" not in caught.value.hint


def test_figures_beside_the_years_are_ignored_by_name_for_somebody_to_look_at(tmp_path: Path) -> None:
    path = tmp_path / "office.csv"
    path.write_text("destination,birth,2015,2020 (p),change %\nDEU,SRB,5,6,20\nDEU,TUR,7,8,14\n")
    (record,) = descriptions([path])
    taken = {column["column"]: column["taken_as"] for column in record["columns"]}
    assert (taken["2015"], taken["2020 (p)"], taken["change %"]) == ("years", "ignored", "not read")
    assert 'ignore = ["2020 (p)"]' in record["text"]
    filled(path.with_name(path.name + ".origin.toml"))
    assert set(readers.read_stock(path)["reference_date"]) == {"2015-07-01"}


def test_letters_of_sexes_in_another_language_are_all_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "office.csv"
    path.write_text("destination,birth,year,sexo,n\nDEU,SRB,2015,H,6\nDEU,TUR,2015,M,8\nDEU,ITA,2015,total,8\n")
    (record,) = descriptions([path])
    assert re.findall(r'"(\w+)" = ""', record["text"]) == ["H", "M"]
