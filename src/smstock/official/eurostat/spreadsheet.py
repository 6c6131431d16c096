"""Spreadsheets of Eurostat's Data Browser (.xlsx): a table for the eye a sheet, as the table of SDMX-CSV.

A sheet begins with the day of the extraction (``from [ESTAT]``), the data set in brackets and its last update. Then
each dimension that has one position in the sheet stands in a row (``Age class [AGE]``, ``Total [TOTAL]``). The table
has one dimension across, each of its positions above a column of figures and perhaps a column of flags without a name,
and one or more dimensions down, headed ``GEO (Codes)``, ``GEO (Labels)``. Below it stands what the marks mean.

Every dimension of a figure must be said. A sheet that is laid out in another way is refused, and so is one that was
edited: a figure under a wrong heading would look as right as any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError, shown
from smstock.official.eurostat.frames import DIMENSIONS, HEADINGS
from smstock.official.sdmx_csv import long_table
from smstock.official.workbook import text
from smstock.vocabulary.dates import is_day

if TYPE_CHECKING:
    from smstock.official.observations import Observations
    from smstock.official.rawfile import RawFile
    from smstock.official.workbook import Rows

DOWNLOAD: Final = "in the Data Browser download SDMX-CSV or TSV of the data set"

_TIME, _VALUE, _FLAG = "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG"
_TITLE = re.compile(r"\D+\d\d/\d\d/\d{4} \d\d:\d\d:\d\d \w+ \[ESTAT\]")
_DATASET = re.compile(r".*\[([A-Za-z0-9_]+?)(?:__custom_\d+)?(?:\$\w+)?\]", re.ASCII)
_DAY = re.compile(r"(\d\d)/(\d\d)/(\d{4})\b.*", re.ASCII)
_HEAD = re.compile(r"([A-Z][A-Z0-9_]*)(?: \(([^()]+)\))?", re.ASCII)
_CODED = re.compile(r".*\[([A-Za-z0-9_-]+)\]", re.ASCII)
_ROW = "row of the sheet"
_DATA_SET_ROW, _UPDATE_ROW, _FIRST_ROW = 1, 2, 3


@dataclass(frozen=True)
class _Sheet:
    """One sheet, and how an error names a row of it."""

    file: RawFile
    name: str
    rows: list[list[str]]

    def refused(self, what: str, row: int) -> OfficialFileError:
        return OfficialFileError(
            f"{self.file.path} is a spreadsheet of Eurostat's Data Browser that is not read: {what}",
            where=f"sheet {self.name}, row {row + 1}: {shown(' | '.join(filter(None, self.rows[row][:6])))}",
            allowed="as it was downloaded: one dimension across, the others down or above the table",
            hint=DOWNLOAD,
        )


def is_title(line: str) -> bool:
    """Whether a text is the first of a sheet: the day of the extraction.

    Examples
    --------
    >>> is_title("Data extracted on 30/12/2024 10:08:45 from [ESTAT]"), is_title("TIME,GEO")
    (True, False)
    """
    return _TITLE.match(line.strip('"')) is not None


def recognises(file: RawFile) -> bool:
    """Whether a workbook has a sheet that begins as the Data Browser's do, in whatever language.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> recognises(RawFile(Path("a.csv"), "text", b""))
    False
    """
    if file.container != "workbook":
        return False
    return {"Summary", "Structure"} <= set(file.sheets) or any(_is_table(rows) for rows in file.sheets.values())


def dataset(file: RawFile) -> str:
    r"""Return the data set that the first sheet of figures names, in lower case.

    Raises
    ------
    OfficialFileError
        No sheet has a table, or it names no data set.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> dataset(RawFile(Path("a.csv"), "text", b"TIME,GEO\n"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: a.csv is a spreadsheet of Eurostat's Data Browser without its sheets of figures
      next:    in the Data Browser download SDMX-CSV or TSV of the data set
    """
    return _origin(file.once(_sheets)[0])[0]


def observations(file: RawFile) -> Observations:
    """Return the figures of all sheets.

    Raises
    ------
    OfficialFileError
        No sheet has a table, the sheets are of several data sets, or one is laid out in another way than is known.
    """
    sheets = file.once(_sheets)
    parts = [_figures(sheet) for sheet in sheets]
    origins = {_origin(sheet) for sheet in sheets}
    if len(origins) > 1 or len({frozenset(part.columns) for part in parts}) > 1:
        raise sheets[-1].refused("its sheets differ in data set or dimensions", _DATA_SET_ROW)
    ((name, edition),) = origins
    figures = pd.concat(parts, ignore_index=True)
    numbers = figures.pop(_ROW).to_numpy()
    sheet_of = np.repeat([sheet.name for sheet in sheets], [len(part) for part in parts])

    def line(row: int) -> str:
        return f"sheet {sheet_of[row]}, row {numbers[row]}"

    return long_table(file, figures, name, edition, decimal=".", line=line)


def _sheets(file: RawFile) -> list[_Sheet]:
    """Return the sheets that hold figures."""
    sheets = [
        _Sheet(file, name, [[text(cell) for cell in row] for row in rows])
        for name, rows in file.sheets.items()
        if _is_table(rows)
    ]
    if not sheets:
        raise OfficialFileError(
            f"{file.path} is a spreadsheet of Eurostat's Data Browser without its sheets of figures", hint=DOWNLOAD
        )
    return sheets


def _is_table(rows: Rows) -> bool:
    return len(rows) > _FIRST_ROW and len(rows[0]) > 0 and is_title(text(rows[0][0]))


def _origin(sheet: _Sheet) -> tuple[str, str]:
    """Return data set and last update."""
    named = _DATASET.fullmatch(" ".join(sheet.rows[_DATA_SET_ROW]).strip())
    update = _DAY.fullmatch(" ".join(sheet.rows[_UPDATE_ROW][1:]).strip())
    day = f"{update[3]}-{update[2]}-{update[1]}" if update else ""
    if named is None:
        raise sheet.refused("no data set in brackets", _DATA_SET_ROW)
    if not is_day(day):
        raise sheet.refused("no day of last update", _UPDATE_ROW)
    return named[1].lower(), day


def _figures(sheet: _Sheet) -> pd.DataFrame:
    """Return a row a figure: its position on each dimension, the figure, its flags, and the row of the sheet."""
    above, row = _positions_above(sheet)
    across, down = sheet.rows[row], sheet.rows[row + 1] if row + 1 < len(sheet.rows) else []
    heads = next((column for column, cell in enumerate(down) if not cell), len(down))
    if not heads or any(down[heads:]) or any(cell != across[0] for cell in across[1:heads]):
        raise sheet.refused("no heading for one dimension across and others down", row)
    columns = _columns(sheet, across, heads, row)
    begin, end = row + 2, _end(sheet, row + 2, heads)
    if begin == end:
        raise sheet.refused("no figures below the headings", row)
    for number in range(begin, end):
        _check_row(sheet, number, heads, columns)
    across_name = _dimension(sheet, across[0], row)
    head_of = _heads(sheet, down[:heads], row + 1)
    dimensions = [*above, across_name, *head_of]
    if len(set(dimensions)) < len(dimensions) or _TIME not in dimensions:
        raise sheet.refused("a dimension is said twice, or no time", row)
    cells = np.array(sheet.rows[begin:end], dtype=object)
    none = np.full(len(cells), "", dtype=object)
    flags = np.stack([cells[:, flag] if flag else none for flag in columns.values()], axis=1)
    parts = {name: np.repeat([_code(cell) for cell in cells[:, head]], len(columns)) for name, head in head_of.items()}
    parts[across_name] = np.tile([_code(across[column]) for column in columns], len(cells))
    parts |= {_VALUE: cells[:, list(columns)].ravel(), _FLAG: flags.ravel()}
    figures = pd.DataFrame(parts, dtype="str").assign(**above)
    return figures.assign(**{_ROW: np.repeat(np.arange(begin, end) + 1, len(columns))})


def _heads(sheet: _Sheet, headings: list[str], row: int) -> dict[str, int]:
    """Return the column of each dimension down; of codes, where there are labels too."""
    head_of: dict[tuple[str, bool], int] = {}
    for column, heading in enumerate(headings):
        head = _HEAD.fullmatch(heading)
        kind = (_dimension(sheet, heading, row), head is not None and head[2] == "Codes")
        if kind in head_of:
            raise sheet.refused("a dimension is said twice", row)
        head_of[kind] = column
    return {name: column for (name, coded), column in head_of.items() if coded or (name, True) not in head_of}


def _check_row(sheet: _Sheet, number: int, heads: int, columns: dict[int, int]) -> None:
    """Refuse a row of the table that lacks a heading, or has anything but figures and flags in its columns."""
    cells = sheet.rows[number]
    allowed = {*columns, *columns.values()}
    if not all(cells[:heads]) or any(
        cell and place not in allowed for place, cell in enumerate(cells) if place >= heads
    ):
        raise sheet.refused("a row without its headings, or a figure without one", number)
    if any(cells[flag] and not cells[flag].isalpha() for flag in columns.values() if flag):
        raise sheet.refused("a figure without a heading, or no flag", number)


def _positions_above(sheet: _Sheet) -> tuple[dict[str, str], int]:
    """Return the dimensions that have one position in the sheet, and the row in which the table begins."""
    above: dict[str, str] = {}
    for row in range(_FIRST_ROW, len(sheet.rows)):
        cells = [cell for cell in sheet.rows[row] if cell]
        if not cells:
            continue
        if _HEAD.fullmatch(sheet.rows[row][0]):
            return above, row
        if len(cells) != 2:
            raise sheet.refused("a row above the table is no dimension with its position", row)
        name = _dimension(sheet, cells[0], row)
        if name in above:
            raise sheet.refused("a dimension is said twice", row)
        above[name] = _code(cells[1])
    raise sheet.refused("no table", len(sheet.rows) - 1)


def _dimension(sheet: _Sheet, heading: str, row: int) -> str:
    """Return the dimension that a heading names, by its code (``Age class [AGE]``, ``GEO (Labels)``) or in words."""
    coded, head = _CODED.fullmatch(heading), _HEAD.fullmatch(heading)
    code = coded[1] if coded else head[1] if head else ""
    name = (
        _TIME if code in {"TIME", _TIME} else code.lower() if code.lower() in DIMENSIONS else HEADINGS.get(heading, "")
    )
    if not name:
        raise sheet.refused(f"{shown(heading)!r} is no dimension of a data set that is read", row)
    return name


def _columns(sheet: _Sheet, across: list[str], heads: int, row: int) -> dict[int, int]:
    """Return, for each column of figures, the column of its flags (0 for none)."""
    filled = [column for column in range(heads, len(across)) if across[column]]
    positions = [across[column] for column in filled]
    gaps = [after - before for before, after in zip(filled, [*filled[1:], len(across)], strict=True)]
    # Behind the last position the sheet may be wider than the table.
    if not filled or filled[0] != heads or max(gaps[:-1], default=1) > 2 or len(set(positions)) < len(positions):
        raise sheet.refused("headings across that are repeated or apart", row)
    return {column: column + 1 if gap > 1 else 0 for column, gap in zip(filled, gaps, strict=True)}


def _end(sheet: _Sheet, begin: int, heads: int) -> int:
    """Return the row behind the last of the table; below it stands what the marks mean, and no figure."""
    end = next((row for row in range(begin, len(sheet.rows)) if not any(sheet.rows[row])), len(sheet.rows))
    for row in range(end, len(sheet.rows)):
        if any(cell.replace(".", "").isdigit() for cell in sheet.rows[row][heads:]):
            raise sheet.refused("figures below the end of the table", row)
    return end


def _code(position: str) -> str:
    """Return the code of a position in brackets, or else the position."""
    coded = _CODED.fullmatch(position)
    return coded[1] if coded else position
