"""UN DESA International Migrant Stock: the workbooks "by sex and destination" and "by sex, destination and origin".

Editions 2020 and 2024 share a layout (:mod:`smstock.official.undesa_sheet`). What the figures are, by the workbooks'
notes (2020: sheet "Notes"; 2024: "Migrant notes" and "Population notes"):

- Figures are for 1 July and for all ages; the population is in thousands.
- The type of data tells the concept: ``B`` foreign-born, ``C`` foreign citizens, ``I`` imputed; ``R``: refugees,
  asylum seekers or displaced Venezuelans were added. See `concept`.
- ``..`` is not available, ``~`` withheld for privacy. The 2024 edition leaves such cells empty.
- Location codes (UN M49) from 900 on are groups of areas, except 2003, "Others": the origins that are not itemised.
- In the 2020 edition Serbia includes Kosovo; the population of the 2024 edition does not count Kosovo at Serbia.
- The 2024 table of population has the type of data in the column headed "Location code" and no codes; its rows are
  those of the stock table, in the same order.

United Nations Department of Economic and Social Affairs, Population Division, CC BY 3.0 IGO:
https://www.un.org/development/desa/pd/content/international-migrant-stock
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from smstock import tables
from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official.base import ALL_ORIGINS, Layout, OfficialTable
from smstock.official.undesa_sheet import SEXES, find
from smstock.official.workbook import text
from smstock.vocabulary.countries import crosswalk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

    from smstock.official.undesa_sheet import Measure, Sheet
    from smstock.official.workbook import Row

_WORKBOOK = "UN DESA International Migrant Stock (editions 2020 and 2024), workbook by sex and destination"
_LAYOUTS: dict[Measure, str] = {
    "stock": f"{_WORKBOOK} or by sex, destination and origin",
    "population": f"{_WORKBOOK}, its table of the total population",
}

_FIRST_GROUP = 900
_WORLD = 900
_OTHERS = 2003
_TYPES_OF_DATA = frozenset("BCIR")
_MARKS = ("..", "~", "—")  # not available; withheld; below one half
# "Numbers and percentages in this table do not necessarily add to totals because of rounding" (Notes).
_ROUNDING = 2


class _Record(NamedTuple):
    """A row for an area: its number in the sheet, ISO3 codes, type of data, and the cells with the figures."""

    row: int
    destination: str
    origin: str
    type_of_data: str
    cells: tuple[object, ...]


def concept(type_of_data: str) -> str:
    """Return whom a figure counts, from the type of data: ``birth``, ``citizenship`` or ``mixed``.

    ``B`` alone is birth, ``C`` alone citizenship, with or without ``R``; both letters, an imputed figure (``I``) and an
    area without a type of data (it has no figure either) are mixed.

    Examples
    --------
    >>> [concept(text) for text in ("B", "B R ", "C R", "C B R", "I R", "")]
    ['birth', 'birth', 'citizenship', 'mixed', 'mixed', 'mixed']
    """
    letters = set(type_of_data.split()) - {"R"}
    return "birth" if letters == {"B"} else "citizenship" if letters == {"C"} else "mixed"


def read_stock(path: Path) -> OfficialTable:
    """Return the stock table of a workbook: provider ``undesa``, dataset ``ims``, all ages, reference date 1 July.

    The rows that count every origin together, the only ones of the workbook by destination, carry the origin ``WLD``;
    "Others" is ``XXX``. Rows for groups of areas are left out and counted. ``flags`` has the type of data and, for a
    missing value, the mark that stands in its place (``B R; ..``; ``blank`` for an empty cell).

    Raises
    ------
    OfficialFileError
        The workbook is damaged or of another layout, a cell holds neither a figure nor a known mark, a type of data is
        not known, or males and females do not add up to both sexes (to 2 persons, for rounding).
    UnknownNameError
        A location code below 900 is not in the vocabulary.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from openpyxl import Workbook
    >>> book, title = Workbook(), "International migrant stock at mid-year, "
    >>> book.active.append(["International Migrant Stock 2020: Destination", "POP/DB/MIG/Stock/Rev.2020"])
    >>> book.active.append([None, None, None, title + "both sexes combined", title + "males", title + "females"])
    >>> book.active.append(
    ...     ["Region, development group, country or area", "Location code", "Type of data", 2020, 2020, 2020]
    ... )
    >>> book.active.append(["   Namibia", 516, "B R", 109391, 59024, 50367])
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "stock.xlsx")
    ...     book.save(file)
    ...     read_stock(file).table[["destination", "origin", "sex", "reference_date", "value", "concept"]]
      destination origin     sex reference_date     value concept
    0         NAM    WLD     all     2020-07-01  109391.0   birth
    1         NAM    WLD    male     2020-07-01   59024.0   birth
    2         NAM    WLD  female     2020-07-01   50367.0   birth
    """
    import pandas as pd

    sheet = _required(path, "stock")
    records, left_out = _records(sheet, {})
    figures, marks = _figures(sheet, records)
    _check_sexes(sheet, records, figures)
    flags = _each([record.type_of_data for record in records], sheet)
    missing = marks != ""
    flags[missing] = [
        f"{kind}; {mark}".removeprefix("; ") for kind, mark in zip(flags[missing], marks[missing], strict=True)
    ]
    table = pd.DataFrame(
        {
            "provider": "undesa",
            "dataset": "ims",
            "edition": sheet.edition,
            "concept": _each([concept(record.type_of_data) for record in records], sheet),
            "destination": _each([record.destination for record in records], sheet),
            "origin": _each([record.origin for record in records], sheet),
            **_facets(sheet, len(records)),
            "value": figures.ravel(),
            "flags": flags,
            "retrieved_at": "",
        }
    )
    return OfficialTable(tables.check(table, tables.STOCK), _LAYOUTS["stock"], left_out)


def read_population(path: Path) -> OfficialTable:
    """Return the total population of a workbook by destination, in persons: provider ``undesa``, edition ``ims 2020``.

    It is the population the edition divides its stocks by, of all ages on 1 July. An area and sex without a figure has
    no row; rows for groups of areas are left out and counted.

    Raises
    ------
    OfficialFileError
        The workbook is damaged, has no table of the population, or a row of it cannot be matched to an area.
    UnknownNameError
        A location code below 900 is not in the vocabulary.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from openpyxl import Workbook
    >>> book, title = Workbook(), "Total population at mid-year, "
    >>> book.active.append(["International Migrant Stock 2020: Destination", "POP/DB/MIG/Stock/Rev.2020"])
    >>> book.active.append(
    ...     [None, None, *(f"{title}{sex} (thousands)" for sex in ("both sexes combined", "males", "females"))]
    ... )
    >>> book.active.append(["Region, development group, country or area", "Location code", 2020, 2020, 2020])
    >>> book.active.append(["   Namibia", 516, 2540.916, 1231.683, 1309.233])
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "stock.xlsx")
    ...     book.save(file)
    ...     read_population(file).table["value"].tolist()
    [2540916.0, 1231683.0, 1309233.0]
    """
    import pandas as pd

    sheet = _required(path, "population")
    stock = find(path, "stock")
    records, left_out = _records(sheet, _codes_of_rows(stock) if stock else {})
    thousands, _ = _figures(sheet, records)
    persons = (thousands * 1000).round()
    _check_sexes(sheet, records, persons)
    table = pd.DataFrame(
        {
            "provider": "undesa",
            "edition": f"ims {sheet.edition}",
            "area": _each([record.destination for record in records], sheet),
            **_facets(sheet, len(records)),
            "value": persons.ravel(),
        }
    )
    return OfficialTable(
        tables.check(table.dropna(subset="value"), tables.POPULATION), _LAYOUTS["population"], left_out
    )


LAYOUTS = (
    Layout(_LAYOUTS["stock"], tables.STOCK, "workbook", lambda path: find(path, "stock") is not None, read_stock),
    Layout(
        _LAYOUTS["population"],
        tables.POPULATION,
        "workbook",
        lambda path: find(path, "population") is not None,
        read_population,
    ),
)


def _required(path: Path, measure: Measure) -> Sheet:
    sheet = find(path, measure)
    if sheet is None:
        raise OfficialFileError(
            f"{path} has no {measure} table of UN DESA International Migrant Stock", allowed=_LAYOUTS[measure]
        )
    return sheet


def _records(sheet: Sheet, codes_of_rows: Mapping[tuple[str, str], int]) -> tuple[list[_Record], int]:
    """Return the rows for areas, and how many rows for groups of areas were left out.

    A row without a location code has the one that ``codes_of_rows`` gives for its index and name.
    """
    columns = sheet.columns
    records, left_out = [], 0
    for number, row in sheet.rows():
        cells = tuple(row[column] for column in sheet.figures)
        destination = _code(row[columns["destination code"]])
        if destination is None:
            destination = codes_of_rows.get(_index_and_name(sheet, row))
        origin = _code(row[columns["origin code"]]) if "origin code" in columns else _WORLD
        if destination is None or origin is None:
            if all(cell is None for cell in cells):
                continue  # a blank row, or a note below the table
            raise OfficialFileError(
                f"the row of {text(row[columns['destination']])!r} has no location code", where=sheet.place(number)
            )
        if destination >= _FIRST_GROUP or (origin >= _FIRST_GROUP and origin not in (_WORLD, _OTHERS)):
            left_out += 1
            continue
        kind = text(row[columns["type of data"]]) if "type of data" in columns else ""
        if not set(kind.split()) <= _TYPES_OF_DATA:
            raise OfficialFileError(
                f"unknown type of data {kind!r}", where=sheet.place(number), allowed=", ".join(sorted(_TYPES_OF_DATA))
            )
        origin_area = ALL_ORIGINS if origin == _WORLD else _area(origin, sheet, number)
        records.append(_Record(number, _area(destination, sheet, number), origin_area, kind, cells))
    if not records:
        raise OfficialFileError(f"{sheet.path}: the table has no row for an area", where=f"sheet {sheet.name}")
    return records, left_out


def _area(code: int, sheet: Sheet, row: int) -> str:
    try:
        return crosswalk("m49")[str(code)]
    except KeyError:
        raise UnknownNameError(
            f"location code {code} is not in the vocabulary of areas",
            where=sheet.place(row),
            hint="if the area is new, add it to countries.csv",
        ) from None


def _code(cell: object) -> int | None:
    """Return a location code; None for a cell that holds none."""
    digits = text(cell).removesuffix(".0")
    return int(digits) if digits.isdecimal() else None


def _index_and_name(sheet: Sheet, row: Row) -> tuple[str, str]:
    """Return the row's index, which stands left of the name in every edition, and its name."""
    named = sheet.columns["destination"]
    return (text(row[named - 1]) if named else "", text(row[named]))


