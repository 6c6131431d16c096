"""Where a workbook of UN DESA International Migrant Stock has what.

Sheets and columns are found by their titles, so their order and place do not matter. A sheet is of a measure if titles
such as "International migrant stock at mid-year, males" stand over its three groups of year columns; below them comes
one header row; the revision mark ``POP/DB/MIG/Stock/Rev.2020`` gives the edition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from smstock.errors import OfficialFileError
from smstock.official.workbook import Row, heads, rows, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Measure = Literal["stock", "population"]

SEXES = {"both sexes combined": "all", "males": "male", "females": "female"}

_EDITION = re.compile(r"POP/DB/MIG/Stock/Rev\.(\d{4})")
_TITLES: dict[Measure, re.Pattern[str]] = {
    "stock": re.compile(rf"International migrant stock at mid-year, ({'|'.join(SEXES)})", re.IGNORECASE),
    "population": re.compile(rf"Total population at mid-year, ({'|'.join(SEXES)}) \(thousands\)", re.IGNORECASE),
}
_YEAR = re.compile(r"(19|20)\d{2}")
# Without the " of destination" that the workbook with origins appends.
_HEADINGS = {
    "region, development group, country or area": "destination",
    "location code": "destination code",
    "type of data": "type of data",
    "data type": "type of data",
    "region, development group, country or area of origin": "origin",
    "location code of origin": "origin code",
}


@dataclass(frozen=True)
class Sheet:
    """Where one sheet has what; columns count from 0, rows from 1.

    Parameters
    ----------
    path, name
        The workbook and the sheet.
    edition
        Year of the revision.
    header
        Number of the header row.
    columns
        Column of ``destination``, ``destination code``, ``type of data``, ``origin`` and ``origin code``, as far as the
        sheet has them.
    figures
        Sex and year of each column of figures.
    """

    path: Path
    name: str
    edition: str
    header: int
    columns: Mapping[str, int]
    figures: Mapping[int, tuple[str, int]]

    def place(self, row: int) -> str:
        """Return how an error names a row."""
        return f"{self.path}, sheet {self.name}, row {row}"

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Yield the rows below the header with their numbers, at least as wide as the columns in use."""
        width = max(*self.figures, *self.columns.values()) + 1
        for number, row in enumerate(rows(self.path, self.name), start=1):
            if number > self.header:
                yield number, row + (None,) * (width - len(row))


def find(path: Path, measure: Measure) -> Sheet | None:
    """Return the sheet that has a measure by destination; None if no sheet has its titles.

    Raises
    ------
    OfficialFileError
        The workbook is damaged, or a sheet has the titles and not the columns that belong below them.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from openpyxl import Workbook
    >>> book = Workbook()
    >>> book.active.append(["Number of students"])
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "students.xlsx")
    ...     book.save(file)
    ...     find(file, "stock")
    """
    for name, head in heads(path).items():
        words = " ".join(text(cell) for row in head for cell in row)
        edition = _EDITION.search(words)
        titles = next((found for row in head if (found := _titles(row, measure))), None)
        # The workbook by sex and origin has the same columns, and never this word.
        if edition and titles and "destination" in words.casefold():
            return _described(Sheet(path, name, edition[1], *_header(head, titles)), measure)
    return None


def _titles(row: Row, measure: Measure) -> dict[int, str]:
    """Return the sex of each group of year columns, by the column where its title stands."""
    matches = {column: _TITLES[measure].fullmatch(text(cell)) for column, cell in enumerate(row)}
    return {column: SEXES[match[1].lower()] for column, match in matches.items() if match}


def _header(head: list[Row], titles: Mapping[int, str]) -> tuple[int, dict[str, int], dict[int, tuple[str, int]]]:
    """Return the number of the header row, its columns and its columns of figures."""
    number, header = max(enumerate(head, start=1), key=lambda numbered: len(_years(numbered[1])))
    headings = {text(cell).casefold().removesuffix(" of destination"): column for column, cell in enumerate(header)}
    columns = {_HEADINGS[heading]: column for heading, column in headings.items() if heading in _HEADINGS}
    # A title stands over the first column of its group; how far its merged cells reach differs between editions.
    figures = {
        column: (titles[max(start for start in titles if start <= column)], year)
        for column, year in _years(header).items()
        if column >= min(titles)
    }
    return number, columns, figures


def _years(row: Row) -> dict[int, int]:
    """Return the year that each column is headed with."""
    return {column: int(year) for column, cell in enumerate(row) if _YEAR.fullmatch(year := text(cell))}


def _described(sheet: Sheet, measure: Measure) -> Sheet:
    """Return ``sheet`` if it has every column it needs, each year once for each sex."""
    needed = ["destination", "destination code"]
    needed += ["type of data"] * (measure == "stock")
    needed += ["origin code"] * ("origin" in sheet.columns)
    found = set(sheet.figures.values())
    expected = {(sex, year) for sex in SEXES.values() for _, year in found}
    wrong = [f"no column for the {column}" for column in needed if column not in sheet.columns]
    wrong += [f"no figures for {sex} {year}" for sex, year in sorted(expected - found)]
    wrong += ["no years"] * (not found) + ["a year twice for one sex"] * (len(found) < len(sheet.figures))
    if wrong:
        raise OfficialFileError(
            f"{sheet.path} is UN DESA International Migrant Stock {sheet.edition} in a layout that is not read",
            where=f"{sheet.place(sheet.header)}: {', '.join(wrong)}",
            allowed=f"columns headed {'; '.join(_HEADINGS)}; each year once for both sexes, males and females",
            hint="download the workbook again and leave its tables as they are",
        )
    return sheet
