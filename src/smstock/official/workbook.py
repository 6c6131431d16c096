"""Rows of a workbook (.xlsx), sheet by sheet; a damaged file is one clear error, and so is one that is too large.

A cell with an error (``#REF!``) or a formula that no program has computed is no empty cell: its text says so.

The reader of workbooks makes room for the whole area of a sheet, from its first cell to its farthest, however few are
filled, and unpacks whatever is packed. So each part is unpacked to a bound and its cells are looked through first.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from io import BytesIO
from string import ascii_uppercase, digits
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from smstock.errors import OfficialFileError
from smstock.official.formulas import check_formulas

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    Row = Sequence[object]
    """The cells of a row from column A on: numbers and texts, an empty text where nothing is."""
    Rows = Sequence[Row]
    """The rows of a sheet; row ``n`` of the sheet is number ``n - 1``."""

LARGEST: Final = 256 << 20
"""Bytes of a workbook, unpacked, at most."""

MOST_CELLS: Final = 5_000_000
"""Cells of a workbook at most, empty ones before the farthest one among them; UN DESA's largest has 1.3 million."""

MOST_CHARACTERS: Final = 500_000_000
"""Characters of all texts at most, each as often as cells repeat it."""

_PIECE: Final = 1 << 20
_PLACE: Final = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"')
"""Where a cell is, as nearly every program writes it."""

_TAG: Final = re.compile(
    rb"""<(?:\w+:)?(row|c)(?=[\s/>])(?:[^<>]*?\sr=["']([A-Za-z]{0,3})([0-9]{1,7})["'])?[^<>]*?(/?)>"""
)
"""A row or a cell, where it says that it is, and whether nothing is in it."""

_TEXTS: Final = "xl/sharedstrings.xml"
_TEXT_END: Final = re.compile(rb"</(?:\w+:)?si\s*>")
_REPEATED: Final = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\bt=["']s["'][^<>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})""")
"""A cell that repeats a text, by the number of the text."""

_LETTERS: Final = ascii_uppercase.encode()
_DIGITS: Final = digits.encode()

_UNREADABLE: Final = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)
"""What a damaged archive raises."""


def sheets(path: Path, content: bytes) -> dict[str, Rows]:
    """Return the rows of every sheet of a workbook, by sheet name in the workbook's order.

    Parameters
    ----------
    path
        How errors name the workbook.
    content
        Its bytes.

    Raises
    ------
    OfficialFileError
        The workbook is damaged or locked by a password, or is none, or is larger than one of the bounds; or a formula
        in it has no value, or a cell an error.

    Examples
    --------
    >>> from io import BytesIO
    >>> from pathlib import Path
    >>> from openpyxl import Workbook
    >>> book, content = Workbook(), BytesIO()
    >>> book.active["B2"] = "Namibia"
    >>> book.save(content)
    >>> sheets(Path("stock.xlsx"), content.getvalue())
    {'Sheet': [['', ''], ['', 'Namibia']]}
    """
    bounded = _bounded(path, content)
    try:
        with CalamineWorkbook.from_filelike(bounded) as book:
            return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(path, error) from error


def _bounded(path: Path, content: bytes) -> BytesIO:
    """Return the texts of a workbook as an archive that is not packed; refuse one that is too large to be read."""
    unpacked, cells = BytesIO(), 0
    try:
        with ZipFile(BytesIO(content)) as source, ZipFile(unpacked, "w") as target:
            if "xl/workbook.bin" in source.namelist():
                raise OfficialFileError(f"{path} is a binary workbook (.xlsb)", hint="save it as .xlsx")
            for part in source.infolist():
                if not part.filename.endswith((".xml", ".rels")):
                    continue
                size = unpacked.tell() + part.file_size
                if size > LARGEST:
                    raise _too_large(path, f"of {size:,} bytes or more, unpacked", f"{LARGEST:,} bytes")
                text_of_part = source.read(part)
                cells += _area(text_of_part)
                if cells > MOST_CELLS:
                    raise _too_large(path, f"that reaches over {cells:,} cells", f"{MOST_CELLS:,} cells")
                check_formulas(path, source, part.filename, text_of_part)
                target.writestr(part.filename, text_of_part)
        characters = _characters(unpacked)
    except _UNREADABLE as error:
        raise damaged(path, error) from error
    if characters > MOST_CHARACTERS:
        raise _too_large(path, f"that repeats texts to {characters:,} characters", f"{MOST_CHARACTERS:,} characters")
    unpacked.seek(0)
    return unpacked


