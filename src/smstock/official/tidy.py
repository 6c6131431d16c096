"""Tidy CSV: smstock's own layout for official figures, and for figures restated from any other source.

UTF-8, comma-separated, one header line, plain (``.csv``) or gzip (``.csv.gz``); what follows a ``#`` is a comment.
The columns are those of the contract (:mod:`smstock.tables` gives unit and meaning), in any order; further ones are
ignored. Codes are text (``NA`` is Namibia). An empty number is missing, and 0 is zero persons.

Stock, one row a corridor, sex, ages and date; ``concept`` is birth, citizenship or mixed, ``origin`` is ``WLD`` for all
origins together and ``XXX`` for those not itemised::

    provider,dataset,edition,concept,destination,origin,sex,age_min,age_max,reference_date,value,flags,retrieved_at
    undesa,ims,2020,birth,DEU,SRB,all,0,,2020-07-01,199691,B,

Population, one row an area, sex, ages and date::

    provider,edition,area,sex,age_min,age_max,reference_date,value
    undesa,wpp 2022,SRB,all,18,,2020-07-01,6091653

Users, one row an area, sex and ages; ``source`` names the collection::

    platform,area,sex,age_min,age_max,asked_at,value,source
    meta,SRB,all,13,,2019-05-03T09:35:21Z,3000000,joaopalotti/FBDataviz 2019-04
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from smstock import tables
from smstock.errors import UnknownNameError
from smstock.official.base import ALL_ORIGINS, Layout, OfficialTable, header
from smstock.vocabulary.countries import find

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.tables import Contract

_AREAS = ("destination", "origin", "area")


def read(path: Path, contract: Contract) -> OfficialTable:
    r"""Return the table of a tidy CSV.

    Raises
    ------
    ContractError
        The table breaks the contract; the message names every row.
    UnknownNameError
        An area is not in the vocabulary; the message names the column and the nearest areas.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "population.csv")
    ...     _ = file.write_text(
    ...         "area,sex,age_min,age_max,reference_date,value,provider,edition\n"
    ...         "NAM,all,18,,2020-07-01,1445400,undesa,wpp 2022\n"
    ...     )
    ...     read(file, tables.POPULATION).table["value"].tolist()
    [1445400.0]
    """
    table = tables.read_csv(path, contract)
    for column in _AREAS:
        if column in contract.names:
            _check_areas(path, column, table[column].unique().tolist())
    return OfficialTable(table, name(contract))


def name(contract: Contract) -> str:
    """Return the name of the tidy layout of a contract.

    Examples
    --------
    >>> name(tables.POPULATION)
    'tidy CSV with the columns provider, edition, area, sex, age_min, age_max, reference_date, value'
    """
    return f"tidy CSV with the columns {', '.join(contract.names)}"


def _check_areas(path: Path, column: str, areas: list[str]) -> None:
    """Refuse an area that is not in the vocabulary; areas below the country, which have longer codes, are not in it."""
    try:
        for area in areas:
            if len(area) == 3 and area != ALL_ORIGINS:
                find(area, "iso3")
    except UnknownNameError as error:
        error.where = f"{path}, column {column}"
        raise


def _has_columns(contract: Contract, path: Path) -> bool:
    return set(contract.names) <= set(header(path))


LAYOUTS = tuple(
    Layout(name(contract), contract, "text", partial(_has_columns, contract), partial(read, contract=contract))
    for contract in (tables.STOCK, tables.POPULATION, tables.USERS)
)
