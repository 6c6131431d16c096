"""Files of data.census.gov: the data file of a zip, and the table as it is shown."""

from __future__ import annotations

import json
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

SAID = {"reference_date": "2022-07-01", "edition": "acs5 2024"}
CODES = '"GEO_ID","NAME","B05006_001E","B05006_001EA","B05006_001M","B05006_002E","B05006_004E","B05006_077E"'
LABELS = (
    '"Geography","Geographic Area Name","Estimate!!Total:","Annotation of Estimate!!Total:","Margin of Error!!Total:",'
    '"Estimate!!Total:!!Europe:","Estimate!!Total:!!Europe:!!Northern Europe:!!Denmark",'
    '"Estimate!!Total:!!Asia:!!South Eastern Asia:!!Burma (Myanmar)"'
)
MASSACHUSETTS = '"0400000US25","Massachusetts","1271206","null","9721","220469","920","1497"'
DATA = f"{CODES}\n{LABELS}\n{MASSACHUSETTS}\n"
RIGHT = {("US-MA", "WLD"): 1271206, ("US-MA", "DNK"): 920, ("US-MA", "MMR"): 1497}


def stock(path: Path) -> dict[tuple[str, str], float]:
    table = readers.read_stock(path)
    assert (set(table["concept"]), set(table["reference_date"])) == ({"birth"}, {"2022-07-01"})
    corridors = zip(table["destination"], table["origin"], strict=True)
    return dict(zip(corridors, table["value"].fillna(-1), strict=True))


def with_commas(text: str) -> str:
    """End each line with a comma, as newer files do."""
    return text.replace("\n", ",\n")


@pytest.mark.parametrize(
    "text",
    [
        DATA,
        "\ufeff" + with_commas(DATA).replace("\n", "\r\n"),
        DATA.replace(":!!", "!!").replace(':"', '"'),
        DATA.replace('"Geography"', '"id"'),
        "\n".join(line.replace('","', '";"') for line in DATA.split("\n")),
    ],
    ids=["plain", "mark and commas at the ends", "labels until 2018", "files until 2021", "semicolons"],
)
def test_labels_stand_in_the_second_line(write: Write, text: str) -> None:
    path = write(text, **SAID)
    assert stock(path) == RIGHT
    assert readers.read_all(path)["stock"].left_out == {GROUPS_OF_AREAS: 1}


def test_a_continent_without_its_parts_is_no_unknown_place(write: Write) -> None:
    labels = '"Geography","Geographic Area Name","Estimate!!Total","Estimate!!Total!!Europe"'
    text = f'"GEO_ID","NAME","B05006_001E","B05006_002E"\n{labels}\n"0400000US06","California","10434000","600000"\n'
    path = write(text, **SAID)
    assert stock(path) == {("US-CA", "WLD"): 10434000}
    assert readers.read_all(path)["stock"].left_out == {GROUPS_OF_AREAS: 1}


def test_without_the_second_line_labels_lie_beside_the_file(write: Write) -> None:
    path = write(DATA.replace(LABELS + "\n", ""), **SAID)
    with pytest.raises(OfficialFileError, match="does not say what its columns are"):
        readers.read_stock(path)
    labels = dict(zip(json.loads(f"[{CODES}]"), json.loads(f"[{LABELS}]"), strict=True))
    variables = {code: {"label": label} for code, label in labels.items()}
    path.with_name("file.csv.labels.json").write_text(json.dumps({"variables": variables}))
    assert stock(path) == RIGHT


def test_the_zip_as_it_was_downloaded(write: Write) -> None:
    path = write(b"", "ACSDT5Y2024.B05006.zip", **SAID)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ACSDT5Y2024.B05006-Data.csv", DATA)
        archive.writestr("ACSDT5Y2024.B05006-Column-Metadata.csv", '"Column Name","Label"\n"GEO_ID","Geography"\n')
        archive.writestr("ACSDT5Y2024.B05006-Table-Notes.txt", "Survey/Program: American Community Survey")
    assert stock(path) == RIGHT


@pytest.mark.parametrize("sign", ["-", "N", "(X)", "null", "**", "*****", "-666666666"])
def test_a_sign_in_place_of_a_number_is_missing_and_stays_as_its_flag(write: Write, sign: str) -> None:
    path = write(DATA.replace('"920"', f'"{sign}"'), **SAID)
    table = readers.read_stock(path).set_index("origin")
    assert table["value"].isna().to_dict() == {"WLD": False, "DNK": True, "MMR": False}
    assert table["flags"]["DNK"] == sign


