"""Rows of a workbook (.xlsx), one sheet at a time, without loading the whole; a damaged file is one clear error."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from smstock.errors import OfficialFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Row = tuple[object, ...]
"""The cells of a row from column A on: numbers, text, None where empty. Rows may differ in length."""

# What openpyxl raises for an archive that was cut off or is no workbook.
_DAMAGE = (
    BadZipFile,
    zlib.error,
    EOFError,
    ParseError,
    KeyError,
    IndexError,
    AttributeError,
    TypeError,
    ValueError,
    OSError,
)


def heads(path: Path, rows: int = 30) -> dict[str, list[Row]]:
    """Return the first rows of every sheet, by sheet name in the workbook's order.

    Raises
    ------
    OfficialFileError
        The file is damaged, or no workbook.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from openpyxl import Workbook
    >>> book = Workbook()
    >>> book.active.append(["WORLD", 900])
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "stock.xlsx")
    ...     book.save(file)
    ...     heads(file)
    {'Sheet': [('WORLD', 900)]}
    """
    with _opened(path) as book:
        return {sheet.title: list(islice(_rows(path, sheet), rows)) for sheet in book.worksheets}


def rows(path: Path, sheet: str) -> Iterator[Row]:
    """Yield the rows of one sheet, from row 1 on; row ``n`` of the sheet is the ``n``-th that is yielded.

    Raises
    ------
    OfficialFileError
        The file is damaged, or no workbook.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from openpyxl import Workbook
    >>> book = Workbook()
    >>> book.active["B2"] = "Namibia"
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "stock.xlsx")
    ...     book.save(file)
    ...     list(rows(file, "Sheet"))
    [(), (None, 'Namibia')]
    """
    with _opened(path) as book:
        yield from _rows(path, book[sheet])


def text(cell: object) -> str:
    """Return the text of a cell without indentation and repeated blanks; an empty cell is empty text.

    Examples
    --------
    >>> text("   Channel  Islands* "), text(830), text(None)
    ('Channel Islands*', '830', '')
    """
    return "" if cell is None else " ".join(str(cell).split())


@contextmanager
def _opened(path: Path) -> Iterator[Workbook]:
    from openpyxl import load_workbook

    try:
        # Given the bytes, openpyxl does not judge the file by its name.
        book = load_workbook(BytesIO(path.read_bytes()), read_only=True, data_only=True)
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    try:
        yield book
    finally:
        book.close()


def _rows(path: Path, sheet: Worksheet) -> Iterator[Row]:
    # The size a sheet declares may be wrong; without it openpyxl reads to the end.
    sheet.reset_dimensions()  # type: ignore[attr-defined]  # the stubs know sheets of writable workbooks only
    try:
        yield from map(tuple, sheet.iter_rows(values_only=True))
    except _DAMAGE as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> OfficialFileError:
    return OfficialFileError(
        f"{path} is a damaged workbook, or an archive (.zip) that is none: {error}",
        hint="download it again and compare its size with the provider's; unpack an archive first",
    )
