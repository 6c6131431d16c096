"""Rows of a sheet of UN DESA International Migrant Stock: which areas they are for, and their figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official.areas import MEND, area_at
from smstock.official.base import ALL_ORIGINS
from smstock.official.figures import figures
from smstock.official.periods import check_years
from smstock.official.workbook import text
from smstock.vocabulary.countries import crosswalk, known_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smstock.official.undesa.sheet import Figure, Sheet

_FIRST_GROUP = 900
_WORLD = 900
_OTHERS = 2003
_OTHERS_NAME = "Others"
_OTHER_COLUMNS = ("Other South", "Other North")
_TYPES_OF_DATA = frozenset("BCIR")

MARKS = ("", "..", "~", "—", "-", "blank")
"""What stands in place of a figure: nothing (there is one), not available, withheld, nil (two ways), an empty cell."""


@dataclass(frozen=True)
class Rows:
    """The rows of a sheet that have figures, one an element of each array.

    Parameters
    ----------
    sheet
        Where they are from.
    number
        Row of the sheet.
    destination, origin
        ISO3; the location code of a group; ``WLD`` for all origins.
    type_of_data
        Letters with blanks between them, as ``B R``.
    year
        Year the row says; 0 where its columns do.
    group
        Whether destination or origin is a group of areas.
    figures
        What each column of figures is for.
    numbers
        Figures, rows by columns; missing where there is none.
    marks
        Number of the mark (see `MARKS`) in place of each missing figure, rows by columns.
    """

    sheet: Sheet
    number: np.ndarray
    destination: np.ndarray
    origin: np.ndarray
    type_of_data: np.ndarray
    year: np.ndarray
    group: np.ndarray
    figures: tuple[Figure, ...]
    numbers: np.ndarray
    marks: np.ndarray

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.number)

    def where(self, mask: np.ndarray) -> Rows:
        """Return some of the rows."""
        names = ("number", "destination", "origin", "type_of_data", "year", "group", "numbers", "marks")
        return replace(self, **{name: getattr(self, name)[mask] for name in names})


def rows_of(sheet: Sheet, stock: Sheet | None = None) -> Rows:
    r"""Return the rows of a sheet.

    Parameters
    ----------
    stock
        Sheet whose rows give the location codes that this one lacks, by index and name.

    Raises
    ------
    OfficialFileError
        Figures have no location code, a type of data or a year is not known, a cell holds neither a figure nor a mark,
        or no row is for an area.
    UnknownNameError
        A location code below 900, or the name of an origin, is not in the vocabulary.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> from smstock.official.undesa.sheet import find
    >>> title = "International migrant stock at mid-year, "
    >>> lines = [
    ...     "International Migrant Stock 2020: Destination,POP/DB/MIG/Stock/Rev.2020,,,,\n",
    ...     f',,,"{title}both sexes combined","{title}males","{title}females"\n',
    ...     '"Region, development group, country or area",Location code,Type of data,2020,2020,2020\n',
    ...     "   Namibia,516,B R,109391,59024,50367\n",
    ... ]
    >>> (sheet,) = find(RawFile(Path("stock.csv"), "text", "".join(lines).encode()), "stock")
    >>> rows = rows_of(sheet)
    >>> rows.destination.tolist(), rows.type_of_data.tolist(), rows.numbers.tolist()
    (['NAM'], ['B R'], [[109391.0, 59024.0, 50367.0]])
    """
    content = np.array(list(sheet.rows()), dtype=object).reshape(-1, sheet.width)
    number = np.arange(sheet.header + 1, sheet.header + 1 + len(content))
    codes = _codes(content[:, sheet.columns["destination code"]])
    codes = _codes_by_name(sheet, content, codes, _codes_of(stock) if stock else {})
    origins = np.full(len(content), _WORLD)
    if "origin code" in sheet.columns:
        origins = _codes(content[:, sheet.columns["origin code"]])
    cells = content[:, list(sheet.figures)]
    coded = (codes >= 0) & (origins >= 0)
    for row in np.flatnonzero(~coded):
        # A blank row, a heading among the groups, or a note below the table.
        if any(cell not in {"", ".."} for cell in cells[row]):
            raise OfficialFileError(
                f"the row of {text(content[row, sheet.columns['destination']])!r} has no location code",
                where=sheet.place(number[row]),
                hint="give the row its location code, or download the workbook again",
            )
    number, codes, origins, cells, content = (part[coded] for part in (number, codes, origins, cells, content))
    group = (codes >= _FIRST_GROUP) | ((origins >= _FIRST_GROUP) & ~np.isin(origins, (_WORLD, _OTHERS)))
    if group.all():
        raise OfficialFileError(
            f"{sheet.path}: the table has no row for an area",
            where=sheet.place(sheet.header),
            hint="download the workbook again",
        )
    _check_groups(sheet, number, content, {"destination": codes, "origin": origins})
    values, marks = _figures(sheet, number, cells)
    return _with_others(
        Rows(
            sheet,
            number,
            _areas(sheet, number, codes),
            np.where(origins == _WORLD, ALL_ORIGINS, _areas(sheet, number, origins)),
            _types_of_data(sheet, number, content),
            _years(sheet, number, content),
            group,
            tuple(sheet.figures.values()),
            values,
            marks,
        )
    )


def origins_of_columns(rows: Rows) -> list[str]:
    r"""Return ISO3 of the origin that each column of figures names; empty where it names none.

    Raises
    ------
    UnknownNameError
        A name is not in the vocabulary.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> from smstock.official.undesa.sheet import find
    >>> lines = [
    ...     "Table 1 - Total migrant stock at mid-year by origin and by destination,POP/DB/MIG/Stock/Rev.2019,,,,,,\n",
    ...     'Year,"Region, development group, country or area",Code,Type of data,,,,\n',
    ...     ",,,,Total,Other South,Other North,Serbia\n",
    ...     "2019,Namibia,516,B,9,1,1,7\n",
    ... ]
    >>> (sheet,) = find(RawFile(Path("stock.csv"), "text", "".join(lines).encode()), "stock")
    >>> origins_of_columns(rows_of(sheet))
    ['WLD', 'XXX', 'SRB']
    """
    header = rows.sheet.place(rows.sheet.header)
    origins = [area_at(header, figure.origin, "name") if figure.origin else "" for figure in rows.figures]
    return [origin or ALL_ORIGINS for origin in origins] if any(origins) else origins


def _codes(cells: np.ndarray) -> np.ndarray:
    """Return the location code of each cell, -1 where it holds none."""
    code_of = {cell: int(digits) if (digits := text(cell)).isdecimal() else -1 for cell in set(cells)}
    return np.array([code_of[cell] for cell in cells], dtype="int64")


def _index_and_name(sheet: Sheet, row: np.ndarray) -> tuple[str, str]:
    """Return the row's index, which stands left of the name in every edition, and its name."""
    column = sheet.columns["destination"]
    return (text(row[column - 1]) if column else "", text(row[column]))