def test_geographies_other_than_states_and_counties_are_counted(write: Write) -> None:
    others = (
        MASSACHUSETTS.replace("0400000US25", "0400001US25").replace("Massachusetts", "Massachusetts -- Urban"),
        MASSACHUSETTS.replace("0400000US25", "310M700US14460").replace("Massachusetts", "Boston Metro Area"),
    )
    states = (
        MASSACHUSETTS.replace("0400000US25", "0100000US").replace("Massachusetts", "United States"),
        MASSACHUSETTS.replace("0400000US25", "0400000US72").replace("Massachusetts", "Puerto Rico"),
    )
    path = write(DATA + "\n".join([*others, *states]) + "\n", **SAID)
    read = readers.read_all(path)["stock"]
    assert set(read.table["destination"]) == {"US-MA", "USA", "PRI"}
    assert read.left_out["for other geographies than the country, its states and counties"] == 8
    with pytest.raises(OfficialFileError, match="for a geography that is not read") as caught:
        readers.read_all(write("\n".join([CODES, LABELS, others[0]]) + "\n", **SAID))
    assert "choose Nation, State or County" in caught.value.hint


def test_counties_are_places_beside_their_state(write: Write) -> None:
    counties = (
        MASSACHUSETTS.replace("0400000US25", "0500000US25017").replace("920", "-555555555"),
        MASSACHUSETTS.replace("0400000US25", "05000US72001"),
        MASSACHUSETTS.replace("0400000US25", "0100000US"),
    )
    table = readers.read_stock(write(DATA + "\n".join(counties) + "\n", **SAID))
    assert set(table["destination"]) == {"US-MA", "US-25017", "PR-72001", "USA"}
    of_all = table[table["origin"] == "WLD"].set_index("destination")
    assert of_all["value"].tolist() == [1271206] * 4
    withheld = table[(table["destination"] == "US-25017") & (table["origin"] == "DNK")]
    assert withheld["value"].isna().tolist() == [True]
    assert withheld["flags"].tolist() == ["-555555555"]