def _characters(unpacked: BytesIO) -> int:
    """Return how many characters the texts of all cells have, or more: the reader copies a text for each cell."""
    with ZipFile(unpacked) as archive:
        names = archive.namelist()
        lengths = [
            len(entry) for name in names if name.lower() == _TEXTS for entry in _TEXT_END.split(archive.read(name))
        ]
        parts = [name for name in names if name.lower() != _TEXTS]
        cells = sum(text_of_part.count(b"<c") + text_of_part.count(b":c") for text_of_part in map(archive.read, parts))
        most = max(lengths, default=0) * cells
        if most <= MOST_CHARACTERS:
            return most
        places = (int(place) for name in parts for place in _REPEATED.findall(archive.read(name)))
        return sum(lengths[place] for place in places if place < len(lengths))


def _area(text_of_part: bytes) -> int:
    """Return how many cells a sheet has from the first to the farthest one; 0 for any other part."""
    places = _PLACE.findall(text_of_part)
    if len(places) + text_of_part.count(b"<col") != text_of_part.count(b"<c") or b":c" in text_of_part:
        return _filled_area(text_of_part)
    joined = b" ".join(places)
    rows, columns = set(joined.translate(None, _LETTERS).split()), set(joined.translate(None, _DIGITS).split())
    area = max(map(int, rows), default=0) * max(map(_number, columns), default=0)
    return area if area <= MOST_CELLS else _filled_area(text_of_part)


def _filled_area(text_of_part: bytes) -> int:
    """Return the same of the cells that are filled, tag by tag: those that are not are formatted, and not read."""
    row = column = last_row = last_column = 0
    for tag, letters, number, empty in _tags(text_of_part):
        if tag == b"row":
            row, column = int(number) if number else row + 1, 0
            continue
        column = _number(letters) if letters else column + 1
        if not empty:
            last_row, last_column = max(last_row, int(number) if letters else row), max(last_column, column)
    return last_row * last_column


def _tags(text_of_part: bytes) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    """Yield the rows and cells of a part, found piece by piece."""
    start = 0
    while start < len(text_of_part):
        end = text_of_part.rfind(b"<", start + 1, start + _PIECE)
        if end < 0:
            end = text_of_part.find(b"<", start + _PIECE)
        end = end if end > 0 else len(text_of_part)
        yield from _TAG.findall(text_of_part, start, end)
        start = end


@cache
def _number(letters: bytes) -> int:
    """Return the number of a column."""
    return sum((letter - 64) * 26**place for place, letter in enumerate(reversed(letters.upper())))


def _too_large(path: Path, size: str, allowed: str) -> OfficialFileError:
    return OfficialFileError(
        f"{path} is a workbook {size}",
        allowed=f"{allowed} at most (docs/reliability.md, Bounds)",
        hint="clear what lies far from the table, or save the sheet as CSV",
    )


def damaged(path: Path, error: Exception) -> OfficialFileError:
    """Return the error for an archive that was cut off, changed or locked.

    Examples
    --------
    >>> from pathlib import Path
    >>> damaged(Path("stock.xlsx"), ValueError("bad checksum")).what
    'stock.xlsx is a damaged workbook or archive: bad checksum'
    """
    return OfficialFileError(
        f"{path} is a damaged workbook or archive: {error}",
        hint="download it again and compare its size with the provider's",
    )


def text(cell: object) -> str:
    """Return the text of a cell without indentation and repeated blanks; a whole number without a decimal point.

    Examples
    --------
    >>> text("   Channel  Islands* "), text(830.0), text("")
    ('Channel Islands*', '830', '')
    """
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())
