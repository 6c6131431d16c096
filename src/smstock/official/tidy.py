"""Tidy CSV: smstock's own layout for official figures, and for figures restated from any other source.

UTF-8, comma-separated, one header line, plain (``.csv``) or gzip (``.csv.gz``); what follows a ``#`` is a comment.
The columns are those of the contract (:mod:`smstock.tables` gives unit and meaning), in any order; further ones are
ignored. Where persons live may be a place: by its code, its official one (NUTS, FIPS) or, beside the query that has it,
its name. Codes are text (``NA`` is Namibia). An empty number is missing, and 0 is zero persons.

Stock, one row a corridor, sex, ages and date; ``concept`` is birth, citizenship or mixed, ``origin`` is ``WLD`` for all
origins together and ``XXX`` for those not itemised::

    provider,dataset,edition,concept,destination,origin,sex,age_min,age_max,reference_date,value,flags,retrieved_at
    undesa,ims,2020,birth,DEU,SRB,all,0,,2020-07-01,199691,B,

With a further column ``education`` that is low, medium or high (ISCED 0-2, 3-4, 5-8) it is an indicator, persons by
education; what is of every level, or of an unknown one, is left empty or says ``unknown``::

    provider,dataset,edition,concept,destination,origin,sex,age_min,age_max,education,reference_date,value,flags,retrieved_at
    statat,register,2025,birth,AUT,SRB,all,25,64,low,2024-01-01,31400,,

Population, one row an area, sex, ages and date::

    provider,edition,area,sex,age_min,age_max,reference_date,value
    undesa,wpp 2022,SRB,all,18,,2020-07-01,6091653

Indicator (shares and counts of other kinds), one row an area, group, category, sex, ages and date::

    provider,dataset,edition,indicator,category,area,concept,group,sex,age_min,age_max,reference_date,value,unit,flags,retrieved_at
    itu,datahub,2024,internet_use,,DEU,,,female,16,74,2022-07-01,91.2,percent of individuals,,

Users, one row an area, sex and ages; ``source`` names the collection::

    platform,area,sex,age_min,age_max,asked_at,value,source
    meta,SRB,all,13,,2019-05-03T09:35:21Z,3000000,joaopalotti/FBDataviz 2019-04
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from smstock import tables
from smstock.errors import ContractError, OfficialFileError, UnknownNameError
from smstock.official.areas import areas_at
from smstock.official.base import ALL_ORIGINS, Layout, OfficialTable
from smstock.official.delimited import table
from smstock.official.figures import figures
from smstock.official.periods import check_days
from smstock.official.units import check_ignored, counted
from smstock.vocabulary import places
from smstock.vocabulary.countries import find
from smstock.vocabulary.schooling import LEVELS

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_AREAS = ("destination", "origin", "area")
# Indicators come before populations, which have fewer columns, all of them columns of indicators too.
_TABLES = (tables.STOCK, tables.INDICATOR, tables.POPULATION, tables.USERS)
_NAMES_BESIDE = "a place is known by its code, and by its name beside a query that has it"
_COMMENT = re.compile(rb"#[^\r\n]*")


def read(file: RawFile, contract: Contract) -> OfficialTable:
    r"""Return the table of a tidy CSV.

    Raises
    ------
    OfficialFileError
        A row has more or fewer fields than the header, or a date that is no day of the calendar.
    ContractError
        The table breaks the contract; the message names every row.
    UnknownNameError
        An area is not in the vocabulary; the message names the column and the nearest areas.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("population.csv"), "text", (
    ...     b"area,sex,age_min,age_max,reference_date,value,provider,edition\n"
    ...     b"NAM,all,18,,2020-07-01,1445400,undesa,wpp 2022\n"
    ... ))
    >>> read(file, tables.POPULATION).table["value"].tolist()
    [1445400.0]
    """
    bare = _bare(file)
    return _read(file, bare, table(bare), contract)


def _read(file: RawFile, bare: RawFile, rows: pd.DataFrame, contract: Contract) -> OfficialTable:
    """Return the table of some rows of a file."""

    def place(row: int) -> str:
        return f"{file.path}, {bare.line(row)}"

    named: dict[str, str] = {}
    for column in set(_AREAS).intersection(contract.names):
        areas = areas_at(bare, rows[column], column, _area if column == "origin" else _place)
        named |= {text: code for text in rows[column].unique() if (code := _by_name(text))}
        rows = rows.assign(**{column: areas})
    if "reference_date" in contract.names:
        check_days(rows["reference_date"], place)
    # Shares have fractions, persons and accounts have none: whoever parts their thousands with points does so whatever
    # separates the fields.
    is_share = contract is tables.INDICATOR
    numbers, _ = figures(rows["value"], {"": ""}, place, decimal=bare.decimal if is_share else "")
    check_ignored(rows.drop(columns=contract.names), place, applied=not is_share)
    if not is_share:
        numbers = counted(numbers, rows, place)
    try:
        checked = _checked(bare, rows.assign(value=numbers), contract)
    except ContractError as error:
        error.what = f"{file.path}: {error.what}"
        raise
    return OfficialTable(checked, line=bare.line, named=named)


def check_columns(file: RawFile) -> None:
    r"""Refuse a text that has most columns of a tidy CSV, by the names of those that it lacks.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> header = b"area,sex,age_min,age_max,reference_date,value,provider\n"
    >>> check_columns(RawFile(Path("a.csv"), "text", header))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: a.csv lacks a column of a tidy CSV of population: edition
      where:   line 1: area,sex,age_min,age_max,reference_date,value,provider
      allowed: provider,edition,area,sex,age_min,age_max,reference_date,value
      next:    add it; every field needs a value
    """
    if file.container != "text":
        return
    bare = _bare(file)
    header = set(bare.header)
    nearest = max(_TABLES, key=lambda contract: len(header & set(contract.names)) / len(header | set(contract.names)))
    lacking = [column for column in nearest.columns if column.name not in header]
    if not lacking or 2 * len(lacking) > len(nearest.columns):
        return
    optional = [column.name for column in lacking if not column.required]
    may_be_empty = f"the fields of {', '.join(optional)} may be empty" if optional else "every field needs a value"
    raise OfficialFileError(
        f"{file.path} lacks {'columns' if len(lacking) > 1 else 'a column'} of a tidy CSV of {nearest.name}: "
        + ", ".join(column.name for column in lacking),
        where=f"{bare.line(0, header=0)}: {bare.first_line[:200]}",
        allowed=",".join(nearest.names),
        hint=f"add {'them' if len(lacking) > 1 else 'it'}; {may_be_empty}",
    )


def _name(contract: Contract) -> str:
    """Return the name of the tidy layout of a contract."""
    return f"tidy CSV with the columns {', '.join(contract.names)}"


def _bare(file: RawFile) -> RawFile:
    """Return the file without comments and the lines above its header, its last line ended: people write it by hand."""
    content = _COMMENT.sub(b"", file.content).rstrip(b" \r\n") + b"\n"  # a tab ends an empty field
    begin = content.lstrip()
    return replace(file, content=begin, above=file.above + content[: len(content) - len(begin)].count(b"\n"))


def _checked(file: RawFile, rows: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return the table of a contract; an error names the lines of the file."""
    try:
        return tables.check(rows, contract)
    except ContractError:
        lines = pd.Index(file.line_numbers[1:][: len(rows)], name="line")
        return tables.check(rows.set_index(lines), contract)


