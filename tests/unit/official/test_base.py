"""What a file is, by its first bytes."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official.base import container, header

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"PK\x03\x04 and more", "workbook"),
        (b"provider,edition\n", "text"),
        ("destination,Réunion\n".encode(), "text"),
        (b'\xef\xbb\xbf"area","value"\r\n', "text"),
    ],
)
def test_the_name_does_not_matter(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "download"
    path.write_bytes(content)
    assert container(path) == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"<!DOCTYPE html>\n<title>Sorry</title>", "is an HTML page"),
        (b"\n  <HTML><body>403</body>", "is an HTML page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"Excel 97-2003 workbook \(.xls\)"),
        (b"\x00\x01\x02", "neither a workbook"),
        ("area,value\n".encode("utf-16"), "neither a workbook"),
    ],
)
def test_what_holds_no_table_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "stock.xlsx"
    path.write_bytes(content)
    with pytest.raises(OfficialFileError, match=said) as caught:
        container(path)
    assert str(path) in caught.value.what


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(OfficialFileError, match="is a folder"):
        container(tmp_path)
    with pytest.raises(OfficialFileError, match="does not exist"):
        container(tmp_path / "stock.csv")


def test_gzip_is_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv.gz"
    path.write_bytes(gzip.compress(b"area,value\nNAM,1\n"))
    assert container(path) == "text"
    assert header(path) == ("area", "value")
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(OfficialFileError, match="is empty"):
        container(path)


def test_gzip_must_be_named_so_and_whole(tmp_path: Path) -> None:
    packed = gzip.compress(b"area,value\nNAM,1\n")
    misnamed = tmp_path / "stock.csv"
    misnamed.write_bytes(packed)
    with pytest.raises(OfficialFileError, match="packed with gzip") as caught:
        container(misnamed)
    assert "stock.csv.gz" in caught.value.hint
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(packed[:-9])
    with pytest.raises(OfficialFileError, match="damaged gzip file"):
        container(cut)


@pytest.mark.parametrize(
    "text",
    ["area,value\n", "\ufeffarea,value\n", "# mid-2020\n\narea,value\n", '"area","value"\r\nNAM,1\r\n', "area,value"],
)
def test_the_header_is_the_first_line_that_is_no_comment(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(text, encoding="utf-8", newline="")
    assert header(path) == ("area", "value")
