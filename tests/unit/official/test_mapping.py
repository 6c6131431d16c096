"""Tables in layouts of people's own, read by the mapping of their sidecar."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    Write = Callable[..., Path]
    Save = Callable[[Mapping[str, Sequence[Sequence[object]]]], Path]

SIDECAR = """
producer = "P"
title = "T"
edition = "2020"
citation = "C"
licence = "L"
retrieved = 2026-11-22
provider = "undesa"
"""
STOCK = 'dataset = "ims"\nconcept = "birth"\nsex = "all"\nages = "0+"\n'


def described(path: Path, columns: str, above: str = STOCK) -> Path:
    """Write the sidecar of a file."""
    text = f"{SIDECAR}{above}\n[columns]\n{columns}\n"
    path.with_name(path.name + ".origin.toml").write_text(text, encoding="utf-8")
    return path


def stock(path: Path) -> dict[tuple[str, ...], float]:
    """Return the figures by destination, origin, sex and day; -1: missing."""
    table = readers.read_stock(path)
    keys = zip(*(table[name] for name in ("destination", "origin", "sex", "reference_date")), strict=True)
    return dict(zip(keys, table["value"].fillna(-1), strict=True))


LONG = 'destination = "Dest"\norigin = "Orig"\nyear = "Year"\nvalue = "n"'


def test_a_long_table_wins_over_every_layout_and_may_have_further_columns(write: Write) -> None:
    text = "Orig;Year;n;Dest;source\nSRB;2020.0;199.691,0;DEU;a\ntr;X2015;1e+05;deu;b\n"
    path = described(write(text), LONG)
    assert stock(path) == {
        ("DEU", "SRB", "all", "2020-07-01"): 199691,
        ("DEU", "TUR", "all", "2015-07-01"): 100000,
    }
    assert readers.recognised(path).layout == "table read by the mapping of its sidecar"


def test_origins_as_columns(write: Write) -> None:
    text = "Year,Destination,Notes,Total,Serbia,Turkey,Asia,Others\n2020,Germany,b,9,5,..,1,1\n2020,Africa,,1,1,1,1,1\n2020,Serbia,,7,3,NA,,2\n"
    columns = 'destination = "Destination"\nyear = "Year"\norigins = "columns"\nignore = ["Notes"]\n[columns.areas]\nTotal = "WLD"'
    path = described(write(text), columns)
    assert stock(path) == {
        ("DEU", "WLD", "all", "2020-07-01"): 9,
        ("DEU", "SRB", "all", "2020-07-01"): 5,
        ("DEU", "TUR", "all", "2020-07-01"): -1,
        ("DEU", "XXX", "all", "2020-07-01"): 1,
        ("SRB", "WLD", "all", "2020-07-01"): 7,
        ("SRB", "TUR", "all", "2020-07-01"): -1,
        ("SRB", "XXX", "all", "2020-07-01"): 2,
    }
    official = readers.read_all(path)["stock"]
    assert official.left_out == {
        "for groups of areas, or persons of no known area": 7,
        "of natives or nationals of the area itself": 1,
    }
    assert set(official.table.loc[official.table["value"].isna(), "flags"]) == {"..", "NA"}


def test_a_matrix_of_one_year_with_a_title_and_without_a_corner(write: Write) -> None:
    text = "Stock of migrants, 2020,,\n\n,DEU,AUT\nSRB,199691,195177\nTUR,,5\nSource: UN DESA,,\n"
    columns = 'header_row = 3\norigin = "column 1"\ndestinations = "columns"'
    path = described(write(text), columns, f'{STOCK}reference_date = "2020-07-01"\n')
    assert stock(path)["AUT", "SRB", "all", "2020-07-01"] == 195177
    assert stock(path)["DEU", "TUR", "all", "2020-07-01"] == -1
    assert len(stock(path)) == 4


def test_places_by_nuts_by_ones_own_code_and_by_names_that_the_mapping_says(write: Write) -> None:
    text = "Dest;Orig;Year;n\nDE21;SRB;2020;5\nDEA;SRB;2020;6\nDE-09162;SRB;2020;7\nBayern;SRB;2020;8\nDEU;SRB;2020;9\n"
    path = described(write(text), f'{LONG}\n[columns.areas]\nBayern = "DE-BY"')
    figures = {destination: value for (destination, *_), value in stock(path).items()}
    assert figures == {"DE21": 5, "DEA": 6, "DE-09162": 7, "DE-BY": 8, "DEU": 9}
    path = described(write("Orig;Year;n\nSRB;2020;5\n"), LONG.partition("\n")[2], f'{STOCK}destination = "ES30"\n')
    assert stock(path) == {("ES30", "SRB", "all", "2020-07-01"): 5}


def test_numeric_codes_and_the_world(write: Write) -> None:
    text = "Dest\tOrig\tYear\tn\n276\t688\t2020\t5\n040\t900\t2020\t9\n4\t1833\t2020\t1\n276\t2003\t2020\t2\n900\t688\t2020\t7\n908\t688\t2020\t7\n"
    path = described(write(text), f'{LONG}\n[columns.areas]\n1833 = "group"')
    assert stock(path) == {
        ("DEU", "SRB", "all", "2020-07-01"): 5,
        ("AUT", "WLD", "all", "2020-07-01"): 9,
        ("DEU", "XXX", "all", "2020-07-01"): 2,
    }


def test_years_as_columns(write: Write) -> None:
    text = "country,origin,X2015,X2020,comment\nNA,DEU,8309,8400,2015\n"
    path = described(write(text), 'destination = "country"\norigin = "origin"\nyears = "columns"')
    assert stock(path) == {
        ("NAM", "DEU", "all", "2015-07-01"): 8309,
        ("NAM", "DEU", "all", "2020-07-01"): 8400,
    }


def test_sexes_as_columns_and_labels_of_ones_own(write: Write) -> None:
    text = "pais,total,hombres,mujeres\nRumania,10,4,6\nSerbia,3,1,2\n"
    above = STOCK.replace('sex = "all"\n', "") + 'destination = "ESP"\nreference_date = "2022-01-01"\n'
    labels = '[columns.sexes]\ntotal = "all"\nhombres = "male"\nmujeres = "female"'
    text = text.replace("Rumania", "Romania")
    path = described(write(text), f'origin = "pais"\n{labels}', above)
    assert stock(path)["ESP", "ROU", "female", "2022-01-01"] == 6
    assert len(stock(path)) == 6


def test_labels_of_ones_own_in_a_column(write: Write) -> None:
    text = "Dest,Orig,Year,sexo,n\nDEU,SRB,2020,Hombres,5\nDEU,SRB,2020,Mujeres,6\n"
    path = described(write(text), f'{LONG}\nsex = "sexo"', STOCK.replace('sex = "all"\n', ""))
    with pytest.raises(OfficialFileError, match="'Hombres' is no sex") as caught:
        stock(path)
    assert "[columns.sexes]" in caught.value.hint
    labels = '\n[columns.sexes]\nHombres = "male"\nMujeres = "female"'
    assert stock(described(path, f'{LONG}\nsex = "sexo"{labels}', STOCK.replace('sex = "all"\n', ""))) == {
        ("DEU", "SRB", "male", "2020-07-01"): 5,
        ("DEU", "SRB", "female", "2020-07-01"): 6,
    }


def test_a_letter_beside_those_of_another_language_has_to_be_said(write: Write) -> None:
    text = "Dest,Orig,Year,sexo,n\nDEU,SRB,2020,H,5\nDEU,TUR,2020,M,6\n"
    columns, above = f'{LONG}\nsex = "sexo"\n[columns.sexes]\nH = "male"', STOCK.replace('sex = "all"\n', "")
    path = described(write(text), columns, above)
    with pytest.raises(OfficialFileError, match="'M' is no sex"):
        stock(path)
    assert ("DEU", "TUR", "female", "2020-07-01") in stock(described(path, f'{columns}\nM = "female"', above))
    assert ("DEU", "TUR", "male", "2020-07-01") in stock(
        described(write(text.replace("H", "F")), f'{LONG}\nsex = "sexo"', above)
    )


def test_a_sheet_with_its_headings_in_row_4(save: Save) -> None:
    table: list[list[object]] = [
        ["International migrant stock"],
        ["Table 1"],
        [],
        ["Country", "From", "Year", "Number"],
        ["Germany", "Serbia", 2020, 199691],
        ["Germany", "Turkey", 2020, 1234.567],
        ["Germany", "Kosovo", 2020, "-"],
        ["Note: by birth"],
    ]
    path = save({"Contents": [["Table 1"]], "Data": table})
    columns = (
        'header_row = 4\ndestination = "Country"\norigin = "From"\nyear = "Year"\nvalue = "Number"\nmissing = ["-"]'
    )
    with pytest.raises(OfficialFileError, match="has 2 filled sheets"):
        stock(described(path, columns))
    assert stock(described(path, f'sheet = "Data"\n{columns}')) == {
        ("DEU", "SRB", "all", "2020-07-01"): 199691,
        ("DEU", "TUR", "all", "2020-07-01"): 1234.567,
        ("DEU", "XKX", "all", "2020-07-01"): -1,
    }


def test_a_population_of_thousands_and_of_one_variant(write: Write) -> None:
    text = "iso3,time,variant,pop_thousands\nNAM,2020,Medium,2540.905\nNAM,2020,High,2600\nAFR,2020,Medium,9\n"
    columns = 'table = "population"\narea = "iso3"\nyear = "time"\nvalue = "pop_thousands"'
    above = 'sex = "all"\nages = "0+"\n'
    path = write(text)
    with pytest.raises(OfficialFileError, match="in another unit than persons") as caught:
        readers.read_population(described(path, columns, above))
    assert 'unit = "thousands"' in caught.value.hint
    columns += '\nunit = "thousands"\n[columns.areas]\nAFR = "group"'
    with pytest.raises(OfficialFileError, match=r"several figures of one meaning: NAM all 0\+ 2020-07-01") as caught:
        readers.read_population(described(path, columns, above))
    assert "line 2 and line 3, which differ in variant: Medium, High" in caught.value.where
    assert '"variant" = "Medium"' in caught.value.hint
    official = readers.read_all(described(path, f'{columns}\n[columns.only]\nvariant = "Medium"', above))["population"]
    assert official.table[["area", "reference_date", "value"]].to_numpy().tolist() == [["NAM", "2020-07-01", 2540905]]
    assert official.left_out == {
        "of other rows than variant Medium": 1,
        "for groups of areas, or persons of no known area": 1,
    }


@pytest.mark.parametrize(
    ("columns", "message", "hint"),
    [
        ('destination = "Dst"\norigin = "Orig"\nyear = "Year"\nvalue = "n"', "did you mean Dest?", "mend the headings"),
        (LONG.replace('"n"', '"N"'), "value = 'N' (did you mean n?)", "mend the headings"),
        (
            'destination = "DEU"\norigin = "Orig"\nyear = "Year"\nvalue = "n"',
            "'DEU'",
            'write destination = "DEU" above',
        ),
        (f'{LONG}\nsex = "all"', "sex = 'all'", 'write sex = "all" above the line [columns]'),
        (f'{LONG}\n[columns.only]\nvariant = "x"', "only = 'variant'", "mend the headings"),
        (f"{LONG}\nheader_row = 9", "no headings in line 9", "mend header_row"),
        (f'{LONG}\nsheet = "x"', "has no sheet 'x'", "take sheet out"),
    ],
)
def test_what_does_not_fit_the_file_is_one_message(write: Write, columns: str, message: str, hint: str) -> None:
    path = described(write("Dest,Orig,Year,n\nDEU,SRB,2020,5\n"), columns)
    with pytest.raises(OfficialFileError) as caught:
        stock(path)
    assert message in caught.value.what
    assert hint in caught.value.hint
    assert "file.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ('destnation = "Dest"\nvalue = "n"', "columns.destnation is not known (did you mean destination?)"),
        ('concept = "birth"\nvalue = "n"', "columns.concept is not known (it stands above the line [columns])"),
        (
            'destination = "Dest"\norigin = "Dest"\nvalue = "n"',
            "the column 'Dest' has two meanings: columns.destination and columns.origin",
        ),
        (f'{LONG}\nignore = ["n"]', "the column 'n' has two meanings"),
        (f'{LONG}\ndate = "Day"', "columns.year and columns.date say the same"),
        (f'{LONG}\norigins = "columns"', "columns.origin and columns.origins say the same"),
        ('destination = "Dest"\norigins = "columns"\nyears = "columns"', "the headings are origins and years at once"),
        ('destination = "Dest"\norigins = "columns"\nvalue = "n"', "columns.value is not needed"),
        ('destination = "Dest"', "columns.value is missing"),
        (f'{LONG}\narea = "a"', "columns.area is of no stock table"),
        (f'{LONG}\nheader_row = "4"', "columns.header_row is '4', allowed: the number of a line"),
        (f'{LONG}\norigins = "Orig"', "columns.origins is 'Orig', allowed: \"columns\""),
        (f'{LONG}\ntable = "flow"', "columns.table is 'flow', allowed: stock or population"),
        (
            f'{LONG}\n[columns.sexes]\nH = "man"',
            "columns.sexes.H is 'man', allowed: all, female, male",
        ),
        (
            f'{LONG}\n[columns.areas]\nA = "ROU"\nB = "Rumaenien"',
            "columns.areas.B is 'Rumaenien' (did you mean Romania (ROU)?), allowed: an area such as ROU, WLD or group",
        ),
    ],
)
def test_a_mapping_that_contradicts_itself_is_refused(write: Write, columns: str, message: str) -> None:
    with pytest.raises(OfficialFileError) as caught:
        stock(described(write("Dest,Orig,Year,n\nDEU,SRB,2020,5\n"), columns))
    assert message in caught.value.what
    assert "file.csv.origin.toml" in caught.value.what


def test_what_is_still_empty_is_named_all_at_once(write: Write) -> None:
    path = described(write("Dest,Orig,Year,n\nDEU,SRB,2020,5\n"), f'{LONG}\nreviewed = ""', STOCK.replace("birth", ""))
    with pytest.raises(OfficialFileError, match=r"does not say yet: concept, columns\.reviewed") as caught:
        stock(path)
    assert "concept: birth, citizenship, mixed" in caught.value.allowed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Dest,Orig,Year,n\nDEU,SRB,2020,199.691\n", "may have a decimal point or be thousands"),
        ("Dest,Orig,Year,n\nDEU,SRB,2020,5,7\n", "a row of 5 fields below 4 headings"),
        ("Dest,Orig,Year,n\nDEU,SRB,2020\n", "a row of 3 fields below 4 headings"),
        ("Dest,Orig,Year,n\nDEU,SRB,2020,19969", "ends within a line"),
        ("Dest,Orig,Year,n\n", "no row below its headings"),
        ('Dest,Orig,Year,n\nDEU,"SRB,2020,5\nDEU,TUR",2020,7\n', "a quotation mark that is not closed"),
        ("Dest,Orig,Year,n\nDEU,SRB,20,5\n", "'20' is no year"),
        ("Dest,Orig,Year,n\nDEU,SRB,2020,-\n", "'-' is neither a figure nor a mark"),
        ("Dest,Orig,Year,n\nDEU,,2020,5\n", "a figure without origin"),
        ("Dest,Orig,Year,n\nDEU,NA,2020,5\n,DEU,2020,5\n", "a figure without destination"),
        ("Dest,Orig,Year,n\nDEU,NA,2020,5\nDEU,SRB,2020,5\n", 'areas that are not known: "NA"'),
        ("Dest,Orig,Year,n\nDEU,Total,2020,5\nDEU,Atlantis,2020,5\n", 'areas that are not known: "Total", "Atlantis"'),
        ("Dest,Orig,Year,n\nDEU,SRB,2020,5\nGermany,RS,2020,5\n", "several figures of one meaning: DEU SRB"),
        ("Dest,Orig,Year,n,unit\nDEU,SRB,2020,5,percent\n", "unit is 'percent'"),
        ("Dest,Orig,Year,n,Einheit\nDEU,SRB,2020,5,Tausend\n", "the column Einheit is not read"),
        ("Dest,Orig,Year,n,n\nDEU,SRB,2020,5,6\n", "several have this heading: n (column 4) or n (column 5)?"),
        ('{"Dest": "Orig"}\n', "is JSON"),
    ],
)
def test_what_would_be_a_wrong_figure_is_refused(write: Write, text: str, message: str) -> None:
    with pytest.raises(OfficialFileError) as caught:
        stock(described(write(text), LONG))
    assert message in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    "heading",
    [
        "flow",
        "Inflows of foreign population",
        "da_pb_closed",
        "Share of migrants",
        "migrants (%)",
        "Ausländeranteil",
        "tasa",
        "Zuzüge",
    ],
)
def test_flows_and_shares_are_no_stocks(write: Write, heading: str) -> None:
    path = described(write(f"Dest,Orig,Year,{heading}\nDEU,SRB,2020,5\n"), LONG.replace('"n"', f'"{heading}"'))
    with pytest.raises(OfficialFileError, match=r"no persons at a date"):
        stock(path)


def test_a_title_that_says_thousands_refuses_the_file(write: Write) -> None:
    path = described(write("Migrant stock (thousands)\nDest,Orig,Year,n\nDEU,SRB,2020,5\n"), f"{LONG}\nheader_row = 2")
    with pytest.raises(OfficialFileError, match="in another unit than persons"):
        stock(path)
    assert stock(described(path, f'{LONG}\nheader_row = 2\nunit = "thousands"')) == {
        ("DEU", "SRB", "all", "2020-07-01"): 5000
    }


@pytest.mark.parametrize(
    "text",
    [
        "Ausländer in Tausend\nDest,Orig,Year,n\nDEU,SRB,2020,5\n",
        "Población (miles)\nDest,Orig,Year,n\nDEU,SRB,2020,5\n",
        "Stock\nDest,Orig,Year,n\nDEU,SRB,2020,5\n\nEffectifs en milliers,,,\nSource: Insee,,,\n",
        '"Stock"\nDest,Orig,Year,n\nDEU,SRB,2020,5\n"Note: figures are in 1,000, rounded.",,,\n',
    ],
)
def test_thousands_in_any_language_and_below_the_table(write: Write, text: str) -> None:
    path = described(write(text), f"{LONG}\nheader_row = 2")
    with pytest.raises(OfficialFileError, match="in another unit than persons"):
        stock(path)
    assert stock(described(path, f'{LONG}\nheader_row = 2\nunit = "thousands"')) == {
        ("DEU", "SRB", "all", "2020-07-01"): 5000
    }
    harmless = "Stock\nDest,Orig,Year,n\nDEU,SRB,2020,5\nFewer than 1 000 are rounded,,,\n"
    assert stock(described(write(harmless), f"{LONG}\nheader_row = 2")) == {("DEU", "SRB", "all", "2020-07-01"): 5}


def test_sexes_that_do_not_add_up_are_refused(write: Write) -> None:
    text = "Dest,Orig,Year,sex,n\nDEU,SRB,2020,Total,1000\nDEU,SRB,2020,F,300\nDEU,SRB,2020,M,400\n"
    path = described(write(text), f'{LONG}\nsex = "sex"', STOCK.replace('sex = "all"\n', ""))
    with pytest.raises(OfficialFileError, match="females and males are not both sexes") as caught:
        stock(path)
    assert "line 2" in caught.value.where


def test_what_no_column_says_the_sidecar_must(write: Write) -> None:
    path = described(write("Orig,n\nSRB,5\n"), 'origin = "Orig"\nvalue = "n"', "")
    with pytest.raises(OfficialFileError, match="does not say which data set of the provider") as caught:
        stock(path)
    hint = 'dataset = "...", concept = "...", destination = "...", sex = "...", ages = "...", reference_date = "..."'
    assert hint in caught.value.hint
    assert "above its line [columns]" in caught.value.hint
    above = f'{STOCK}destination = "Spain"\nreference_date = "2022-01-01"\n'
    assert stock(described(path, 'origin = "Orig"\nvalue = "n"', above)) == {("ESP", "SRB", "all", "2022-01-01"): 5}


def test_days_in_a_column(write: Write) -> None:
    columns = LONG.replace("year", "date")
    path = described(write("Dest,Orig,Year,n\nDEU,SRB,2020-01-01,5\nDEU,SRB,2021-01-01 00:00:00,6\n"), columns)
    assert [key[3] for key in stock(path)] == ["2020-01-01", "2021-01-01"]
    with pytest.raises(OfficialFileError, match="is no year") as caught:
        stock(described(path, LONG))
    assert 'date = "..."' in caught.value.hint


def test_flags_stand_beside_the_figures(write: Write) -> None:
    path = described(write("Dest,Orig,Year,n,f\nDEU,SRB,2020,5,b\nDEU,TUR,2020,:,u\n"), f'{LONG}\nflags = "f"')
    assert readers.read_stock(path)["flags"].tolist() == ["b", "u; :"]


@pytest.mark.parametrize(
    ("column", "text", "refused"),
    [
        ("Sex", "Female", True),
        ("Sex", "Both sexes", False),
        ("Geschlecht", "weiblich", True),
        ("Sexo", "2", True),
        ("Edad", "15 a 64 años", True),
        ("Age", "15-64", True),
        ("Age", "0+", False),
        ("Measure", "Inflows of foreign population", True),
        ("Measure", "Percentage of population", True),
        ("Measure", "Stock of foreign-born population", False),
        ("Country of residence", "Portugal", True),
        ("Country of residence", "ES", False),
        ("Year", "2015", True),
        ("Year", "2022", False),
    ],
)
def test_a_column_that_is_not_read_may_not_contradict_the_sidecar(
    write: Write, column: str, text: str, *, refused: bool
) -> None:
    above = f'{STOCK}destination = "ESP"\nreference_date = "2022-01-01"\n'
    path = write(f"Orig,n,{column}\nSRB,5,{text}\n")
    described(path, 'origin = "Orig"\nvalue = "n"', above)
    if refused:
        with pytest.raises(OfficialFileError, match=f"the column {column} is not read and says '{text}'") as caught:
            stock(path)
        assert "ignore" in caught.value.hint
        described(path, f'origin = "Orig"\nvalue = "n"\nignore = ["{column}"]', above)
    assert stock(path) == {("ESP", "SRB", "all", "2022-01-01"): 5}


def test_figures_with_decimals_need_a_unit(write: Write) -> None:
    path = described(write("Dest,Orig,Year,n\nDEU,SRB,2020,199.6910\nDEU,TUR,2020,1339.2\n"), LONG)
    with pytest.raises(OfficialFileError, match="have decimals, and persons are whole") as caught:
        stock(path)
    assert 'unit = "thousands"' in caught.value.hint
    of_year = {("DEU", "SRB", "all", "2020-07-01"): 199691, ("DEU", "TUR", "all", "2020-07-01"): 1339200}
    assert stock(described(path, f'{LONG}\nunit = "thousands"')) == of_year
    assert stock(described(path, f'{LONG}\nunit = "persons"'))["DEU", "TUR", "all", "2020-07-01"] == 1339.2


@pytest.mark.parametrize(
    ("header", "columns", "unread"),
    [
        ("c,rank,2015*,2020,2021 (p),% change", 'years = "columns"', '"2015*", "2021 (p)"'),
        ("c,rank,0-4,05-Sep,10-14,sex ratio", 'ages = "columns"', '"05-Sep"'),
        ("c,rank,Men,Mujeres,Todos,ratio", 'sexes = "columns"', '"Mujeres", "Todos"'),
        ("c,rank,2020,,2021,rate", 'years = "columns"', '"column 4"'),
        ("c,rank,n,,note,rate", 'value = "n"', '"column 4"'),
    ],
)
def test_figures_beside_those_that_are_read_are_not_left_out_in_silence(
    write: Write, header: str, columns: str, unread: str
) -> None:
    above = STOCK if "sexes" not in columns else STOCK.replace('sex = "all"\n', "")
    above = above if "ages =" not in columns else above.replace('ages = "0+"\n', "")
    above += 'destination = "DEU"\n' + ("" if "years" in columns else 'reference_date = "2020-07-01"\n')
    path = described(write(f"{header}\nSRB,1,10,11,12,3\nTUR,2,10,11,12,4\n"), f'origin = "c"\n{columns}', above)
    with pytest.raises(OfficialFileError, match="columns of figures that are not read") as caught:
        stock(path)
    assert caught.value.what.endswith(unread)
    assert f"ignore = [{unread}]" in caught.value.hint
    assert stock(described(path, f'origin = "c"\n{columns}\nignore = [{unread}]', above))


@pytest.mark.parametrize("origin", ["na", "Na", "NA"])
def test_what_r_writes_for_a_missing_text_is_no_namibia_in_any_case(write: Write, origin: str) -> None:
    text = f"Dest,Orig,Year,n\nDEU,SRB,2020,5\nDEU,{origin},2020,6\n"
    with pytest.raises(OfficialFileError, match=f'not known: "{origin}"'):
        stock(described(write(text), LONG))
    assert stock(described(write(text.replace("SRB", "rs")), LONG))["DEU", "NAM", "all", "2020-07-01"] == 6


def test_thousands_that_a_program_took_for_decimals_are_refused(write: Write) -> None:
    text = "Dest,Orig,Year,n\nDEU,SRB,2020,199.691\nDEU,TUR,2020,12.5\nDEU,AUT,2020,7\nDEU,FRA,2020,3\nDEU,ITA,2020,8\n"
    path = described(write(text), LONG)
    with pytest.raises(OfficialFileError, match="as if thousands had been parted") as caught:
        stock(path)
    assert "2 of 5 figures, such as 199.691" in caught.value.where
    assert stock(described(path, f'{LONG}\nunit = "persons"'))["DEU", "SRB", "all", "2020-07-01"] == 199.691
    assert stock(described(write(text.replace("7\n", "1200\n")), LONG))["DEU", "TUR", "all", "2020-07-01"] == 12.5


def test_more_persons_than_a_country_can_have_are_refused(write: Write) -> None:
    text = "Dest,Orig,Year,n\nDEU,SRB,2020,199691\nDEU,TUR,2020,1339200\n"
    path = described(write(text), f'{LONG}\nunit = "thousands"')
    with pytest.raises(OfficialFileError, match="that no country can have: 1,339,200,000 persons") as caught:
        stock(path)
    assert caught.value.where.endswith("DEU TUR all 2020-07-01")


def test_decimals_that_a_program_took_for_thousands_are_refused(write: Write) -> None:
    header = "LocID;Location;VarID;Variant;Time;MidPeriod;PopMale;PopFemale;PopTotal;PopDensity"
    path = write(f"{header}\n516;Namibia;2;Medium;2020;2020,5;1231683;1309233;2540916;3086\n")
    with pytest.raises(OfficialFileError, match="that no country can have: 2,540,916,000 persons"):
        readers.read_population(path)


def test_a_heading_may_have_more_commas_than_there_are_semicolons(write: Write) -> None:
    text = "Orig;Stock, 2020, persons\nSRB;199691\nTUR;5\n"
    above = f'{STOCK}destination = "DEU"\nreference_date = "2020-07-01"\n'
    path = described(write(text), 'origin = "Orig"\nvalue = "Stock, 2020, persons"', above)
    assert stock(path)["DEU", "SRB", "all", "2020-07-01"] == 199691


@pytest.mark.parametrize("heading", ["no", "ID", "Nr"])
def test_a_column_of_numbers_beside_areas_is_no_area(write: Write, heading: str) -> None:
    text = f"Orig,{heading},DEU,Austria,UK\nSRB,1,6,11,2\nTUR,2,8,15,3\n"
    columns = 'origin = "Orig"\ndestinations = "columns"'
    path = described(write(text), columns, f'{STOCK}reference_date = "2020-07-01"\n')
    with pytest.raises(OfficialFileError, match=f'areas that are not known: "{heading}"') as caught:
        stock(path)
    assert "ignore" in caught.value.hint
    described(path, f'{columns}\nignore = ["{heading}"]', f'{STOCK}reference_date = "2020-07-01"\n')
    assert {destination for destination, *_ in stock(path)} == {"DEU", "AUT", "GBR"}
    codes = described(write("Orig,no,DE,at\nSRB,1,6,11\n"), columns, f'{STOCK}reference_date = "2020-07-01"\n')
    assert {destination for destination, *_ in stock(codes)} == {"NOR", "DEU", "AUT"}


@pytest.mark.parametrize(
    ("heading", "kind"),
    [("Males", "sex"), ("stock of women", "sex"), ("15-64", "age"), ("2015", "year"), ("Census 2011", "year")],
)
def test_a_heading_of_figures_may_not_contradict_the_sidecar(write: Write, heading: str, kind: str) -> None:
    above = f'{STOCK}destination = "DEU"\nreference_date = "2020-07-01"\n'
    path = described(write(f"Orig,{heading}\nSRB,5\n"), f'origin = "Orig"\nvalue = "{heading}"', above)
    with pytest.raises(OfficialFileError, match=f"of another {kind} than the sidecar says"):
        stock(path)
    agreeing = described(write("Orig,Total 2020\nSRB,5\n"), 'origin = "Orig"\nvalue = "Total 2020"', above)
    assert stock(agreeing) == {("DEU", "SRB", "all", "2020-07-01"): 5}


def test_a_long_name_may_be_a_group(write: Write) -> None:
    name = "Persons born in countries of Europe that are members neither of the European Union nor of EFTA"
    path = write(f"Dest,Orig,Year,n\nDEU,{name},2020,5\nDEU,SRB,2020,6\n")
    assert len(stock(described(path, f'{LONG}\n[columns.areas]\n"{name}" = "group"'))) == 1


def test_entries_of_the_mapping_are_listed_where_one_is_not_known(write: Write) -> None:
    with pytest.raises(OfficialFileError) as caught:
        stock(described(write("Dest,n\nDEU,5\n"), f'{LONG}\norigns = "columns"'))
    assert "in [columns]: table, sheet, header_row, destination" in caught.value.allowed


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(write: Write, encoding: str, line_end: str) -> None:
    text = "Dest;Orig;Year;n\nÖsterreich;Côte d'Ivoire;2020;5\n".replace("\n", line_end)
    assert stock(described(write(text.encode(encoding)), LONG)) == {("AUT", "CIV", "all", "2020-07-01"): 5}


def test_packed_files(write: Write) -> None:
    text = gzip.compress(b"sep=|\nDest|Orig|Year|n\nDEU|SRB|2020|5\n")
    assert stock(described(write(text, "own.csv.gz"), LONG)) == {("DEU", "SRB", "all", "2020-07-01"): 5}


@pytest.mark.parametrize("others", ["2.345.678", "1.234,5"])
def test_rows_that_are_not_read_show_what_parts_thousands(write: Write, others: str) -> None:
    text = f"Dest;Orig;Year;Variant;n\nDEU;SRB;2020;Medium;199.691\nDEU;SRB;2020;High;{others}\n"
    path = described(write(text), f'{LONG}\n[columns.only]\nVariant = "Medium"')
    assert list(stock(path).values()) == [199691]


@pytest.mark.parametrize("others", ["12.5", "199.700", "12.34.5", "x"])
def test_shares_that_are_not_read_make_no_decimals_of_persons(write: Write, others: str) -> None:
    text = f"Dest;Orig;Year;Variant;n\nDEU;SRB;2020;Number;199.691\nDEU;SRB;2020;Percent;{others}\n"
    with pytest.raises(OfficialFileError, match="may have a decimal point or be thousands"):
        stock(described(write(text), f'{LONG}\n[columns.only]\nVariant = "Number"'))


def test_thousands_of_rows_that_are_not_read_show_decimals(write: Write) -> None:
    text = "Dest;Orig;Year;Variant;n\nDEU;SRB;2020;Medium;199.691\nDEU;SRB;2020;High;1200.5\n"
    path = described(write(text), f'{LONG}\nunit = "thousands"\n[columns.only]\nVariant = "Medium"')
    assert list(stock(path).values()) == [199691]


def test_marks_that_mean_two_things_in_a_column_are_refused(write: Write) -> None:
    text = "Dest;Orig;Year;Variant;n\nDEU;SRB;2020;Medium;1234.5\nDEU;TUR;2020;Medium;5\nDEU;SRB;2020;High;1.234.567\n"
    with pytest.raises(OfficialFileError, match=r"'1234\.5'"):
        stock(described(write(text), f'{LONG}\n[columns.only]\nVariant = "Medium"'))


@pytest.mark.parametrize(("first", "second"), [("2023K1", "2023K2"), ("2022M01", "2022M02"), ("2023-Q1", "2023-Q2")])
def test_of_quarters_and_months_one_is_kept(write: Write, first: str, second: str) -> None:
    path = write(f"Dest,Orig,Period,n\nDEU,SRB,{first},5\nDEU,SRB,{second},6\n")
    ends = 'destination = "Dest"\norigin = "Orig"\nvalue = "n"\n'
    with pytest.raises(OfficialFileError, match=f"'{first}' is no year") as caught:
        stock(described(path, f'{ends}year = "Period"'))
    assert "keep one with [columns.only]" in caught.value.hint
    only = f'{ends}[columns.only]\nPeriod = "{second}"'
    above = 'reference_date = "2023-04-01"\n'
    assert stock(described(path, only, STOCK + above)) == {("DEU", "SRB", "all", "2023-04-01"): 6}


def test_persons_of_no_known_origin_are_left_out_or_others(write: Write) -> None:
    path = write("Dest,Orig,Year,n\nDEU,SRB,2020,5\nDEU,Apátridas,2020,6\nDEU,No consta,2020,7\n")
    areas = '[columns.areas]\n"Apátridas" = "{}"\n"No consta" = "group"'
    assert stock(described(path, f"{LONG}\n{areas.format('group')}")) == {("DEU", "SRB", "all", "2020-07-01"): 5}
    assert stock(described(path, f"{LONG}\n{areas.format('XXX')}")) == {
        ("DEU", "SRB", "all", "2020-07-01"): 5,
        ("DEU", "XXX", "all", "2020-07-01"): 6,
    }