def _area(code: str) -> str:
    """Return the code of an area of the vocabulary, or of a part of one; raise `UnknownNameError` for any other."""
    if code == ALL_ORIGINS or places.is_code(code):
        return code
    return find(code, "iso3")


def _place(text: str) -> str:
    """Return the code of where persons live: as that of `_area`, or of a place as its office or its query calls it."""
    try:
        return _area(places.official_code(text))
    except UnknownNameError as error:
        if code := places.named(text):
            return code
        error.hint = places.nearest(text) or error.hint or _NAMES_BESIDE
        raise


def _by_name(text: str) -> str:
    """Return the code of a place that only its name tells; empty for a code."""
    try:
        _area(places.official_code(text))
    except UnknownNameError:
        return places.named(text)
    return ""


def _has_columns(contract: Contract, file: RawFile) -> bool:
    return file.container == "text" and set(contract.names) <= set(_bare(file).header)


def _contracts(contract: Contract, _: RawFile) -> tuple[Contract, ...]:
    return (contract,)


def _is_by_education(file: RawFile) -> bool:
    """Whether a file has stocks of some level of education."""
    if not _has_columns(tables.STOCK, file) or "education" not in (bare := _bare(file)).header:
        return False
    return bool((table(bare)["education"] != "").any())


def _by_education(file: RawFile, contract: Contract) -> OfficialTable:
    """Return persons by education as an indicator."""
    bare = _bare(file)
    rows = table(bare)
    origin = areas_at(bare, rows["origin"], "origin", _area)
    category = rows["education"].map(_LEVELS)
    if category.isna().any():
        row = int(category.isna().to_numpy().argmax())
        raise OfficialFileError(
            f"{rows['education'].iloc[row]!r} is no level of education",
            where=f"{file.path}, {bare.line(row)}",
            allowed=", ".join(filter(None, _LEVELS)),
            hint="add up finer levels by ISCED 2011",
        )
    columns = {"area": rows["destination"], "group": origin, "category": category}
    rows = rows.drop(columns=["destination", "origin", "education"])
    return _read(file, bare, rows.assign(indicator="education", unit="persons", **columns), contract)


_LEVELS = {
    **dict(zip(("low", "medium", "high"), LEVELS, strict=True)),
    **{level: level for level in LEVELS},
    "unknown": "unknown",
    "": "",
}

LAYOUTS = (
    Layout(
        "tidy CSV of stocks by education",
        _is_by_education,
        partial(_contracts, tables.INDICATOR),
        _by_education,
        by_hand=True,
    ),
    *(
        Layout(_name(contract), partial(_has_columns, contract), partial(_contracts, contract), read, by_hand=True)
        for contract in _TABLES
    ),
)
