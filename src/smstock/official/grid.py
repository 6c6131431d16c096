"""Any rectangular table as text: a row of headings and the rows below it, of a delimited text or a sheet.

Lines above the headings and notes below the table are no rows. Every row has as many fields as there are headings.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Final

import pandas as pd

from smstock.errors import OfficialFileError, shown
from smstock.official.workbook import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.official.rawfile import RawFile

DELIMITERS: Final = ",;|"
"""What may separate the fields of a text, besides tabs."""

MARKS: Final = {"": "blank"} | {
    mark: mark for mark in ("..", "...", ":", "~", "NA", "N/A", "n/a", "NaN", "nan", "None")
}
"""What stands in place of a missing figure, in whatever file."""

FIGURE: Final = re.compile(r"[-+]?\d[\d .,'\u00a0\u2019\u202f]*(?:[eE][-+]?\d+)?")
"""What looks like a figure, whatever its marks mean."""


@dataclass(frozen=True)
class Grid:
    """A table of text.

    Parameters
    ----------
    rows
        Columns named by their headings; a column without one by its place, ``column 1``, and columns of one heading by
        both, ``2020 (column 5)``.
    numbers
        Line (row of the sheet) of each row.
    header_row
        Line (row of the sheet) of the headings.
    above
        What stands above the headings.
    sheet
        Name of the sheet; empty in a text.
    notes
        What stands below the rows.
    """

    rows: pd.DataFrame
    numbers: Sequence[int]
    header_row: int
    above: tuple[str, ...] = ()
    sheet: str = ""
    notes: tuple[str, ...] = ()

    @property
    def headings(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.rows]

    def line(self, row: int) -> str:
        """Return how an error names the line of a row."""
        return f"sheet {self.sheet}, row {self.numbers[row]}" if self.sheet else f"line {self.numbers[row]}"


def repeated(heading: str) -> str:
    """Return the heading that a column shares with others; empty where it shares none.

    Examples
    --------
    >>> repeated("2020 (column 5)"), repeated("2020")
    ('2020', '')
    """
    match = re.fullmatch(r"(.+) \(column \d+\)", heading)
    return match[1] if match else ""


def is_unnamed(heading: str) -> bool:
    """Return whether a column is called by its place, since it has no heading.

    Examples
    --------
    >>> is_unnamed("column 1"), is_unnamed("2020 (column 5)")
    (True, False)
    """
    return re.fullmatch(r"column \d+", heading) is not None


def grid(file: RawFile, *, sheet: str = "", header_row: int = 0) -> Grid:
    r"""Return the table of a file.

    Parameters
    ----------
    sheet
        Of a workbook; may be empty where one sheet alone is filled.
    header_row
        Line (row of the sheet) of the headings, counted from 1; 0: the first that is not blank.

    Raises
    ------
    OfficialFileError
        There is no such sheet or row, no row below it, a row has more or fewer fields than there are headings, a
        quotation mark is not closed, or the last line has no end.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.csv"), "text", b"Stock\n,Dest,stock\n1,DEU,5\n\nSource: UN\n")
    >>> grid(file, header_row=2).rows.to_dict("records")
    [{'column 1': '1', 'Dest': 'DEU', 'stock': '5'}]
    """
    name, above, lines = (
        _of_workbook(file, sheet, header_row) if file.container == "workbook" else _of_text(file, sheet, header_row)
    )
    (header_line, header), *below = lines
    below = [(number, row) for number, row in below if any(row)]
    notes: list[str] = []
    while below and _is_note(below[-1][1]):
        notes.append("".join(below.pop()[1]))
    if not below:
        raise OfficialFileError(
            f"{file.path} has no row below its headings",
            where=_place(name, header_line),
            allowed="a row of headings, and rows with a field for each",
            hint="say in the sidecar where the headings stand: header_row in [columns]",
        )
    for number, row in below:
        if len(row) < len(header) or any(row[len(header) :]):
            raise OfficialFileError(
                f"{file.path} has a row of {len(row)} fields below {len(header)} headings",
                where=f"{_place(name, number)}: {shown(' / '.join(row))}",
                hint="put fields with separators into quotation marks, delete what is a note, or get the file again",
            )
    names = _names(header)
    rows = pd.DataFrame([row[: len(header)] for _, row in below], columns=names, dtype="str")
    blank = [name for name, heading in zip(names, header, strict=True) if not heading and (rows[name] == "").all()]
    numbers = [number for number, _ in below]
    return Grid(rows.drop(columns=blank), numbers, header_line, above, name, tuple(reversed(notes)))


def _names(header: Sequence[str]) -> list[str]:
    """Return a name for each column that no other has."""
    counts = Counter(header)
    return [
        f"{heading} (column {place})" if heading and counts[heading] > 1 else heading or f"column {place}"
        for place, heading in enumerate(header, 1)
    ]


def _is_note(row: Sequence[str]) -> bool:
    """Return whether a row at the end holds a single text that is no figure: a source, a remark."""
    filled = [field for field in row if field]
    return len(filled) == 1 and not FIGURE.fullmatch(filled[0])


def _place(sheet: str, number: int) -> str:
    return f"sheet {sheet}, row {number}" if sheet else f"line {number}"


def _of_text(file: RawFile, sheet: str, header_row: int) -> tuple[str, tuple[str, ...], list[tuple[int, list[str]]]]:
    """Return the name of the sheet, what stands above the headings, and numbered rows from the headings on."""
    if sheet:
        raise OfficialFileError(
            f"{file.path} is a text and has no sheet {sheet!r}",
            hint="take sheet out of [columns], or give the workbook",
        )
    if file.json is not None:
        raise OfficialFileError(f"{file.path} is JSON, no table of rows and columns", hint="save the table as CSV")
    if not file.content.endswith((b"\n", b"\r")):
        raise OfficialFileError(
            f"{file.path} ends within a line, as a file that was cut off does",
            hint="if its last line is whole, end it with a line end; else get the file again",
        )
    lines = list(StringIO(file.content.decode(), newline=""))
    blank = next((place for place, line in enumerate(lines) if line.strip(" ,;|\t\r\n")), 0)
    start = header_row - 1 - file.above if header_row else blank
    if not 0 <= start < len(lines) or not lines[start].strip():
        raise _no_headings(file, header_row, len(lines) + file.above)
    above = tuple(field for line in lines[:start] for field in _split(line, delimiter_of(line)) if field)
    below = next((line for line in lines[start + 1 :] if line.strip(" ,;|\t\r\n")), "")
    delimiter = delimiter_of(lines[start], file.separator, below=below)
    numbered = _parsed(file, "".join(lines[start:]), delimiter, start + file.above)
    return "", above, numbered


def delimiter_of(line: str, stated: str = "", *, below: str = "") -> str:
    """Return what separates the fields of a line: what the file says, a tab if it has one, else the most frequent mark.

    Marks that stand in the line below too come first: a heading may have commas where semicolons separate.

    Examples
    --------
    >>> delimiter_of("Dest;Orig;Stock, 2020"), delimiter_of("a,b;c", stated=";")
    (';', ';')
    >>> delimiter_of("Origin;Stock, 2020, persons", below="SRB;5")
    ';'
    """
    if stated:
        return stated
    in_both = {mark: min(line.count(mark), below.count(mark)) for mark in DELIMITERS}
    return "\t" if "\t" in line else max(DELIMITERS, key=lambda mark: (in_both[mark], line.count(mark)))


def _split(line: str, delimiter: str) -> list[str]:
    return [_squeezed(field) for field in next(csv.reader([line], delimiter=delimiter), [])]


def _parsed(file: RawFile, body: str, delimiter: str, above: int) -> list[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(body, newline=""), delimiter=delimiter, strict=True)
    numbered: list[tuple[int, list[str]]] = []
    begin = 1
    try:
        for row in reader:
            if numbered and reader.line_num > begin:
                raise OfficialFileError(
                    f"{file.path} has a quotation mark that is not closed, or a field of several lines",
                    where=f"line {begin + above}",
                    hint="mend the line; a field stands in one line",
                )
            numbered.append((begin + above, list(map(str.strip if numbered else _squeezed, row))))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise OfficialFileError(
            f"{file.path} is damaged: {error}", where=f"line {begin + above}", hint="mend its quotation marks"
        ) from None
    return numbered


def _of_workbook(
    file: RawFile, sheet: str, header_row: int
) -> tuple[str, tuple[str, ...], list[tuple[int, list[str]]]]:
    filled = [name for name, rows in file.sheets.items() if any(cell != "" for row in rows for cell in row)]
    if sheet not in filled and (sheet or len(filled) != 1):
        wrong = (
            f"has no filled sheet {sheet!r}" if sheet else f"has {len(filled)} filled sheets, and which one is read?"
        )
        raise OfficialFileError(
            f"{file.path} {wrong}",
            allowed=", ".join(filled) or "none: every sheet is empty",
            hint='write sheet = "..." into [columns] of its sidecar',
        )
    name = sheet or filled[0]
    numbered = [(number, [cell_text(cell) for cell in row]) for number, row in enumerate(file.sheets[name], 1)]
    blank = next(place for place, (_, row) in enumerate(numbered) if any(row))
    start = header_row - 1 if header_row else blank
    if start >= len(numbered) or not any(numbered[start][1]):
        raise _no_headings(file, header_row, len(numbered))
    return name, tuple(cell for _, row in numbered[:start] for cell in row if cell), numbered[start:]


def cell_text(cell: object) -> str:
    """Return the text of a cell of a sheet; a number with decimals in a form that no reader takes for thousands.

    Examples
    --------
    >>> cell_text(199691.0), cell_text(199.691), cell_text("  Serbia ")
    ('199691', '199.6910000000', 'Serbia')
    """
    if isinstance(cell, float) and not cell.is_integer():
        return f"{cell:.10f}"
    return text(cell)


def _squeezed(field: str) -> str:
    """Return a field without blanks around it and line ends in it; blanks between digits stay, whatever they are."""
    return re.sub(r"\s*[\r\n]+\s*", " ", field.strip())


def _no_headings(file: RawFile, header_row: int, lines: int) -> OfficialFileError:
    return OfficialFileError(
        f"{file.path} has no headings in line {header_row}",
        allowed=f"a line from 1 to {lines} that is not blank",
        hint="mend header_row in [columns] of its sidecar",
    )
