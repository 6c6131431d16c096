"""Where a workbook of UN DESA International Migrant Stock has what.

Sheets and columns are found by their titles, so their order and place do not matter, nor whether the sheet was saved as
CSV. The revision mark ``POP/DB/MIG/Stock/Rev.2020`` gives the edition. A sheet has one of three layouts:

- years: a row an area (and an origin), groups of year columns below titles such as "International migrant stock at
  mid-year, males" (2020 and 2024) or "International migrant stock at mid-year (male)" (2015 to 2019);
- ages: a row a year and an area, groups of age columns below the same titles;
- origins (2015 to 2019): a row a year and an area, a column an origin, a sheet a sex, which its title says. In 2015 the
  title alone says the year too, a sheet each: "Table 17. Male migrant stock at mid-year ... of destination, 2015".

In the editions until 2019 headings stand one row above the years, ages or origins, later beside them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from smstock.errors import OfficialFileError
from smstock.official.ages import EVERY_AGE, ages
from smstock.official.units import check_heading
from smstock.official.workbook import text
from smstock.vocabulary.facets import SEXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from smstock.official.rawfile import RawFile
    from smstock.official.workbook import Row, Rows
    from smstock.vocabulary.facets import Ages

Measure = Literal["stock", "population"]

_EDITION = re.compile(r"POP/DB/MIG/Stock/Rev\.(\d{4})")
_SEX = "(both sexes|males?|females?)"
_TITLES: dict[Measure, re.Pattern[str]] = {
    "stock": re.compile(rf"International migrant stock at mid-year,? \(?{_SEX}(?: combined)?\)?", re.IGNORECASE),
    # A letter that refers to a note may follow.
    "population": re.compile(
        rf"Total (?:population of )?{_SEX}?(?: ?population)? at mid-year,? ?\(?{_SEX}?(?: combined)?\)?"
        r" \(thousands\)(?:\w| \(\w\))?",
        re.IGNORECASE,
    ),
}
# A title of 2015 forgets the words "by origin".
_BY_ORIGIN = re.compile(
    r"Table \d+\W+(?:Total )?(males? |females? )?migrant stock at mid-year (?:by origin |and by |by ).*?"
    r"(?:[^\w-](?P<year>(?:19|20)\d{2})(?: \(\w\))?)?",
    re.IGNORECASE,
)
_SEXES = {"": "all", "b": "all", "m": "male", "f": "female"}  # by the first letter of what a title says
_YEAR = re.compile(r"(?:19|20)\d{2}", re.ASCII)
_AGES = re.compile(r"\d+-\d+|\d+\+|Total", re.ASCII)
_OTHERS = "Other North"

_HEADINGS = {
    "region, development group, country or area": "destination",
    "major area, region, country or area": "destination",
    "location code": "destination code",
    "code": "destination code",
    "country code": "destination code",
    "country or area code": "destination code",
    "type of data": "type of data",
    "type of data (a)": "type of data",
    "data type": "type of data",
    "year": "year",
    "region, development group, country or area of origin": "origin",
    "location code of origin": "origin code",
}
_ABOVE = 30


@dataclass(frozen=True)
class Figure:
    """What a column of figures is for; without a year or an origin (a name), the row says it."""

    sex: str
    year: int | None = None
    ages: Ages = EVERY_AGE
    origin: str = ""


@dataclass(frozen=True)
class Sheet:
    """Where one sheet has what; columns count from 0, rows from 1.

    Parameters
    ----------
    path, name
        The workbook and the sheet; a text has a sheet without a name.
    edition
        Year of the revision.
    header
        Number of the last row of the header.
    columns
        Column of ``destination``, ``destination code``, ``type of data``, ``year``, ``origin`` and ``origin code``, as
        far as the sheet has them.
    figures
        What each column of figures is for.
    content
        The rows.
    lines
        Of a text, the number of the line of each row.
    """

    path: Path
    name: str
    edition: str
    header: int
    columns: Mapping[str, int]
    figures: Mapping[int, Figure]
    content: Rows = field(repr=False)
    lines: Sequence[int] = ()

    def place(self, row: int) -> str:
        """Return how an error names a row."""
        where = f"line {self.lines[row - 1]}" if self.lines else f"row {row}"
        return f"{self.path}, {f'sheet {self.name}, ' if self.name else ''}{where}"

    @property
    def width(self) -> int:
        """Number of columns in use."""
        return max(*self.figures, *self.columns.values()) + 1

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, each as wide as the columns in use."""
        width = self.width
        for row in self.content[self.header :]:
            yield row[:width]


