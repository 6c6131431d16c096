"""What a file is, by its bytes; its name does not matter."""

from __future__ import annotations

import gzip
import os
import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import rawfile
from smstock.official.rawfile import RawFile, opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

TABLE = "area;name\nCUW;Curaçao\n"


def archive(**files: bytes) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        b"\xfe\xff" + TABLE.encode("utf-16-be"),
        TABLE.encode("cp1252"),
        gzip.compress(TABLE.encode(), mtime=0),
        gzip.compress(TABLE.encode("utf-16"), mtime=0),
        archive(table=TABLE.encode()),
        archive(table=TABLE.encode("cp1252"), Metadata_Country=b"x", Metadata_Indicator=b"y"),
    ],
    ids=["utf-8", "mark", "utf-16", "big-endian", "cp1252", "gzip", "both", "zip", "zip with metadata"],
)
def test_the_same_table_in_every_wrapping(write: Write, content: bytes) -> None:
    file = opened(write(content, "download"))
    assert file.container == "text"
    assert file.content.decode() == TABLE
    assert file.header == ("area", "name")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"<!DOCTYPE html>\n<title>Sorry</title>", "is an HTML page"),
        (b"\n  <HTML><body>403</body>", "is an HTML page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"Excel 97-2003 workbook \(.xls\)"),
        (b"\x00\x01\x02", "neither a workbook"),
        (b"area;\x81\x8d\n", "in no encoding that is read"),
        (gzip.compress(TABLE.encode(), mtime=0)[:-9], "damaged gzip file"),
        (archive(a=b"1", b=b"2"), "an archive of 2 files: a, b"),
        (archive(table=TABLE.encode())[:-30], "damaged workbook or archive"),
    ],
)
def test_what_holds_no_table_is_named(write: Write, content: bytes, said: str) -> None:
    path = write(content, "stock.xlsx")
    with pytest.raises(OfficialFileError, match=said) as caught:
        opened(path)
    assert str(path) in caught.value.what


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(OfficialFileError, match="is a folder"):
        opened(tmp_path)
    with pytest.raises(OfficialFileError, match="does not exist"):
        opened(tmp_path / "stock.csv")


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("area,value", ("area", "value")),
        ("area;value;x,y", ("area", "value", "x,y")),
        ("c_birth,age,geo\\time\t2015 \t2014 ", ("c_birth,age,geo\\time", "2015", "2014")),
        ('"area","value"\r', ("area", "value")),
    ],
)
def test_fields_of_the_first_line(write: Write, line: str, fields: tuple[str, ...]) -> None:
    assert opened(write(f"\n{line}\nx\n")).header == fields


def test_json_is_read_once_and_damage_is_said(write: Write) -> None:
    assert opened(write('{"a": [1]}')).json == {"a": [1]}
    assert opened(write("a,b\n")).json is None
    for damaged in ('{"a": [1', '{"a": NaN}', "[" * 100_000):
        with pytest.raises(OfficialFileError, match="is damaged JSON"):
            _ = opened(write(damaged)).json


def test_a_text_is_one_sheet_of_cells_as_they_are_written(write: Write) -> None:
    file = opened(write('a;"b\nc"\n\n1,5;1,234,567\nx,y;\n'))
    assert list(file.sheets.values()) == [[["a", "b\nc"], ["1,5", "1,234,567"], ["x,y", ""]]]
    assert list(file.rows_by_line) == [1, 4, 5]


@pytest.mark.parametrize("line", ["sep=;\r\n", '"sep=;"\n', "SEP=;\n"])
def test_the_line_that_excel_writes_above_a_table_names_the_separator(write: Write, line: str) -> None:
    file = opened(write(line + "a,b;c\n\n1;2\n"))
    assert file.header == ("a,b", "c")
    assert file.delimiter == ";"
    assert file.line(0) == "line 4"


def test_a_separator_that_a_first_line_names_may_be_any_character(write: Write) -> None:
    assert opened(write("sep=|\na|b\n")).header == ("a", "b")


