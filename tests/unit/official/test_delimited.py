"""Every row has as many fields as the header; a shifted column is refused, never read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import OfficialFileError
from smstock.official.delimited import table
from smstock.official.rawfile import RawFile

PATH = Path("a.csv")


def raw(text: str) -> RawFile:
    return RawFile(PATH, "text", text.encode())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_codes_stay_text_whatever_separates_them(delimiter: str, end: str) -> None:
    text = end.join(delimiter.join(row) for row in (["geo", "value"], ["NA", "007"], ["nan", ""])) + end
    assert table(raw(text)).to_dict("list") == {"geo": ["NA", "nan"], "value": ["007", ""]}


@pytest.mark.parametrize(
    ("text", "said", "where"),
    [
        ("a,b\n1,2\n3\n", "a row of 1 field below a header of 2", "line 3: 3"),
        ("a,b\n1,2,3\n", "a row of 3 fields below a header of 2", "line 2: 1,2,3"),
        ("a,b\n1,2\n3,4", "ends within a line", ""),
        ("a,b\n", "has a header and no row", ""),
        ("a,a\n1,2\n", "two columns of one name: a", ""),
        ("a,b\r1,2\n3,4\n", "has no header that can be read", "line 1"),
        ('a,b\n1,"2\n3,4\n5,6\n', "quotation mark that is not closed", "line 2, column b"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, said: str, where: str) -> None:
    with pytest.raises(OfficialFileError, match=said) as caught:
        table(raw(text))
    assert caught.value.where == where


def test_lines_above_the_header_and_the_comma_at_the_end() -> None:
    text = '"Data Source","WDI",\n\n"Country","1960",\n"Namibia","1",\n'
    assert table(raw(text), header=2).to_dict("records") == [{"Country": "Namibia", "1960": "1"}]
    with pytest.raises(OfficialFileError, match="2 fields below a header of 3"):
        table(raw(text[:-2] + "\n"), header=2)


def test_a_last_column_without_a_name_that_holds_something_is_kept() -> None:
    assert list(table(raw("a,\n1,2\n"))) == ["a", ""]


@given(
    rows=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)), min_size=2, max_size=6),
    place=st.integers(0, 10_000),
    change=st.sampled_from(["drop", "add"]),
)
def test_a_delimiter_lost_or_added_is_never_read(rows: list[tuple[int, int, int]], place: int, change: str) -> None:
    lines = ["a,b,c", *(",".join(map(str, row)) for row in rows)]
    line = 1 + place % len(rows)
    at = [number for number, letter in enumerate(lines[line]) if letter == ","][place % 2]
    lines[line] = lines[line][:at] + (",," if change == "add" else "") + lines[line][at + 1 :]
    with pytest.raises(OfficialFileError, match="below a header of 3") as caught:
        table(raw("\n".join(lines) + "\n"))
    assert caught.value.where.startswith(f"line {line + 1}: ")