def _codes_of_rows(sheet: Sheet) -> dict[tuple[str, str], int]:
    """Return the location code of each row of a sheet by its index and name."""
    codes = ((_index_and_name(sheet, row), _code(row[sheet.columns["destination code"]])) for _, row in sheet.rows())
    return {key: code for key, code in codes if code is not None}


def _figures(sheet: Sheet, records: list[_Record]) -> tuple[np.ndarray, np.ndarray]:
    """Return the figures (rows by columns of figures) and, flat, the mark in place of each missing one."""
    import numpy as np
    import pandas as pd

    cells = pd.Series(np.array([record.cells for record in records], dtype=object).ravel())
    figures = pd.to_numeric(cells, errors="coerce")
    marks = np.full(len(cells), "", dtype=object)
    for place in np.flatnonzero(figures.isna() | (figures < 0)):
        mark = text(cells[place])
        if mark and mark not in _MARKS:
            raise OfficialFileError(
                f"{mark!r} is neither a figure nor a mark for a missing one",
                where=sheet.place(records[place // len(sheet.figures)].row),
                allowed=f"a number, {', '.join(_MARKS)}, or an empty cell",
            )
        marks[place] = mark or "blank"
    return figures.to_numpy("float64").reshape(len(records), -1), marks


def _check_sexes(sheet: Sheet, records: list[_Record], figures: np.ndarray) -> None:
    """Refuse a sheet in which males and females do not add up to both sexes."""
    import numpy as np

    place = {facet: number for number, facet in enumerate(sheet.figures.values())}
    for year in sorted({year for _, year in place}):
        both, male, female = (figures[:, place[sex, year]] for sex in SEXES.values())
        apart = np.flatnonzero(np.abs(both - male - female) > _ROUNDING)
        if apart.size:
            row = apart[0]
            raise OfficialFileError(
                f"in {year} males and females are not both sexes: {male[row]:.0f}, {female[row]:.0f}, {both[row]:.0f}",
                where=f"{sheet.place(records[row].row)}, the first of {apart.size}",
                hint="the columns of figures may have been moved: download the workbook again",
            )


def _each(values: list[str], sheet: Sheet) -> np.ndarray:
    """Repeat the value of each row for each of its figures."""
    import numpy as np

    return np.repeat(np.array(values, dtype=object), len(sheet.figures))


def _facets(sheet: Sheet, count: int) -> dict[str, np.ndarray | int | None]:
    """Return sex, ages and reference date of each figure of ``count`` rows."""
    import numpy as np

    sexes = [sex for sex, _ in sheet.figures.values()]
    dates = [f"{year}-07-01" for _, year in sheet.figures.values()]
    return {
        "sex": np.tile(np.array(sexes, dtype=object), count),
        "age_min": 0,
        "age_max": None,
        "reference_date": np.tile(np.array(dates, dtype=object), count),
    }
