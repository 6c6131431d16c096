"""Rows of a workbook (.xlsx), sheet by sheet; a damaged file is one clear error."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from python_calamine import CalamineError, CalamineWorkbook

from smstock.errors import OfficialFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Row = Sequence[object]
    """The cells of a row from column A on: numbers and texts, an empty text where nothing is."""
    Rows = Sequence[Row]
    """The rows of a sheet; row ``n`` of the sheet is number ``n - 1``."""


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
        The workbook is damaged or locked by a password, or is none.

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
    try:
        with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(path, error) from error


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
