"""UN DESA International Migrant Stock: the workbooks by destination, by destination and origin, and by age.

:mod:`smstock.official.undesa.sheet` finds what is where, in the editions 2015 to 2024. What the figures are, by the
workbooks' notes (2020: sheet "Notes"; 2024: "Migrant notes" and "Population notes"):

- Figures are for 1 July; the population is in thousands.
- The type of data tells the concept: ``B`` foreign-born, ``C`` foreign citizens, ``I`` imputed; ``R``: refugees,
  asylum seekers or displaced Venezuelans were added. See `concept`.
- ``..`` is not available, ``~`` withheld for privacy. The 2024 edition leaves such cells empty.
- Location codes (UN M49) from 900 on are groups of areas, except 2003, "Others": the origins that are not itemised.
  Until 2019 these are two columns, "Other South" and "Other North", added up here.
- In the 2020 edition Serbia includes Kosovo; the population of the 2024 edition does not count Kosovo at Serbia.
- The 2024 table of population has the type of data in the column headed "Location code" and no codes; its rows are
  those of the stock table, in the same order.

United Nations Department of Economic and Social Affairs, Population Division, CC BY 3.0 IGO:
https://www.un.org/development/desa/pd/content/international-migrant-stock
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smstock import tables
from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official import flags
from smstock.official.base import Layout, OfficialTable
from smstock.official.observations import table_of
from smstock.official.undesa.rows import MARKS, origins_of_columns, rows_of
from smstock.official.undesa.sheet import find, has_mark
from smstock.official.undesa.sums import check_sexes, population_apart
from smstock.official.workbook import text
from smstock.tables import POPULATION, STOCK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smstock.official.rawfile import RawFile
    from smstock.official.undesa.rows import Rows
    from smstock.official.undesa.sheet import Measure, Sheet
    from smstock.tables import Contract

_NAME = "UN DESA International Migrant Stock (editions 2015 to 2024), by destination, with origins or with ages"

# Persons by which both sexes may differ from males and females: "numbers ... do not necessarily add to totals because
# of rounding" (Notes). The populations of 2019 are sums of rounded age groups; some are printed in whole thousands.
_ROUNDING = 2
_ROUNDING_OF_POPULATION = 200
_ROUNDING_OF_THOUSANDS = 2000
_APART = "whose males and females are not both sexes"
_TITLE = re.compile(r"(?:Table \d+|Annex)\W")


def concept(type_of_data: str) -> str:
    """Return whom a figure counts, from the type of data: ``birth``, ``citizenship`` or ``mixed``.

    ``B`` alone is birth, ``C`` alone citizenship, with or without ``R``; both letters, an imputed figure (``I``) and an
    area without a type of data (it has no figure either) are mixed.

    Examples
    --------
    >>> [concept(text) for text in ("B", "B R ", "C R", "C B R", "I R", "")]
    ['birth', 'birth', 'citizenship', 'mixed', 'mixed', 'mixed']
    """
    letters = set(type_of_data) - {"R", " "}
    return "birth" if letters == {"B"} else "citizenship" if letters == {"C"} else "mixed"


def read_stock(file: RawFile) -> OfficialTable:
    r"""Return the stock table of a workbook: provider ``undesa``, dataset ``ims``, reference date 1 July.

    Figures that count every origin together, the only ones of a workbook by destination, carry the origin ``WLD``;
    "Others" is ``XXX``. ``flags`` has the type of data and, for a missing value, the mark that stands in its place
    (``B R; ..``; ``blank`` for an empty cell).

    Raises
    ------
    OfficialFileError
        The workbook is damaged or of another layout, a cell holds neither a figure nor a known mark, a type of data is
        not known, or males and females of an area do not add up to both sexes (to 2 persons, for rounding). Those of a
        group of areas may not; the remarks say so.
    UnknownNameError
        A location code below 900, or the name of an origin, is not in the vocabulary.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> title = "International migrant stock at mid-year, "
    >>> lines = [
    ...     "International Migrant Stock 2020: Destination,POP/DB/MIG/Stock/Rev.2020,,,,\n",
    ...     f',,,"{title}both sexes combined","{title}males","{title}females"\n',
    ...     '"Region, development group, country or area",Location code,Type of data,2020,2020,2020\n',
    ...     "   Namibia,516,B R,109391,59024,50367\n",
    ... ]
    >>> official = read_stock(RawFile(Path("stock.csv"), "text", "".join(lines).encode()))
    >>> official.table[["destination", "origin", "sex", "reference_date", "value", "concept"]]
      destination origin     sex reference_date     value concept
    0         NAM    WLD     all     2020-07-01  109391.0   birth
    1         NAM    WLD    male     2020-07-01   59024.0   birth
    2         NAM    WLD  female     2020-07-01   50367.0   birth
    """
    sheets = [rows_of(sheet) for sheet in _required(file, "stock")]
    remarks = check_sexes(sheets, _ROUNDING)
    of_groups = sum(len(_stock(rows.where(rows.group))) for rows in sheets)
    of_areas = pd.concat([_stock(rows.where(~rows.group)) for rows in sheets], ignore_index=True)
    return replace(table_of(of_areas, STOCK, of_groups), remarks=remarks)


def read_population(file: RawFile) -> OfficialTable:
    r"""Return the total population of a workbook by destination, in persons: provider ``undesa``, edition ``ims 2020``.

    It is the population the edition divides its stocks by, on 1 July. An area and sex without a figure has no row, nor
    has one whose males and females are not both sexes (to 200 persons, or to 2,000 where the whole table is in whole
    thousands): the remarks name it.

    Raises
    ------
    OfficialFileError
        The workbook is damaged, has no table of the population, or a row of it cannot be matched to an area.
    UnknownNameError
        A location code below 900 is not in the vocabulary.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> sexes = ("both sexes", "males", "females")
    >>> titles = ",".join(f'"Total population at mid-year, {sex} (thousands)"' for sex in sexes)
    >>> lines = [
    ...     "International Migrant Stock 2020: Destination,POP/DB/MIG/Stock/Rev.2020,,,\n",
    ...     f",,{titles}\n",
    ...     '"Region, development group, country or area",Location code,2020,2020,2020\n',
    ...     "   Namibia,516,2540.916,1231.683,1309.233\n",
    ... ]
    >>> read_population(RawFile(Path("a.csv"), "text", "".join(lines).encode())).table["value"].tolist()
    [2540916.0, 1231683.0, 1309233.0]
    """
    (sheet,) = _required(file, "population")
    stock = find(file, "stock")
    rows = rows_of(sheet, stock[0] if stock else None)
    of_groups = len(_population(rows.where(rows.group)))
    rows = rows.where(~rows.group)
    printed_whole = np.nanmax(rows.numbers % 1, initial=0) == 0
    rows = replace(rows, numbers=(rows.numbers * 1000).round())
    apart, remarks = population_apart(rows, _ROUNDING_OF_THOUSANDS if printed_whole else _ROUNDING_OF_POPULATION)
    of_areas = _population(rows).assign(reason=np.where(apart.ravel(), _APART, ""))
    return replace(table_of(of_areas, POPULATION, of_groups), remarks=remarks)


def _stock(rows: Rows) -> pd.DataFrame:
    """Return rows as a stock table that was not checked."""
    count, width = rows.numbers.shape
    of_row, of_column = np.repeat(np.arange(count), width), np.tile(np.arange(width), count)
    columns = origins_of_columns(rows)
    origin = _taken(columns, of_column) if any(columns) else _taken(rows.origin, of_row)
    types, number_of_type = np.unique(rows.type_of_data.astype(str), return_inverse=True)
    marked = [flags.joined(letters, mark) for letters in types for mark in MARKS]
    return pd.DataFrame(
        {
            "provider": _taken(["undesa"], of_row * 0),
            "dataset": _taken(["ims"], of_row * 0),
            "edition": _taken([rows.sheet.edition], of_row * 0),
            "concept": _taken([concept(letters) for letters in rows.type_of_data], of_row),
            "destination": _taken(rows.destination, of_row),
            "origin": origin,
            **_facets(rows, of_row, of_column),
            "value": rows.numbers.ravel(),
            "flags": _taken(marked, number_of_type[of_row] * len(MARKS) + rows.marks.ravel()),
            "retrieved_at": _taken([""], of_row * 0),
        }
    )


def _population(rows: Rows) -> pd.DataFrame:
    """Return rows as a population table that was not checked."""
    count, width = rows.numbers.shape
    of_row, of_column = np.repeat(np.arange(count), width), np.tile(np.arange(width), count)
    return pd.DataFrame(
        {
            "provider": "undesa",
            "edition": f"ims {rows.sheet.edition}",
            "area": _taken(rows.destination, of_row),
            **_facets(rows, of_row, of_column),
            "value": rows.numbers.ravel(),
        }
    )


def _facets(rows: Rows, of_row: np.ndarray, of_column: np.ndarray) -> dict[str, pd.Series]:
    """Return sex, ages and reference date of each figure."""
    figures = rows.figures
    dates = [f"{figure.year}-07-01" for figure in figures]
    date = _taken([f"{year}-07-01" for year in rows.year], of_row) if rows.year.any() else _taken(dates, of_column)
    bounds = [figure.ages.minimum for figure in figures], [figure.ages.maximum for figure in figures]
    youngest, oldest = (pd.Series(bound, dtype="Int64").take(of_column).reset_index(drop=True) for bound in bounds)
    return {
        "sex": _taken([figure.sex for figure in figures], of_column),
        "age_min": youngest,
        "age_max": oldest,
        "reference_date": date,
    }


def _taken(texts: Iterable[str], places: np.ndarray) -> pd.Series:
    """Return texts at places."""
    return pd.Series(list(texts), dtype="str").take(places).reset_index(drop=True)


def _required(file: RawFile, measure: Measure) -> tuple[Sheet, ...]:
    sheets = find(file, measure)
    if not sheets:
        raise OfficialFileError(
            f"{file.path} has no {measure} table of UN DESA International Migrant Stock",
            allowed="sheets titled International migrant stock, or Total population, at mid-year, by destination",
            hint="download the workbook by destination, with or without origins or ages",
        )
    return sheets


def _titles(file: RawFile) -> list[str]:
    """Return the titles of the tables of a file of International Migrant Stock."""
    if not has_mark(file):
        return []
    cells = [text(cell) for sheet in file.sheets.values() for row in sheet[:20] for cell in row if cell != ""]
    is_migrant_stock = any(
        cell.startswith("International Migrant Stock") or "POP/DB/MIG/Stock" in cell for cell in cells
    )
    return list(dict.fromkeys(cell for cell in cells if is_migrant_stock and _TITLE.match(cell)))


def _no_stock(file: RawFile) -> tuple[Contract, ...]:
    raise OfficialFileError(
        f"{file.path} is of UN DESA International Migrant Stock and holds no stock by destination",
        where=f"found {'; '.join(_titles(file))[:200]}",
        allowed="the number of migrants by destination, with or without origins or ages",
        hint="percentages, rates of change and stocks by origin alone are not read: take the table of the stock itself",
    )


def _contracts(file: RawFile) -> tuple[Contract, ...]:
    try:
        return (STOCK, POPULATION) if find(file, "population") else (STOCK,)
    except OfficialFileError:
        return (STOCK, POPULATION)


def _read(file: RawFile, contract: Contract) -> OfficialTable:
    """Return a table of a workbook of stocks; a population that cannot be read is empty, and the remarks say why."""
    if contract is STOCK:
        return read_stock(file)
    try:
        return read_population(file)
    except (OfficialFileError, UnknownNameError) as error:
        nobody = tables.check(pd.DataFrame(columns=POPULATION.names), POPULATION)
        why = f"{error.what} ({error.where})" if error.where else error.what
        return OfficialTable(nobody, remarks=(f"{file.path}: its population is left out: {why}",))


LAYOUTS = (
    Layout(_NAME, lambda file: bool(find(file, "stock")), _contracts, _read),
    Layout(
        "UN DESA International Migrant Stock, total population by destination",
        lambda file: bool(find(file, "population")),
        lambda _: (POPULATION,),
        lambda file, _: read_population(file),
    ),
    Layout("UN DESA International Migrant Stock, another table", lambda file: bool(_titles(file)), _no_stock, _read),
)
