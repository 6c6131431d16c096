"""Cells of a workbook whose formula has no value, or an error: the reader of workbooks takes both for empty cells.

Programs that do not calculate write formulas without their values (openpyxl), or with 0 and the order to calculate when
the workbook is opened (XlsxWriter). A value that is an empty text is one.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from zipfile import ZipFile

_PERHAPS: Final = re.compile(rb"f[ \t\r\n/>]")
"""A formula, or an f in a text: found much faster than a whole tag, as no other tag or attribute of a cell has an f."""

_CELL: Final = re.compile(rb"<(?:\w+:)?c(?P<attributes>\s[^<>]*)?>\s*<(?:\w+:)?")
_LONGEST_TAG: Final = 1000
_CALCULATION: Final = rb"""f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f\s*>)\s*"""
_VALUE: Final = rb"""<(?:\w+:)?v(?:\s[^<>]*)?(?:/>|>(?P<text>[^<]*)<)"""
_FORMULA: Final = re.compile(_CALCULATION + rb"(?P<value>" + _VALUE + rb")?")
_ERROR: Final = re.compile(
    rb"""<(?:\w+:)?c(?P<cell>\s(?:[^<>]*\s)?t=["']e["'][^<>]*)>\s*(?:<(?:\w+:)?""" + _CALCULATION + rb")?" + _VALUE
)
_ERRORS: Final = (b't="e"', b"t='e'")
_TEXT: Final = re.compile(rb"""\st=["']str["']""")
_PLACE: Final = re.compile(rb"""\sr=["']([A-Za-z]{1,3}[0-9]{1,7})["']""")
_ZERO: Final = re.compile(rb"0(?:\.0*)?")
_CALCULATED_WHEN_OPENED: Final = re.compile(rb"""<(?:\w+:)?calcPr\s[^<>]*fullCalcOnLoad=["'](?:1|true)["']""")
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SHEET: Final = re.compile(r"<(?:\w+:)?sheet\s[^<>]*>")
_RELATION: Final = re.compile(r"<(?:\w+:)?Relationship\s[^<>]*>")
_ATTRIBUTE: Final = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def check_formulas(path: Path, archive: ZipFile, part: str, content: bytes) -> None:
    """Refuse a sheet in which a formula has no value, or a cell an error such as ``#REF!``.

    Parameters
    ----------
    part
        Name of the sheet's part in the archive; other parts hold no cells.
    content
        The part, unpacked.

    Raises
    ------
    OfficialFileError
        There is such a cell; the message names sheet and cell.

    Examples
    --------
    >>> from io import BytesIO
    >>> from pathlib import Path
    >>> from zipfile import ZipFile
    >>> cell = b'<c r="B2"><f>A2*2</f><v/></c>'
    >>> with ZipFile(BytesIO(), "w") as archive:
    ...     check_formulas(Path("stock.xlsx"), archive, "sheet1.xml", cell)
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: stock.xlsx has a formula without its value
      where:   sheet1.xml, cell B2
      next:    open it in a spreadsheet program and save it, so that the values of its formulas are in it
    """
    for cell, formula in _formulas(content):
        if _has_no_value(cell, formula, archive):
            raise OfficialFileError(
                f"{path} has a formula without its value",
                where=_place(archive, part, cell),
                hint="open it in a spreadsheet program and save it, so that the values of its formulas are in it",
            )
    if b"#" in content and any(kind in content for kind in _ERRORS):
        error = _ERROR.search(content)
        if error:
            raise OfficialFileError(
                f"{path} has a cell with the error {unescape((error['text'] or b'').decode(errors='replace'))}",
                where=_place(archive, part, error["cell"]),
                allowed="cells with a figure, a text, or nothing where there is no figure",
                hint="mend the cell, or clear it if there is no figure, and save the workbook",
            )


def _formulas(content: bytes) -> Iterator[tuple[bytes, re.Match[bytes]]]:
    """Yield the attributes of each cell with a formula, and the formula with its value."""
    for perhaps in _PERHAPS.finditer(content):
        start = perhaps.start()
        if content[start - 1 : start] not in (b"<", b":"):
            continue
        nearest = max(0, start - _LONGEST_TAG)
        cell = _CELL.fullmatch(content, content.rfind(b"<", nearest, content.rfind(b"<", nearest, start)), start)
        formula = _FORMULA.match(content, start) if cell else None
        if cell and formula:
            yield cell["attributes"] or b"", formula


def _has_no_value(cell: bytes, formula: re.Match[bytes], archive: ZipFile) -> bool:
    """Return whether nobody calculated a formula."""
    text = (formula["text"] or b"").strip()
    if not text:
        return formula["value"] is None or not _TEXT.search(cell)
    if not _ZERO.fullmatch(text) or _WORKBOOK not in archive.namelist():
        return False
    return _CALCULATED_WHEN_OPENED.search(archive.read(_WORKBOOK)) is not None


def _place(archive: ZipFile, part: str, cell: bytes) -> str:
    """Return sheet and cell in words; the part where the workbook does not name its sheet."""
    place = _PLACE.search(cell)
    name = _name(archive, part)
    sheet = f"sheet {name}" if name else part
    return f"{sheet}, cell {place[1].decode()}" if place else sheet


def _name(archive: ZipFile, part: str) -> str:
    """Return the name of the sheet that a part holds, empty if the workbook does not say it."""
    if not {_WORKBOOK, _RELATIONS} <= set(archive.namelist()):
        return ""
    relations = [_attributes(tag) for tag in _RELATION.findall(archive.read(_RELATIONS).decode(errors="replace"))]
    targets = {entry.get("Id"): entry.get("Target", "").removeprefix("/").removeprefix("xl/") for entry in relations}
    for tag in _SHEET.findall(archive.read(_WORKBOOK).decode(errors="replace")):
        sheet = _attributes(tag)
        identity = next((text for name, text in sheet.items() if name.endswith(":id")), None)
        if f"xl/{targets.get(identity)}" == part:
            return sheet.get("name", "")
    return ""


def _attributes(tag: str) -> dict[str, str]:
    return {name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(tag)}