@pytest.mark.parametrize("text", ["a;b\n1;2;3\n", "a;b\n1\n", "a;b\n1;2"])
def test_a_sheet_that_was_cut_off_is_refused(write: Write, text: str) -> None:
    with pytest.raises(OfficialFileError, match="rows differ in length, or that ends within a line"):
        _ = opened(write(text)).sheets


def test_a_file_is_read_once_by_each_function(write: Write) -> None:
    calls: list[str] = []

    def first(file: RawFile) -> int:
        calls.append(file.first_line)
        return len(calls)

    file = opened(write(TABLE))
    assert (file.once(first), file.once(first), file.once(lambda _: "other")) == (1, 1, "other")
    assert opened(file.path).once(first) == 2
    assert file == opened(file.path)


def test_what_the_file_leaves_out_its_sidecar_says(write: Write) -> None:
    file = opened(write(TABLE, concept="birth", reference_date="2015-07-01"))
    assert file.stated("concept", "reference_date") == ("birth", "2015-07-01")
    assert file.stated_day() == "2015-07-01"
    assert file.edition == "2020"
    with pytest.raises(OfficialFileError, match="does not say which sex it counts") as caught:
        file.stated("sex")
    assert caught.value.allowed == "sex: all, female, male"
    assert "file.csv.origin.toml" in caught.value.hint


def test_everything_that_is_missing_is_asked_for_at_once(write: Write) -> None:
    with pytest.raises(
        OfficialFileError, match="whose figures it holds and which data set of the provider it is"
    ) as caught:
        opened(write(TABLE, concept="birth")).stated("provider", "dataset", "concept")
    assert caught.value.hint.startswith('write provider = "...", dataset = "..." in its sidecar')


def test_a_sidecar_that_is_still_to_be_written_is_named_whole(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="does not say whom it counts") as caught:
        opened(write(TABLE)).stated("concept")
    entries = re.findall(r'(\w+) = "..."', caught.value.hint)
    assert entries == ["producer", "title", "edition", "citation", "licence", "retrieved", "concept"]


def test_without_a_sidecar_nothing_is_said(write: Write) -> None:
    file = opened(write(TABLE))
    assert file.edition == "not stated"
    with pytest.raises(OfficialFileError, match="does not say whom it counts"):
        file.stated("concept")


def test_a_day_of_every_year_is_no_day(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="has no year"):
        opened(write(TABLE, reference_date="07-01")).stated_day()


@pytest.mark.parametrize("copies", [1, 3])
def test_a_packed_file_is_unpacked_to_a_bound(write: Write, monkeypatch: pytest.MonkeyPatch, copies: int) -> None:
    monkeypatch.setattr(rawfile, "LARGEST", 1 << 20)
    lines = b"area,value\n" * ((1 << 20) // 11 // copies + 1)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("stock.csv", lines * copies)
    for content in (gzip.compress(lines) * copies, packed.getvalue()):
        assert len(content) < 1 << 16
        with pytest.raises(OfficialFileError, match="unpacked, is larger than what is read") as caught:
            opened(write(content, "stock.csv"))
        assert "1,048,576 bytes at most" in caught.value.allowed


def test_a_file_of_several_packed_parts_is_read_whole(write: Write) -> None:
    assert opened(write(gzip.compress(b"area,") + gzip.compress(b"value\n"), "stock.csv")).header == ("area", "value")


def test_a_file_above_the_bound_is_refused_before_it_is_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(b"area,value\n", "stock.csv")
    os.truncate(path, 1 << 40)
    with pytest.raises(OfficialFileError, match="1,099,511,627,776 bytes"):
        opened(path)
    monkeypatch.setattr(rawfile, "LARGEST_JSON", 10)
    with pytest.raises(OfficialFileError, match="is JSON and is larger"):
        _ = opened(write(b'{"value": 1}', "stock.json")).json


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000, b'{"value": ' + b"9" * 10_000 + b"}"])
def test_json_that_is_nested_or_has_a_number_of_too_many_digits_is_one_message(write: Write, content: bytes) -> None:
    with pytest.raises(OfficialFileError, match="is damaged JSON"):
        _ = opened(write(content, "stock.json")).json
