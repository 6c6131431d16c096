"""Files of no layout that is read: what is in them, and what to do."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from smstock.errors import OfficialFileError
from smstock.official import sdmx_csv
from smstock.official.header import place_of_headings
from smstock.official.workbook import text

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile


def no_layout(file: RawFile) -> OfficialFileError:
    r"""Return the error for a file of no layout that is read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> no_layout(RawFile(Path("a.csv"), "text", b"to,from,persons\n")).where
    'found text whose first line is: to,from,persons'
    """
    return OfficialFileError(
        f"{file.path} holds no table in a layout that is read",
        where=f"found {_contents(file)}",
        allowed="files of Eurostat, UN DESA, the OECD, the World Bank and the US Census Bureau; a tidy CSV",
        hint="give the provider's file unchanged (docs/providers lists what is read), or save it as a tidy CSV"
        + _description(file),
    )


def _description(file: RawFile) -> str:
    """Return what to do with a table that nobody knows; nothing of a file that is no table."""
    try:
        place_of_headings(file)
    except OfficialFileError:
        return ""
    return f"; of any other table `smstock official describe {quote(str(file.path))}` drafts how it is read"


def _contents(file: RawFile) -> str:
    """Say in a few words what is in a file of no known layout."""
    agency, flow = sdmx_csv.flow(file)
    if agency:
        return f"SDMX-CSV of {agency} ({flow}); those of Eurostat and the OECD are read"
    if file.container == "text":
        return f"text whose first line is: {file.first_line[:200]}"
    rows = (row for sheet in file.sheets.values() for row in sheet[:30])
    cells = dict.fromkeys(text(cell) for row in rows for cell in row if cell != "")
    return f"a workbook with the sheets {', '.join(file.sheets)}; it begins: {' / '.join(list(cells)[:4])[:200]}"
