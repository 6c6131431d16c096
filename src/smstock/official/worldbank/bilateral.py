"""World Bank, Global Bilateral Migration: stocks by origin, destination and sex in 1960, 1970, 1980, 1990 and 2000.

A table of DataBank with the dimensions ``Country Origin``, ``Migration by Gender`` (``TOT``, ``FEM``, ``MAL``),
``Country Dest`` and the year. The database counts the foreign-born where a census did, else foreign citizens, hence of
mixed concept. It ends with 2000. A census is moved to the turn of its decade, so no day is
said; 1 July is given, as for the World Bank's other figures.

Özden, Parsons, Schiff and Walmsley (2011), "Where on Earth is Everybody?", CC BY 4.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.official.areas import unknown_areas
from smstock.official.base import ALL_ORIGINS, AT_HOME, GROUPS_OF_AREAS, OfficialTable
from smstock.official.columns import mapped
from smstock.official.figures import figures
from smstock.official.observations import first_reason, table_of
from smstock.official.periods import check_years
from smstock.official.sexes import sexes
from smstock.official.worldbank.databank import cells, is_table, lacks
from smstock.official.worldbank.indicators import MARKS, is_area, is_known, known_area
from smstock.official.worldbank.sheet import header_of
from smstock.tables import STOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_ORIGIN, _SEX, _DESTINATION = "Country Origin", "Migration by Gender", "Country Dest"
_DIMENSIONS = (_ORIGIN, _SEX, _DESTINATION)
_SEXES = {"TOT": "all", "FEM": "female", "MAL": "male"}


def is_bilateral(file: RawFile) -> bool:
    r"""Whether a file is of Global Bilateral Migration, be it with all its dimensions or not.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> is_bilateral(RawFile(Path("a.csv"), "text", b"Country Origin Name,Country Origin Code,2000 [2000]\n"))
    True
    """
    return header_of(file, _is_header) is not None


def contracts(file: RawFile) -> tuple[Contract, ...]:
    r"""Return the table that a file of Global Bilateral Migration holds.

    Raises
    ------
    OfficialFileError
        A dimension of it is not in the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> contracts(RawFile(Path("a.csv"), "text", b"Country Origin Name,Country Origin Code,2000 [2000]\n"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: a.csv is a table of Global Bilateral Migration and lacks a dimension
      where:   Country Origin Name, Country Origin Code, 2000 [2000]
      allowed: Country Origin, Migration by Gender, Country Dest and Time, one of them in columns
      next:    lay them in rows and columns in DataBank (none as page), in English, with names and codes
    """
    header = header_of(file, _is_header) or ()
    if not is_table(header, _DIMENSIONS):
        raise lacks(file, "Global Bilateral Migration", header, _DIMENSIONS)
    return (STOCK,)


def read(file: RawFile, _: Contract) -> OfficialTable:
    r"""Return the stocks of a file of Global Bilateral Migration.

    Raises
    ------
    OfficialFileError
        The table is damaged, or a cell is no figure.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> content = b"Country Origin Code,Migration by Gender Code,Country Dest Code,2000 [2000]\nTUR,FEM,DEU,900000\n"
    >>> stock = read(RawFile(Path("a.csv"), "text", content), STOCK).table
    >>> stock[["destination", "origin", "sex", "reference_date", "value"]].to_numpy().tolist()
    [['DEU', 'TUR', 'female', '2000-07-01', 900000.0]]
    """
    held = cells(file, _DIMENSIONS)
    rows = held.rows
    check_years(rows["Time"], held.place)
    value, missing = figures(rows["cell"], MARKS, held.place, decimal=held.decimal)
    origin, destination = (mapped(rows[name], known_area) for name in (_ORIGIN, _DESTINATION))
    codes = {name: mapped(rows[name], is_area, "bool") for name in (_ORIGIN, _DESTINATION)}
    is_origin = codes[_ORIGIN] | (origin == ALL_ORIGINS)
    stock = rows.assign(
        provider="worldbank",
        dataset="gbm",
        edition=held.edition,
        concept="mixed",
        origin=origin,
        destination=destination,
        sex=sexes(rows[_SEX], _SEXES, held.place),
        age_min=0,
        age_max=None,
        reference_date=rows["Time"] + "-07-01",
        value=value,
        flags=missing,
        retrieved_at="",
        reason=first_reason(
            [
                unknown_areas(rows[_ORIGIN], is_known),
                unknown_areas(rows[_DESTINATION], is_known),
                (~(is_origin & codes[_DESTINATION]), GROUPS_OF_AREAS),
                (origin == destination, AT_HOME),
            ]
        ),
    )
    return table_of(stock, STOCK)


def _is_header(header: Sequence[str]) -> bool:
    parts = [f"{name} {part}" for name in _DIMENSIONS for part in ("Name", "Code")]
    return any(name in header for name in parts)
