"""Rows of workbooks, and what a damaged one is."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official.workbook import heads, rows

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.worksheets[0].title = "Contents"
    sheet = book.create_sheet("Table 1")
    for number in range(1, 101):
        sheet.append([number, f"area {number}", None, number / 2])
    path = tmp_path / "figures.xlsx"
    book.save(path)
    return path


def test_rows_come_in_order_with_their_types(workbook: Path) -> None:
    found = list(rows(workbook, "Table 1"))
    assert len(found) == 100
    assert found[2] == (3, "area 3", None, 1.5)


def test_heads_are_the_first_rows_of_every_sheet(workbook: Path) -> None:
    found = heads(workbook, rows=2)
    assert list(found) == ["Contents", "Table 1"]
    assert found["Contents"] == []
    assert [row[0] for row in found["Table 1"]] == [1, 2]


def test_the_size_a_sheet_declares_does_not_cut_it(workbook: Path, tmp_path: Path) -> None:
    lying = tmp_path / "lying.xlsx"
    with zipfile.ZipFile(workbook) as source, zipfile.ZipFile(lying, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'ref="A1:D100"', b'ref="A1"'))
    assert list(rows(lying, "Table 1")) == list(rows(workbook, "Table 1"))


@pytest.mark.parametrize("part", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_one_clear_error(workbook: Path, part: float) -> None:
    content = workbook.read_bytes()
    workbook.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(OfficialFileError, match=r"figures\.xlsx is a damaged workbook"):
        heads(workbook)


@pytest.mark.parametrize("position", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
def test_a_corrupted_workbook_is_read_whole_or_refused(workbook: Path, position: float) -> None:
    content = bytearray(workbook.read_bytes())
    at = int(len(content) * position)
    content[at : at + 20] = bytes(20)
    workbook.write_bytes(content)
    try:
        found = len(list(rows(workbook, "Table 1")))
    except OfficialFileError:
        found = 0
    assert found in (0, 100)


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stock.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("stock.csv", "a,b\n")
    with pytest.raises(OfficialFileError, match="an archive") as caught:
        heads(path)
    assert "unpack" in caught.value.hint