def find(file: RawFile, measure: Measure) -> tuple[Sheet, ...]:
    """Return the sheets that have a measure by destination; none if no sheet has its titles.

    There are several only where each has one sex.

    Raises
    ------
    OfficialFileError
        A sheet has the titles and not the columns that belong below them.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> find(RawFile(Path("students.csv"), "text", b"Number of students,1990"), "stock")
    ()
    """
    if not has_mark(file):
        return ()
    sheets: list[Sheet] = []
    for name, content in file.sheets.items():
        head = [[text(cell) for cell in row] for row in content[:_ABOVE]]
        head_text = " ".join(cell for row in head for cell in row)
        edition = _EDITION.search(head_text)
        # The workbook by sex and origin has the same columns, and never this word.
        if edition is None or "destination" not in head_text.casefold():
            continue
        described = _described(head, measure)
        if described is None:
            continue
        header, columns, figures = described
        for cell in (cell for row in head[:header] for cell in row if measure == "stock"):
            if not _TITLES["population"].fullmatch(cell):
                check_heading(cell, f"{file.path}, sheet {name}" if name else str(file.path))
        lines = tuple(file.rows_by_line) if file.container == "text" else ()
        sheet = Sheet(file.path, name, edition[1], header, columns, figures, content, lines)
        _check(sheet, measure)
        sheets.append(sheet)
        if not any(figure.origin for figure in figures.values()):
            break
    return tuple(sheets)


def has_mark(file: RawFile) -> bool:
    """Whether a file may be of International Migrant Stock: a text without the revision mark is not looked into.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> has_mark(RawFile(Path("students.csv"), "text", b"Number of students,1990"))
    False
    """
    return file.container == "workbook" or b"POP/DB/MIG/Stock/Rev." in file.content[:65536]


def _described(head: Sequence[Sequence[str]], measure: Measure) -> tuple[int, dict[str, int], dict[int, Figure]] | None:
    """Return the number of the last header row, the columns and the columns of figures; None for another table."""
    above = next((number for number, row in enumerate(head) if _titles(row, measure)), None)
    if above is not None:
        titles = _titles(head[above], measure)
        header = max(range(above, len(head)), key=lambda number: len(_labels(head[number])))
        figures = {
            # A title stands over the first column of its group; how far its cells are merged differs between editions.
            column: _figure(titles[max(start for start in titles if start <= column)], label)
            for column, label in _labels(head[header]).items()
            if column >= min(titles)
        }
        return header + 1, _columns(head[above : header + 1]), figures
    title = next((match for row in head for cell in row if (match := _BY_ORIGIN.fullmatch(cell))), None)
    header = next((number for number, row in enumerate(head) if _OTHERS in row), 0)
    if measure != "stock" or title is None or not header:
        return None
    total = head[header].index("Total")
    sex = _SEXES[(title[1] or "")[:1].casefold()]
    columns = _columns(head[header - 1 : header + 1])
    year = int(title["year"]) if title["year"] and "year" not in columns else None
    figures = {
        column: Figure(sex, year, origin="" if name == "Total" else name)
        for column, name in enumerate(head[header])
        if column >= total and name
    }
    return header + 1, columns, figures


def _titles(row: Sequence[str], measure: Measure) -> dict[int, str]:
    """Return the sex of each group of columns, by the column where its title stands."""
    matches = {column: _TITLES[measure].fullmatch(cell) for column, cell in enumerate(row)}
    return {
        column: _SEXES["".join(filter(None, match.groups()))[:1].casefold()]
        for column, match in matches.items()
        if match and any(match.groups())
    }


def _labels(row: Sequence[str]) -> dict[int, str]:
    """Return the year or ages that each column is headed with."""
    return {column: cell for column, cell in enumerate(row) if _YEAR.fullmatch(cell) or _AGES.fullmatch(cell)}


def _figure(sex: str, label: str) -> Figure:
    if _YEAR.fullmatch(label):
        return Figure(sex, year=int(label))
    return Figure(sex, ages=ages(label) or EVERY_AGE)


def _columns(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return the other columns by what their headings say."""
    headings = {
        cell.casefold().removesuffix(" of destination"): column
        for row in rows
        for column, cell in enumerate(row)
        if cell
    }
    return {_HEADINGS[heading]: column for heading, column in headings.items() if heading in _HEADINGS}


def _check(sheet: Sheet, measure: Measure) -> None:
    """Refuse a sheet without a column it needs, or with figures that lack a sex or are there twice."""
    figures = list(sheet.figures.values())
    by_origin = any(figure.origin for figure in figures)
    needed = ["destination", "destination code"]
    needed += ["type of data"] * (measure == "stock")
    needed += ["origin code"] * ("origin" in sheet.columns)
    needed += ["year"] * any(figure.year is None for figure in figures)
    years_and_ages = {(figure.year, figure.ages) for figure in figures}
    expected = {(sex, *part) for sex in SEXES for part in years_and_ages if not by_origin}
    present = {(figure.sex, figure.year, figure.ages) for figure in figures}
    absent = sorted(f"{sex} {year or span}" for sex, year, span in expected - present)
    wrong = [f"no column for the {column}" for column in needed if column not in sheet.columns]
    wrong += [f"no figures for {part}" for part in absent]
    wrong += ["no years, ages or origins"] * (not figures) + ["a year, age group or origin twice"] * (
        len(set(figures)) < len(figures)
    )
    if wrong:
        raise OfficialFileError(
            f"{sheet.path} is UN DESA International Migrant Stock {sheet.edition} in a layout that is not read",
            where=f"{sheet.place(sheet.header)}: {', '.join(wrong)}",
            allowed=f"columns headed {'; '.join(_HEADINGS)}; each year or age group once for each sex",
            hint="download the workbook again and leave its tables as they are",
        )
