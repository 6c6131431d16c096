"""Where the headings of a table stand that nobody has described."""

from __future__ import annotations

import csv
from collections import Counter
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError, shown
from smstock.official.gazetteer import area_of
from smstock.official.grid import DELIMITERS, FIGURE, MARKS, cell_text, grid, is_unnamed, repeated
from smstock.official.likeness import sex_of
from smstock.official.mapped import names_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.official.grid import Grid
    from smstock.official.rawfile import RawFile

_LINES: Final = 400
_HALF: Final = 0.5
_MOST: Final = 0.6
_FEWEST_ROWS: Final = 2
_FEWEST_LABELS: Final = 2


def place_of_headings(file: RawFile) -> tuple[str, int]:
    r"""Return the sheet (empty in a text) and the line, or row, in which the headings of a file seem to stand.

    Raises
    ------
    OfficialFileError
        The file holds no table of rows and columns.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> place_of_headings(RawFile(Path("a.csv"), "text", b"Stock by birth\n\nDest;n\nDEU;5\nAUT;7\n"))
    ('', 3)
    """
    return _of_sheets(file) if file.container == "workbook" else ("", _header_of_text(file))


def table_below(file: RawFile) -> tuple[Grid, dict[str, str]]:
    r"""Return the table of a file, and what rows of headings above those of its columns say of them.

    The table has the lowest row of headings. Of a table with a single one nothing stands above them.

    Raises
    ------
    OfficialFileError
        The file holds no table of rows and columns.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> text = b"Land;Menn;;Kvinner;\n;2022;2023;2022;2023\nSerbia;5;6;7;8\n"
    >>> table, above = table_below(RawFile(Path("a.csv"), "text", text))
    >>> table.header_row, list(above.items())[2:4]
    (2, [('2023 (column 3)', 'Menn'), ('2022 (column 4)', 'Kvinner')])
    """
    sheet, header_row = place_of_headings(file)
    table = grid(file, sheet=sheet, header_row=header_row)
    if any(map(repeated, table.headings)) and _spans(upper := _table_from_above(file, table)):
        table = upper
    rows: list[list[str]] = []
    while spans := _spans(table):
        table = grid(file, sheet=table.sheet, header_row=table.numbers[0])
        rows.append(spans)
    fitting = [spans for spans in rows if len(spans) == len(table.headings)]
    texts = [", ".join(filter(None, spans)) for spans in zip(*fitting, strict=True)]
    return table, {heading: text for heading, text in zip(table.headings, texts, strict=False) if text}


def check_headings(file: RawFile, table: Grid) -> None:
    r"""Refuse a table whose first row holds figures in place of headings.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.grid import grid
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.csv"), "text", b"DEU,SRB,2020,199691\nDEU,TUR,2020,5\n")
    >>> check_headings(file, grid(file))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: a.csv has no row of headings: 199691 stand in its first row
      where:   line 1
      next:    write a row of headings above the table
    """
    figures = [
        heading
        for heading in table.headings
        if FIGURE.fullmatch(heading) and not names_one(heading, "year") and area_of(heading) is None
    ]
    if figures and not any(names_one(heading, "age") for heading in figures):
        raise OfficialFileError(
            f"{file.path} has no row of headings: {shown(', '.join(figures[:5]))} stand in its first row",
            where=table.sheet or f"line {table.header_row}",
            hint="write a row of headings above the table",
        )


def _table_from_above(file: RawFile, table: Grid) -> Grid:
    """Return a table with the row above its headings as headings; unchanged where there is no such row."""
    try:
        above = grid(file, sheet=table.sheet, header_row=max(table.header_row - 1, 1))
    except OfficialFileError:
        return table
    return above if above.numbers[0] == table.header_row else table


