"""Rows of workbooks, and what a damaged one is."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from smstock.errors import OfficialFileError
from smstock.official.workbook import LARGEST, sheets, text

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
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


def packed(rows: str, **parts: bytes) -> bytes:
    """Return a workbook of one sheet, with parts in place of those of the same name without its ending."""
    from openpyxl import Workbook

    content, changed = BytesIO(), BytesIO()
    Workbook().save(content)
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}'
    changes = {"sheet1": f"{sheet}</sheetData></worksheet>".encode()} | parts
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, changes.get(Path(name).stem, source.read(name)))
        for name in parts.keys() - {Path(name).stem for name in source.namelist()}:
            target.writestr(f"xl/{name}.xml", parts[name])
    return changed.getvalue()


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="XFD1048576"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        "<row r='1'><c s='0'\n r='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c r="CZ1"><v>1</v></c></row><row r="60000"><c><v>1</v></c></row>',
        f'<x:row xmlns:x="{MAIN}"><x:c r="XFD99999"/><x:c r="XFD9999"><x:v>1</x:v></x:c></x:row>',
    ],
)
def test_a_cell_far_away_does_not_make_a_large_sheet_of_a_small_one(rows: str) -> None:
    with pytest.raises(OfficialFileError, match="is a workbook that reaches over") as caught:
        sheets(NAME, packed(rows))
    assert "5,000,000 cells at most" in caught.value.allowed


@pytest.mark.parametrize("name", ["farcell", "medcell"])
def test_the_recorded_workbooks_with_far_cells_are_refused(shared: Path, name: str) -> None:
    path = shared / "cases" / "breaker" / f"{name}.xlsx"
    with pytest.raises(OfficialFileError, match="is a workbook that reaches over"):
        sheets(path, path.read_bytes())


@pytest.mark.parametrize(
    ("rows", "last"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>', 1.0),
        ("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row>", 4.0),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576" hidden="1"></row>', 1.0),
    ],
)
def test_what_is_only_formatted_or_says_no_place_is_no_large_sheet(rows: str, last: float) -> None:
    (read,) = sheets(NAME, packed(rows)).values()
    assert read[-1][-1] == last


def with_cell(cell: str) -> bytes:
    return packed(f'<row r="1"><c r="A1"><v>5</v></c>{cell}<c r="C1"><v>7</v></c></row>')


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B1" s="2"><f>1+2</f><v></v></c>',
        "<c r='B1' t='n'><f>1+2</f><v/></c>",
        '<c r="B1"><f t="shared" si="0"/></c>',
        '<c r="B1" t="e"><f>A1</f><v>#REF!</v></c>',
        '<c r="B1" s="1" t="e"><v>#N/A</v></c>',
    ],
)
def test_errors_and_formulas_without_a_result_are_refused(cell: str) -> None:
    with pytest.raises(OfficialFileError, match="B1") as caught:
        sheets(NAME, with_cell(cell))
    assert "Sheet" in f"{caught.value.what} {caught.value.where}"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="B1"><f>1+2</f><v>3</v></c>', 3.0),
        ('<c r="B1" t="str"><f>IF(A1,A1,"")</f><v></v></c>', ""),
        ('<c r="B1" s="1"/>', ""),
    ],
)
def test_formulas_with_a_result_have_it(cell: str, value: object) -> None:
    assert sheets(NAME, with_cell(cell)) == {"Sheet": [[5.0, value, 7.0]]}


def test_a_workbook_is_unpacked_to_a_bound() -> None:
    content = packed("", sharedStrings=b" " * (LARGEST + 1))
    assert len(content) < 1 << 20
    with pytest.raises(OfficialFileError, match="unpacked") as caught:
        sheets(NAME, content)
    assert "268,435,456 bytes at most" in caught.value.allowed


@pytest.mark.parametrize(("length", "refused"), [(600_000, True), (300, False)])
def test_a_long_text_that_every_cell_repeats_is_refused(length: int, *, refused: bool) -> None:
    rows = "".join(f'<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>' for number in range(1, 1001))
    texts = f'<sst xmlns="{MAIN}"><si><t>{"x" * length}</t></si><si><t>{"y" * 600_000}</t></si></sst>'
    content = packed(rows, sharedStrings=texts.encode())
    if refused:
        with pytest.raises(OfficialFileError, match="repeats texts to 600,0"):
            sheets(NAME, content)
    else:
        (read,) = sheets(NAME, content).values()
        assert read[999] == ["x" * length]


def test_a_size_that_an_archive_understates_is_not_believed() -> None:
    rows = "".join(f'<row r="{number}"><c r="A{number}"><v>1</v></c></row>' for number in range(1, 1000))
    content = bytearray(packed(rows))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = bytes(content).replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != content
    with pytest.raises(OfficialFileError, match="damaged"):
        sheets(NAME, lying)


def test_a_binary_workbook_is_told_by_its_name() -> None:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
    with pytest.raises(OfficialFileError, match=r"binary workbook \(\.xlsb\)"):
        sheets(NAME, content.getvalue())


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