def _codes_of(sheet: Sheet) -> dict[tuple[str, str], int]:
    """Return the location code of each row of a sheet by its index and name."""
    content = [np.array(row, dtype=object) for row in sheet.rows()]
    codes = _codes(np.array([row[sheet.columns["destination code"]] for row in content], dtype=object))
    return {_index_and_name(sheet, row): int(code) for row, code in zip(content, codes, strict=True) if code >= 0}


def _codes_by_name(
    sheet: Sheet, content: np.ndarray, codes: np.ndarray, code_of: Mapping[tuple[str, str], int]
) -> np.ndarray:
    """Return ``codes``, where one is absent that of the row's index and name."""
    if code_of:
        for row, code in enumerate(codes):
            if code < 0:
                codes[row] = code_of.get(_index_and_name(sheet, content[row]), -1)
    return codes


def _areas(sheet: Sheet, number: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return ISO3 of location codes, the codes of groups as they are."""
    iso3_of = crosswalk("m49")
    area_of: dict[int, str] = {}
    for code in np.unique(codes).tolist():
        if str(code) not in iso3_of and code < _FIRST_GROUP:
            raise UnknownNameError(
                f"location code {code} is not in the vocabulary of areas",
                where=sheet.place(number[codes == code][0]),
                hint=MEND,
            )
        area_of[code] = iso3_of.get(str(code), str(code))
    return np.array([area_of[code] for code in codes.tolist()], dtype=object)


def _check_groups(sheet: Sheet, number: np.ndarray, content: np.ndarray, codes: Mapping[str, np.ndarray]) -> None:
    """Refuse an area that has the location code of a group: its figures would be left out among those of groups."""
    for end in codes.keys() & sheet.columns.keys():
        of_groups = np.flatnonzero((codes[end] >= _FIRST_GROUP) & (codes[end] != _OTHERS))
        cells = content[of_groups, sheet.columns[end]].tolist()
        area_of = {cell: known_as(text(cell), "name") for cell in set(cells)}
        for row, cell in zip(of_groups.tolist(), cells, strict=True):
            if area_of[cell]:
                raise OfficialFileError(
                    f"{text(cell)!r} has the location code {codes[end][row]}, which is one of a group of areas",
                    where=sheet.place(number[row]),
                    allowed=f"a code below {_FIRST_GROUP} for an area",
                    hint="mend the code, or download the workbook again",
                )


def _types_of_data(sheet: Sheet, number: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Return the type of data of each row; no letters where the sheet has no such column."""
    if "type of data" not in sheet.columns:
        return np.full(len(content), "", dtype=object)
    cells = content[:, sheet.columns["type of data"]]
    # 2019 has a CR among its C R.
    letters_of = {cell: " ".join(text(cell).replace(" ", "")) for cell in set(cells)}
    for cell, letters in letters_of.items():
        if not set(letters) - {" "} <= _TYPES_OF_DATA:
            raise OfficialFileError(
                f"unknown type of data {text(cell)!r}",
                where=sheet.place(number[cells == cell][0]),
                allowed=", ".join(sorted(_TYPES_OF_DATA)),
                hint="mend the cell, or download the workbook again",
            )
    return np.array([letters_of[cell] for cell in cells], dtype=object)


def _years(sheet: Sheet, number: np.ndarray, content: np.ndarray) -> np.ndarray:
    if "year" not in sheet.columns:
        return np.zeros(len(content), dtype="int64")
    cells = content[:, sheet.columns["year"]]
    years = _codes(cells)
    check_years([text(cell) for cell in cells], lambda row: sheet.place(number[row]))
    return years


def _figures(sheet: Sheet, number: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return figures and the numbers of the marks in place of missing ones, rows by columns."""
    flat = cells.ravel().tolist()
    written = _written(sheet, number, cells, dict.fromkeys(cell for cell in flat if type(cell) is not float))
    values = np.array([cell if type(cell) is float else written[cell] for cell in flat]).reshape(cells.shape)
    values = np.where(np.isfinite(values) & (values >= 0), values, np.nan)
    marks = np.zeros(cells.shape, dtype="int8")
    missing = np.isnan(values)
    number_of_mark = {mark: place for place, mark in enumerate(MARKS)} | {"": MARKS.index("blank")}
    empty_cells = cells[missing].tolist()
    number_of_cell = {cell: number_of_mark.get(text(cell), -1) for cell in set(empty_cells)}
    marks[missing] = [number_of_cell[cell] for cell in empty_cells]
    unknown = np.argwhere(marks < 0)
    if len(unknown):
        row, column = unknown[0]
        raise OfficialFileError(
            f"{text(cells[row, column])!r} is neither a figure nor a mark for a missing one",
            where=sheet.place(number[row]),
            allowed=f"a number, {', '.join(MARKS[1:-1])}, or an empty cell",
            hint="mend the cell, or download the workbook again",
        )
    return values, marks


def _written(sheet: Sheet, number: np.ndarray, cells: np.ndarray, distinct: Iterable[object]) -> Mapping[object, float]:
    """Return the number of each cell that is not one already; not a number for a mark and for anything else."""
    texts = {cell: text(cell) for cell in distinct if isinstance(cell, str)}

    def place(row: int) -> str:
        first = np.argwhere(cells == list(texts)[row])[0]
        return sheet.place(number[first[0]])

    marks = {**{mark: mark for mark in MARKS[1:-1]}, "": ""}
    # Whoever saved the sheet decided how its figures are written.
    numbers, _ = figures(pd.Series(list(texts.values()), dtype="str"), marks, place, decimal="")
    others = {cell: float(cell) if type(cell) is int else float("nan") for cell in distinct}
    return {**others, **dict(zip(texts, numbers.tolist(), strict=True))}


def _with_others(rows: Rows) -> Rows:
    """Return rows with one column for the origins that are not itemised; missing where either of its two is."""
    origins = [figure.origin for figure in rows.figures]
    if not set(_OTHER_COLUMNS) <= set(origins):
        return rows
    south, north = (origins.index(origin) for origin in _OTHER_COLUMNS)
    numbers, marks = rows.numbers, rows.marks
    numbers[:, south] += numbers[:, north]
    marks[:, south] = np.where(marks[:, south] == 0, marks[:, north], marks[:, south])
    figures = [
        replace(figure, origin=_OTHERS_NAME) if column == south else figure
        for column, figure in enumerate(rows.figures)
    ]
    del figures[north]
    return replace(
        rows,
        figures=tuple(figures),
        numbers=np.delete(numbers, north, axis=1),
        marks=np.delete(marks, north, axis=1),
    )