def _spans(table: Grid) -> list[str]:
    """Return what the headings of a table say of each column, if the row below them is one of headings too; else [].

    Headings above others span several columns: the cells beside them are empty, or they stand there again. The heading
    of a column of names stands in one of the two rows, unless all else in the lower one are sexes or age groups.
    """
    if len(table.rows) < _FEWEST_ROWS:
        return []
    first, below = table.rows.iloc[0], table.rows.iloc[1:]
    columns = [name for name in table.headings if first[name] or (below[name] != "").any()]
    of_figures = [name for name in columns if _is_of_figures(below[name].head(_LINES).tolist())]
    labels = [first[name] for name in of_figures if first[name]]
    upper = {name: "" if is_unnamed(name) else repeated(name) or name for name in columns}
    of_rows = [(upper[name], first[name]) for name in columns if name not in of_figures]
    texts = [upper[name] for name in of_figures]
    of_years = any(names_one(text, "year") for text in texts) and any(names_one(text, "year") for text in labels)
    if (
        len(labels) < _FEWEST_LABELS
        or not all(map(_is_label, labels))
        or not of_rows
        or (any(one and other and one != other for one, other in of_rows) and not all(map(_is_of_persons, labels)))
        or len(set(filter(None, texts))) == len(texts)
        or not any(texts)
        or of_years
    ):
        return []
    spans, span = [], ""
    for name in columns:
        span = upper[name] or span if name in of_figures else ""
        spans.append(span or ("" if first[name] else upper[name]))
    return spans


def _is_of_figures(texts: Sequence[str]) -> bool:
    figures = sum(FIGURE.fullmatch(text) is not None for text in texts)
    return figures > 0 and figures >= _MOST * sum(text not in MARKS for text in texts)


def _is_label(text: str) -> bool:
    if FIGURE.fullmatch(text):
        return names_one(text, "year")
    return any(map(str.isalpha, text)) or names_one(text, "age")


def _is_of_persons(text: str) -> bool:
    return bool(sex_of(text, in_column=True)) or (not FIGURE.fullmatch(text) and names_one(text, "age"))


def _header_of_text(file: RawFile) -> int:
    """Return the line of the headings: the first with as many fields as most lines have, half of them filled."""
    if file.json is not None:
        raise OfficialFileError(f"{file.path} is JSON, no table of rows and columns", hint="save the table as CSV")
    lines = list(islice(StringIO(file.content.decode(), newline=""), _LINES))
    best: tuple[int, int, int] = (0, 0, 0)
    for delimiter in file.separator or f"\t{DELIMITERS}":
        rows = [_fields(line, delimiter) for line in lines]
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
        start = next((number for number, row in enumerate(rows, 1) if len(row) == width and _half_filled(row)), 0)
        if start and (count, width) > best[:2]:
            best = (count, width, start)
    if not best[2]:
        raise OfficialFileError(
            f"{file.path} holds no table of rows and columns",
            where=f"its first line: {shown(file.first_line)}",
            allowed="fields parted by commas, semicolons, tabs or bars; a workbook",
            hint="save the table as CSV with a row of headings",
        )
    return best[2] + file.above


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _half_filled(row: Sequence[str]) -> bool:
    return sum(bool(text.strip()) for text in row) >= _HALF * len(row)


def _of_sheets(file: RawFile) -> tuple[str, int]:
    """Return the sheet with most cells below a row of headings, and the number of that row."""
    best: tuple[int, str, int] = (0, "", 0)
    for name, rows in file.sheets.items():
        filled = [sum(cell_text(cell) != "" for cell in row) for row in rows]
        usual = sorted(count for count in filled if count > 1)
        if not usual:
            continue
        start = next(
            place for place, count in enumerate(filled) if count > 1 and count >= _MOST * usual[len(usual) // 2]
        )
        best = max(best, (sum(filled[start:]), name, start + 1))
    if not best[1]:
        raise OfficialFileError(
            f"{file.path} holds no table of rows and columns", hint="name a file with a table below a row of headings"
        )
    return best[1], best[2]
