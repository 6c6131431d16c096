"""Whether males and females of a sheet of UN DESA International Migrant Stock are both sexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smstock.errors import OfficialFileError
from smstock.official.workbook import text
from smstock.vocabulary.facets import SEXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smstock.official.undesa.rows import Rows

    Places = dict[str, tuple[Rows, int]]
    """Rows and column of each sex."""

_NAMED = 3


def check_sexes(sheets: Sequence[Rows], rounding: float) -> tuple[str, ...]:
    r"""Refuse areas whose males and females are not both sexes; return what the user is told of such groups of areas.

    A group that does not add up is an error of the UN (least developed countries in 2015): it is in no table.

    Parameters
    ----------
    rounding
        Persons by which they may differ.

    Raises
    ------
    OfficialFileError
        Those of an area differ by more; the message names the first row.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> from smstock.official.undesa.rows import rows_of
    >>> from smstock.official.undesa.sheet import find
    >>> title = "International migrant stock at mid-year, "
    >>> lines = [
    ...     "International Migrant Stock 2020: Destination,POP/DB/MIG/Stock/Rev.2020,,,,\n",
    ...     f',,,"{title}both sexes combined","{title}males","{title}females"\n',
    ...     '"Region, development group, country or area",Location code,Type of data,2020,2020,2020\n',
    ...     "   Namibia,516,B R,109391,59024,1\n",
    ... ]
    >>> (sheet,) = find(RawFile(Path("stock.csv"), "text", "".join(lines).encode()), "stock")
    >>> check_sexes([rows_of(sheet)], rounding=2)
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: in 2020 males and females are not both sexes: 59024, 1, 109391
      where:   stock.csv, line 4, the first of 1
      allowed: sums that differ by 2 persons at most
      next:    the columns of figures may have been moved: download the workbook again
    """
    of_groups = []
    for label, places, rows, apart in _apart(sheets, rounding):
        of_areas = np.flatnonzero(apart & ~rows.group)
        if of_areas.size:
            raise OfficialFileError(
                f"in {label} males and females are not both sexes: {', '.join(_printed(places, of_areas[0]))}",
                where=f"{rows.sheet.place(rows.number[of_areas[0]])}, the first of {of_areas.size}",
                allowed=f"sums that differ by {rounding:g} persons at most",
                hint="the columns of figures may have been moved: download the workbook again",
            )
        of_groups += [f"{_name(rows, row)} in {label} ({_sum(places, row)})" for row in np.flatnonzero(apart).tolist()]
    return _remark(sheets, of_groups, rounding, "groups of areas are in no table")


def population_apart(rows: Rows, rounding: float) -> tuple[np.ndarray, tuple[str, ...]]:
    r"""Return which figures belong to a sum of males and females that is not both sexes, and what the user is told.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> from smstock.official.undesa.rows import rows_of
    >>> from smstock.official.undesa.sheet import find
    >>> sexes = ("both sexes", "males", "females")
    >>> titles = ",".join(f'"Total population at mid-year, {sex} (thousands)"' for sex in sexes)
    >>> lines = [
    ...     "International Migrant Stock 2020: Destination,POP/DB/MIG/Stock/Rev.2020,,,\n",
    ...     f",,{titles}\n",
    ...     '"Region, development group, country or area",Location code,2020,2020,2020\n',
    ...     "   Namibia,516,2540,1231,1309\n   Qatar,634,2803,2021,9\n",
    ... ]
    >>> (sheet,) = find(RawFile(Path("a.csv"), "text", "".join(lines).encode()), "population")
    >>> apart, remarks = population_apart(rows_of(sheet), rounding=2)
    >>> apart.tolist(), remarks[0].rpartition(" for ")[2].partition(" (up")[0]
    ([[False, False, False], [True, True, True]], 'Qatar in 2020 (2021 + 9, not 2803)')
    """
    apart = np.zeros(rows.numbers.shape, dtype=bool)
    described = []
    for label, places, _, wrong in _apart([rows], rounding):
        for column in (column for _, column in places.values()):
            apart[:, column] |= wrong
        described += [f"{_name(rows, row)} in {label} ({_sum(places, row)})" for row in np.flatnonzero(wrong).tolist()]
    return apart, _remark([rows], described, rounding, "that population is left out")


def _apart(sheets: Sequence[Rows], rounding: float) -> Iterator[tuple[str, Places, Rows, np.ndarray]]:
    """Yield for each year, origin and ages in which some rows are apart: a label, its columns by sex, which rows."""
    places_of: dict[tuple[object, ...], Places] = {}
    for rows in sheets:
        for column, figure in enumerate(rows.figures):
            places_of.setdefault((figure.year, figure.origin, figure.ages), {})[figure.sex] = (rows, column)
    for (year, origin, span), places in places_of.items():
        if set(places) != set(SEXES) or len({len(rows) for rows, _ in places.values()}) > 1:
            continue
        both, female, male = (rows.numbers[:, column] for rows, column in (places[sex] for sex in SEXES))
        apart = np.abs(both - male - female) > rounding
        if apart.any():
            yield " ".join(str(part) for part in (origin, year) if part) or str(span), places, places["all"][0], apart


def _printed(places: Places, row: int) -> list[str]:
    """Return males, females and both sexes of a row."""
    return [f"{rows.numbers[row, column]:.0f}" for rows, column in (places[sex] for sex in reversed(SEXES))]


def _sum(places: Places, row: int) -> str:
    return "{} + {}, not {}".format(*_printed(places, row))


def _name(rows: Rows, row: int) -> str:
    return text(rows.sheet.content[rows.number[row] - 1][rows.sheet.columns["destination"]])


def _remark(sheets: Sequence[Rows], described: list[str], rounding: float, consequence: str) -> tuple[str, ...]:
    if not described:
        return ()
    more = f" and {len(described) - _NAMED} more" if len(described) > _NAMED else ""
    which = f"{'; '.join(described[:_NAMED])}{more}"
    why = f"up to {rounding:,.0f} persons are rounding; {consequence}"
    return (f"{sheets[0].sheet.path}: males and females are not both sexes for {which} ({why})",)
