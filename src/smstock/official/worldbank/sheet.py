"""The table of a file of the World Bank, be it CSV or a workbook: its header, the lines above it, the notes below it.

A download of an indicator has four lines above its header; DataBank writes two lines of notes below the last row. Both
say the day of the last update, and the two as a workbook have further sheets of metadata.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from smstock.errors import OfficialFileError
from smstock.official.delimited import table
from smstock.official.rawfile import fields
from smstock.official.workbook import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from smstock.official.figures import Decimal
    from smstock.official.rawfile import RawFile
    from smstock.official.workbook import Rows

    IsHeader = Callable[[Sequence[str]], bool]
    """Whether a row of texts is the header."""

_ABOVE = 6
"""Rows in which a header is looked for."""
_NOTES = "Data from database"
_NOTES_LINE = re.compile(rb'^"?Data from database', re.MULTILINE)
_ISO = re.compile(r"Last Updated[^0-9]*(\d{4}-\d\d-\d\d)")
# DataBank's own, month first; a spreadsheet program writes the day of a download as its country does.
_AMERICAN = re.compile(r"Last Updated: *(0?[1-9]|1[0-2])/([0-2]?\d|3[01])/(\d{4})")


@dataclass(frozen=True)
class Sheet:
    """A table of texts.

    Parameters
    ----------
    rows
        The rows below the header, whose texts are the names of the columns.
    edition
        Day of the last update, or what the sidecar says.
    header
        How an error names the header: file, and line or row.
    place
        How an error names a row.
    decimal
        Decimal mark of its figures.
    """

    rows: pd.DataFrame
    edition: str
    header: str
    place: Callable[[int], str]
    decimal: Decimal


def header_of(file: RawFile, is_header: IsHeader) -> Sequence[str] | None:
    r"""Return the header of the first sheet of a file that has one; None if there is none.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.csv"), "text", b'"Data Source","WDI"\n\nCountry Code,2020\nNAM,7\n')
    >>> header_of(file, lambda row: "Country Code" in row)
    ['Country Code', '2020']
    """
    return next((row for _, _, row in _beginnings(file) if is_header(row)), None)


def sheet_of(file: RawFile, is_header: IsHeader) -> Sheet:
    r"""Return the table below the header that is found.

    Raises
    ------
    OfficialFileError
        The table is damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> content = b"Country Code,2020\nNAM,7\n,,\nData from database: X\nLast Updated: 12/16/2021\n"
    >>> sheet = sheet_of(RawFile(Path("a.csv"), "text", content), lambda row: "Country Code" in row)
    >>> sheet.rows.to_dict("records"), sheet.edition, sheet.place(0)
    ([{'Country Code': 'NAM', '2020': '7'}], '2021-12-16', 'a.csv, line 2')
    """
    name, above, _ = next(beginning for beginning in _beginnings(file) if is_header(beginning[2]))
    if file.container == "workbook":
        return _of_workbook(file, name, above)
    begin = file.content.rfind(b"Data from database")
    marks = [match.start() for match in _NOTES_LINE.finditer(file.content)] if begin >= 0 else []
    body, notes = (file.content[: marks[0]], file.content[marks[0] :]) if marks else (file.content, b"")
    if marks:
        body = body.rstrip(b'",;\t \r\n')
        body += file.content[len(body) :].partition(b"\n")[0] + b"\n"  # a row may end with empty fields
    rows = table(replace(file, content=body), header=above)
    if any(len(list(filter(None, fields(line.strip(), file.delimiter)))) > 1 for line in notes.decode().split("\n")):
        raise _below(file, f"line {file.above + file.content[: marks[0]].count(10) + 1} and below")
    lines = "\n".join([*file.content[:65536].decode(errors="replace").split("\n", above)[:above], notes.decode()])
    header = f"{file.path}, line {file.above + above + 1}"
    return Sheet(
        rows,
        _edition(file, lines),
        header,
        lambda row: f"{file.path}, {file.line(row, header=above + 1)}",
        file.decimal,
    )


def _beginnings(file: RawFile) -> Iterator[tuple[str, int, list[str]]]:
    """Yield the first rows of each sheet of a file: its name, how many rows stand above, the texts of the row."""
    if file.container == "workbook":
        for name, content in file.sheets.items():
            for above, row in enumerate(content[:_ABOVE]):
                yield name, above, _texts(row)
        return
    lines = file.content[:65536].decode(errors="replace").split("\n", _ABOVE)[:_ABOVE]
    for above, line in enumerate(lines):
        yield "", above, [field.strip() for field in fields(line.strip("\r"), file.delimiter)]


def _of_workbook(file: RawFile, name: str, above: int) -> Sheet:
    content: Rows = file.sheets[name]
    names = _texts(content[above])
    while names and not names[-1]:
        names.pop()
    header = f"{file.path}, sheet {name}, row {above + 1}"
    repeated = sorted({column for column in names if names.count(column) > 1 or not column})
    if repeated:
        raise OfficialFileError(
            f"{file.path} has two columns of one name, or one without a name: {', '.join(repeated)}",
            where=header,
            hint="it was edited: download it again",
        )
    end = next((number for number, row in enumerate(content) if row and str(row[0]).startswith(_NOTES)), len(content))
    numbers = [number for number in range(above + 1, end) if any(_texts(content[number]))]
    wide = [[*_texts(content[number]), *[""] * len(names)][: len(names)] for number in numbers]
    beyond = next((number for number in numbers if any(_texts(content[number])[len(names) :])), None)
    if beyond is not None or not numbers:
        raise OfficialFileError(
            f"{file.path} has a row that is wider than its header" if numbers else f"{file.path} has no row",
            where=f"sheet {name}, row {beyond + 1}" if beyond is not None else header,
            hint="it was edited: download it again",
        )
    if any(len(list(filter(None, _texts(row)))) > 1 for row in content[end:]):
        raise _below(file, f"sheet {name}, row {end + 1} and below")
    notes = "\n".join(" ".join(_texts(row)) for row in [*content[:above], *content[end:]])
    of_text = any(
        isinstance(cell, str) and re.search(r"\d[.,]\d", cell) for number in numbers for cell in content[number]
    )
    return Sheet(
        pd.DataFrame(wide, columns=names, dtype="str"),
        _edition(file, notes),
        header,
        lambda row: f"{file.path}, sheet {name}, row {numbers[row] + 1}",
        "" if of_text else ".",
    )


def _below(file: RawFile, where: str) -> OfficialFileError:
    return OfficialFileError(
        f"{file.path} has rows below the notes that end it",
        where=where,
        hint="give each file of DataBank by itself, as it was downloaded",
    )


def _texts(row: Sequence[object]) -> list[str]:
    return [text(cell) for cell in row]


def _edition(file: RawFile, notes: str) -> str:
    """Return the day of the last update that the lines around a table give, or what the sidecar says."""
    if iso := _ISO.search(notes):
        return iso[1]
    if american := _AMERICAN.search(notes):
        month, day, year = american.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return file.edition