def test_margins_of_error_are_flags_of_places_and_none_of_the_country(write: Write) -> None:
    codes = (
        '"GEO_ID","NAME","B05006_001E","B05006_001M"\n"Geography","Name","Estimate!!Total:","Margin of Error!!Total:"'
    )
    rows = (
        '"0400000US25","Massachusetts","1271206","9721"',
        '"0500000US25017","Middlesex","300000","*****"',
        '"0500000US25019","Nantucket","2500","-555555555"',
        '"0500000US25021","Norfolk","(X)","12"',
        '"0100000US","United States","46000000","114949"',
    )
    table = readers.read_stock(write("\n".join([codes, *rows]) + "\n", **SAID))
    assert table["flags"].tolist() == ["margin: 9721", "", "", "(X)", ""]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (("0400000US25", "0400000US99"), UnknownNameError, "'99' is no state"),
        (("0400000US25", "Massachusetts"), OfficialFileError, "'Massachusetts' is no GEO_ID"),
        (('"920"', '"about 920"'), OfficialFileError, "neither a figure nor a mark"),
        (("Estimate!!Total:!!Europe:!!N", "Margin of Error!!Total:!!Europe:!!N"), OfficialFileError, "something else"),
        (('"Estimate!!Total:"', '"Estimate!!Median:"'), OfficialFileError, "does not begin with the total"),
        ((',"1497"', ""), OfficialFileError, "a row of 7 fields"),
        ((MASSACHUSETTS + "\n", ""), OfficialFileError, "has labels and no row below them"),
    ],
)
def test_what_was_edited_is_refused(
    write: Write, change: tuple[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        readers.read_stock(write(DATA.replace(*change), **SAID))


def test_a_place_that_is_not_known_is_named_with_its_line(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    path = write(DATA.replace("Burma (Myanmar)", "Atlantis"), **SAID)
    assert readers.read_all(path)["stock"].left_out["for areas that are not known: Atlantis"] == 1
    assert "Atlantis (line 2)" in caplog.text


INDENT = "\u00a0" * 4
SHOWN = (
    '\ufeff"Label (Grouping)","Massachusetts!!Estimate","Massachusetts!!Margin of Error","United States!!Estimate",'
    '"United States!!Margin of Error"\n'
    '"Total:","1,271,206","±9,721","46,182,177","±114,949"\n'
    f'"{INDENT}Europe:","220,469","±5,072","4,728,948","±31,000"\n'
    f'"{INDENT * 2}Northern Europe:","40,000","±2,000","950,000","±9,000"\n'
    f'"{INDENT * 3}Denmark","920","±351","29,000","±1,500"\n'
    f'"{INDENT}Asia:","400,000","±5,072","14,000,000","±31,000"\n'
    f'"{INDENT * 2}South Eastern Asia:","40,000","±2,000","950,000","±9,000"\n'
    f'"{INDENT * 3}Burma (Myanmar)","1,497","±402","N","N"\n'
)


@pytest.mark.parametrize(
    "text",
    [
        SHOWN,
        SHOWN.replace("\u00a0", " ").replace("\n", "\r\n"),
        SHOWN.replace('","', '";"'),
        SHOWN.replace('","', '"\t"'),
    ],
    ids=["plain", "blanks", "semicolons", "tabs"],
)
def test_the_table_as_it_is_shown(write: Write, text: str) -> None:
    path = write(text, **SAID)
    assert stock(path) == RIGHT | {("USA", "WLD"): 46182177, ("USA", "DNK"): 29000, ("USA", "MMR"): -1}
    read = readers.read_all(path)["stock"]
    assert read.left_out == {GROUPS_OF_AREAS: 8}
    flags = read.table.set_index(["destination", "origin"])["flags"].to_dict()
    assert flags["US-MA", "WLD"] == "margin: 9721"
    assert (flags["USA", "WLD"], flags["USA", "MMR"]) == ("", "N")


def test_thousands_of_the_shown_table_need_no_larger_figure_to_be_told(write: Write) -> None:
    small = "".join(line for line in SHOWN.splitlines(keepends=True) if "Label" in line or "Total" in line)
    small += f'"{INDENT}Europe:","1,469","±5,072","4,948","±31"\n"{INDENT * 2}Denmark","1,920","±351","2,900","±15"\n'
    path = write(small.replace("1,271,206", "1,271").replace("46,182,177", "46,182"), **SAID)
    assert stock(path)["US-MA", "DNK"] == 1920


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SHOWN.replace(INDENT, ""), "another table than B05006, or its labels lost their indentation"),
        (SHOWN.replace(f"{INDENT}Europe", f'{INDENT}Male:","1","1","1","1"\n"{INDENT * 2}Europe'), "another table"),
        (SHOWN.replace("Massachusetts", "Boston city, Massachusetts").replace("United States", "Guam"), "not read"),
        (SHOWN.replace("Massachusetts!!Estimate", "Massachusetts!!Percent"), "neither an estimate nor a margin"),
        (SHOWN.replace('"Total:"', '"Median age:"'), "does not begin with the total"),
        (SHOWN.replace("Europe:", "Male:"), "is not table B05006"),
        (SHOWN.replace('"920"', '"9.20.1"'), "neither a figure nor a mark"),
        ('"GEO_ID","NAME","B05002_001E"\n"Geography","x","Estimate!!Total:"\n', "is another table"),
        ("GEO.id,GEO.id2,GEO.display-label,HD01_VD01\nId,Id2,Geography,Estimate; Total:\n", "a service that ended"),
        ('"Column Name","Label"\n"GEO_ID","Geography"\n', "says what columns are"),
    ],
)
def test_what_is_no_such_table_is_refused(write: Write, text: str, message: str) -> None:
    with pytest.raises(OfficialFileError, match=message) as caught:
        readers.read_all(write(text, **SAID))
    assert caught.value.hint


def test_the_workbook_of_a_shown_table_is_refused_with_the_way_on(save: Callable[..., Path]) -> None:
    path = save({"Information": [["Table ID:", "B05006"]], "Data": [["Label", "Massachusetts"], ["Total:", 9]]})
    with pytest.raises(OfficialFileError, match="is a workbook whose sheets are not read") as caught:
        readers.read_all(path)
    assert "Download Table Data" in caught.value.hint


def test_the_sidecar_gives_the_day(write: Write) -> None:
    for text in (DATA, SHOWN):
        with pytest.raises(OfficialFileError, match="does not say which day"):
            readers.read_stock(write(text, edition="acs5 2024"))
