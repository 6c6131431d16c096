"""Workbooks with formulas: their values are read; one without its value, or with an error, is refused by its cell."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from smstock.errors import OfficialFileError
from smstock.official import readers
from smstock.official.workbook import sheets

NAME = Path("stock.xlsx")


def book() -> bytes:
    """Return a workbook of two sheets whose second one, "Table & 1", has 5 in A2 and a formula in B2."""
    workbook, content = Workbook(), BytesIO()
    sheet = workbook.create_sheet("Table & 1")
    sheet["A1"], sheet["A2"], sheet["B2"] = "persons", 5, "=A2*2"
    workbook.save(content)
    return content.getvalue()


def with_cell(cell: bytes, **parts: tuple[bytes, bytes]) -> bytes:
    """Return that workbook with another cell B2, as other programs write it; further texts of parts are replaced."""
    changed = BytesIO()
    with ZipFile(BytesIO(book())) as source, ZipFile(changed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet2.xml":
                start = content.index(b'<c r="B2"')
                end = content.index(b"</c>", start) + len(b"</c>")
                content = content[:start] + cell + content[end:]
            old, new = parts.get(name.rpartition("/")[2].partition(".")[0], (b"", b""))
            target.writestr(name, content.replace(old, new) if old else content)
    return changed.getvalue()


SAVED_BY_EXCEL = {"workbook": (b'fullCalcOnLoad="1"', b"")}


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="B2"><f>A2*2</f></c>',
        b'<c r="B2"><f>A2*2</f><v/></c>',
        b'<c r="B2" s="1"><f>A2*2</f><v></v></c>',
        b'<c r="B2"><f t="shared" si="0"/></c>',
        b'<c r="B2"><f t="shared" ref="B2:B9" si="0">A2*2</f><v /></c>',
        b'<c r="B2" t="n">\n<f>IF(A2&gt;1,2,3)</f>\n<v> </v></c>',
        b'<c r="B2" t="str"><f>A2</f></c>',
        b"<c s='1' r='B2'><f>A2*2</f></c>",
    ],
)
def test_a_formula_without_its_value_is_refused_by_sheet_and_cell(cell: bytes) -> None:
    with pytest.raises(OfficialFileError, match=r"stock\.xlsx has a formula without its value") as refused:
        sheets(NAME, with_cell(cell, **SAVED_BY_EXCEL))
    assert refused.value.where == "sheet Table & 1, cell B2"
    assert refused.value.hint == (
        "open it in a spreadsheet program and save it, so that the values of its formulas are in it"
    )


def test_what_openpyxl_writes_is_refused() -> None:
    with pytest.raises(OfficialFileError, match="has a formula without its value"):
        sheets(NAME, book())


def test_a_formula_in_an_element_with_a_prefix_is_looked_at_too() -> None:
    cell = b'<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="B2"><x:f>A2</x:f></x:c>'
    with pytest.raises(OfficialFileError, match="has a formula without its value"):
        sheets(NAME, with_cell(cell))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (b'<c r="B2"><f>A2*2</f><v>10</v></c>', 10.0),
        (b'<c r="B2"><f>A2*0</f><v>0</v></c>', 0.0),
        (b'<c r="B2"><f t="shared" si="0"/><v>10</v></c>', 10.0),
        (b'<c r="B2" t="str"><f>A2&amp;""</f><v>5</v></c>', "5"),
        (b'<c r="B2" t="str"><f>IF(A2=5,"","x")</f><v></v></c>', ""),
        (b'<c r="B2" t="str"><f>IF(A2=5,"","x")</f><v/></c>', ""),
        (b'<c r="B2"><v>10</v></c>', 10.0),
        (b'<c r="B2" t="inlineStr"><is><t>&lt;f&gt; t="e"</t></is></c>', '<f> t="e"'),
    ],
)
def test_values_of_formulas_are_read(cell: bytes, value: object) -> None:
    rows = sheets(NAME, with_cell(cell, **SAVED_BY_EXCEL))["Table & 1"]
    assert rows[1][1] == value


def test_zeros_of_a_program_that_does_not_calculate_are_no_values() -> None:
    cell = b'<c r="B2"><f>A2*2</f><v>0</v></c>'
    with pytest.raises(OfficialFileError, match="has a formula without its value"):
        sheets(NAME, with_cell(cell))
    assert sheets(NAME, with_cell(cell.replace(b">0<", b">10<")))["Table & 1"][1][1] == 10.0


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!"])
@pytest.mark.parametrize("formula", [b"", b"<f>A9/A8</f>"])
def test_a_cell_with_an_error_is_refused_by_sheet_and_cell(error: str, formula: bytes) -> None:
    cell = b'<c r="B2" s="1" t="e">' + formula + b"<v>" + error.encode() + b"</v></c>"
    with pytest.raises(OfficialFileError) as refused:
        sheets(NAME, with_cell(cell, **SAVED_BY_EXCEL))
    assert refused.value.what == f"stock.xlsx has a cell with the error {error}"
    assert refused.value.where == "sheet Table & 1, cell B2"
    assert "mend the cell, or clear it" in refused.value.hint


def test_a_part_that_no_sheet_names_is_named_itself() -> None:
    content = with_cell(b"<c><f>A2</f></c>", workbook=(b"r:id", b"r:nothing"))
    with pytest.raises(OfficialFileError, match="has a formula without its value") as refused:
        sheets(NAME, content)
    assert refused.value.where == "xl/worksheets/sheet2.xml"


def test_a_table_whose_total_is_a_formula_is_refused_until_its_value_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "stock.xlsx"
    workbook = Workbook()
    for row in (["destination", "origin", "year", "n"], ["DEU", "SRB", 2020, "=5*2"]):
        workbook.worksheets[0].append(row)
    workbook.save(path)
    with pytest.raises(OfficialFileError, match="has a formula without its value") as refused:
        readers.read_all(path)
    assert refused.value.where == "sheet Sheet, cell D2"
    saved = load_workbook(path)
    saved.worksheets[0]["D2"] = 10
    saved.save(path)
    with pytest.raises(OfficialFileError) as unsaid:
        readers.read_all(path)
    assert "formula" not in str(unsaid.value)
