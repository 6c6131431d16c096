"""Rows of workbooks, and what a damaged one is."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from smstock.errors import OfficialFileError
from smstock.official.workbook import sheets, text

NAME = Path("figures.xlsx")


@pytest.fixture(scope="module")
def workbook() -> bytes:
    from openpyxl import Workbook

    book, content = Workbook(), BytesIO()
    book.worksheets[0].title = "Contents"
    sheet = book.create_sheet("Table 1")
    for number in range(1, 101):
        sheet.append([number, f"area {number}", None, number / 2])
    book.save(content)
    return content.getvalue()


def test_rows_come_in_order_with_their_types(workbook: bytes) -> None:
    found = sheets(NAME, workbook)
    assert list(found) == ["Contents", "Table 1"]
    assert found["Contents"] == []
    assert len(found["Table 1"]) == 100
    assert list(found["Table 1"][2]) == [3, "area 3", "", 1.5]


def test_rows_and_columns_are_counted_from_the_first_cell_even_if_it_is_empty() -> None:
    from openpyxl import Workbook

    book, content = Workbook(), BytesIO()
    book.worksheets[0]["C3"] = "Namibia"
    book.save(content)
    assert sheets(NAME, content.getvalue())["Sheet"][2][2] == "Namibia"


def test_the_size_a_sheet_declares_does_not_cut_it(workbook: bytes) -> None:
    lying = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook)) as source, zipfile.ZipFile(lying, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'ref="A1:D100"', b'ref="A1"'))
    assert sheets(NAME, lying.getvalue()) == sheets(NAME, workbook)


@pytest.mark.parametrize("part", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_one_clear_error(workbook: bytes, part: float) -> None:
    with pytest.raises(OfficialFileError, match=r"figures\.xlsx is a damaged workbook"):
        sheets(NAME, workbook[: int(len(workbook) * part)])


@pytest.mark.parametrize("position", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
def test_a_corrupted_workbook_is_read_whole_or_refused(workbook: bytes, position: float) -> None:
    content = bytearray(workbook)
    at = int(len(content) * position)
    content[at : at + 20] = bytes(20)
    try:
        found = sheets(NAME, bytes(content))
    except OfficialFileError:
        return
    assert found == sheets(NAME, workbook)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(516.0, "516"), (1.5, "1.5"), ("  Channel\n Islands* ", "Channel Islands*"), ("", ""), ("516", "516")],
)
def test_the_text_of_a_cell(cell: object, expected: str) -> None:
    assert text(cell) == expected
