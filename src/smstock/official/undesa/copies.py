"""Copies of UN DESA International Migrant Stock 2015 to 2019 as wide CSV, without codes, notes and titles.

Two forms circulate, each with a row a year and a destination, both by name: a column an origin
(``Year,Destination,Total,Other South,Other North,Afghanistan,...``, a file a sex), and a column an age group and sex
(``0-4_(mf)``, ``0-4_(m)``, ``0-4_(f)``). The second form is also that of the population in thousands, which alone has
decimals. The last year is the edition. No copy has the type of data, so its sidecar must say the concept, and for the
first form the sex.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError
from smstock.official.ages import bounds
from smstock.official.areas import area_at
from smstock.official.base import ALL_ORIGINS, GROUPS_OF_AREAS, Layout, OfficialTable
from smstock.official.columns import mapped, unpivoted
from smstock.official.delimited import table
from smstock.official.figures import figures
from smstock.official.observations import table_of
from smstock.official.periods import check_years
from smstock.tables import POPULATION, STOCK
from smstock.vocabulary.countries import find

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_BY_ORIGIN = ("Year", "Destination", "Total", "Other South", "Other North")
_BY_AGE = re.compile(r"(?P<ages>\d+-\d+|\d+\+|Total)_\((?P<sex>mf|m|f)\)", re.ASCII)
_SEXES = {"mf": "all", "m": "male", "f": "female"}
_MARKS = {"": "blank", "..": "..", "~": "~", "-": "-", "—": "—"}
_OTHERS = "Others"
_WHOLE = 1e-6
_FEW, _MANY = 0.01, 0.5

# Those of the 2019 revision, some of which differ in capitals alone, and of the 2015 and 2017 ones.
GROUPS = frozenset(
    name.casefold()
    for name in (
        "World",
        "UN development groups",
        "More developed regions",
        "Less developed regions",
        "Least developed countries",
        "Less developed regions, excluding least developed countries",
        "World Bank income groups",
        "High-income countries",
        "Middle-income countries",
        "Upper-middle-income countries",
        "Lower-middle-income countries",
        "Low-income countries",
        "No income group available",
        "Geographic regions",
        "Sustainable Development Goal (SDG) regions",
        "Africa",
        "Sub-Saharan Africa",
        "Eastern Africa",
        "Middle Africa",
        "Northern Africa",
        "Southern Africa",
        "Western Africa",
        "Northern Africa and Western Asia",
        "Asia",
        "Central Asia",
        "Central and Southern Asia",
        "Eastern Asia",
        "Eastern and South-Eastern Asia",
        "South-Eastern Asia",
        "Southern Asia",
        "Western Asia",
        "Europe",
        "Europe and Northern America",
        "Eastern Europe",
        "Northern Europe",
        "Southern Europe",
        "Western Europe",
        "Latin America and the Caribbean",
        "Caribbean",
        "Central America",
        "South America",
        "Northern America",
        "Oceania",
        "Australia / New Zealand",
        "Melanesia",
        "Micronesia",
        "Polynesia",
        "Developed regions",
        "Developing regions",
        "Less developed regions excluding least developed countries",
        "Less developed regions, excluding China",
        "Land-locked Developing Countries (LLDC)",
        "Small island developing States (SIDS)",
        "Australia and New Zealand",
        "Australia/New Zealand",
    )
)
"""Names of the groups of areas of UN DESA, in small letters."""


def _is_by_origin(file: RawFile) -> bool:
    return file.header[: len(_BY_ORIGIN)] == _BY_ORIGIN


def _is_by_age(file: RawFile) -> bool:
    columns = file.header[2:]
    return file.header[:2] == _BY_ORIGIN[:2] and bool(columns) and all(_BY_AGE.fullmatch(name) for name in columns)


def _read_by_origin(file: RawFile, _: Contract) -> OfficialTable:
    sex, concept = file.stated("sex", "concept")
    wide = _named(file, table(file))
    columns = _figure_columns(wide)
    rows = _long(file, wide, columns)
    area_of = {name: area_at(f"{file.path}, header", name, "name") for name in columns if name not in _BY_ORIGIN}
    # "Other South" and "Other North" are the origins that are not itemised.
    south = rows[rows["column"] == "Other South"].reset_index(drop=True)
    north = rows[rows["column"] == "Other North"].reset_index(drop=True)
    not_itemised = south.assign(
        column=_OTHERS,
        value=south["value"] + north["value"],
        flags=south["flags"].where(south["flags"] != "", north["flags"]),
    )
    rows = pd.concat([rows[~rows["column"].isin(_BY_ORIGIN[3:])], not_itemised], ignore_index=True)
    origin = mapped(rows["column"], {**area_of, "Total": ALL_ORIGINS, _OTHERS: find(_OTHERS, "name")}.get)
    return table_of(_stock(rows, concept).assign(origin=origin, sex=sex, age_min=0, age_max=None), STOCK)


def _by_age(file: RawFile) -> pd.DataFrame:
    wide = _named(file, table(file))
    return _long(file, wide, _figure_columns(wide))


def _figure_columns(wide: pd.DataFrame) -> list[str]:
    return [str(name) for name in wide if name not in _BY_ORIGIN[:2]]


def _read_by_age(file: RawFile, contract: Contract) -> OfficialTable:
    rows = file.once(_by_age)
    parts_of = {name: match for name in file.header if (match := _BY_AGE.fullmatch(name))}
    youngest, oldest = bounds(mapped(rows["column"], lambda name: parts_of[name]["ages"]), f"{file.path}, header")
    rows = rows.assign(
        sex=mapped(rows["column"], lambda name: _SEXES[parts_of[name]["sex"]]),
        age_min=youngest,
        age_max=oldest,
    )
    if contract is POPULATION:
        return table_of(rows.assign(edition="ims " + rows["edition"], value=(rows["value"] * 1000).round()), POPULATION)
    (concept,) = file.stated("concept")
    return table_of(_stock(rows, concept).assign(origin=ALL_ORIGINS), STOCK)


def _contracts_by_age(file: RawFile) -> tuple[Contract, ...]:
    """Return population for a file of decimals, which are thousands, and stock for one of whole numbers."""
    values = file.once(_by_age)["value"].dropna().to_numpy()
    # Sums of thousands leave digits such as 5035.000000000007 in the stock.
    with_decimals = np.mean(np.abs(values - np.rint(values)) > _WHOLE)
    if _FEW < with_decimals < _MANY:
        raise OfficialFileError(
            f"{file.path}: {with_decimals:.0%} of its figures have decimals",
            allowed="stocks, which are whole persons, or populations, which are thousands with decimals",
            hint="take the copy again, or the workbook of UN DESA itself",
        )
    return (STOCK,) if with_decimals <= _FEW else (POPULATION,)


def _named(file: RawFile, wide: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a year and a destination; the others, below the table, must have no figure."""
    empty = (wide["Year"] == "") & (wide["Destination"] == "")
    has_figures = empty & ~wide.drop(columns=["Year", "Destination"]).isin(list(_MARKS)).all(axis=1)
    if has_figures.any():
        raise OfficialFileError(
            f"{file.path} has figures without a year and a destination",
            where=file.line(int(has_figures.to_numpy().argmax())),
            hint="fill in year and destination, or take the copy again",
        )
    years = wide["Year"].str.removesuffix(".0")[~empty]
    check_years(years, lambda row: f"{file.path}, {file.line(years.index[row])}")
    return wide.assign(Year=years)[~empty].reset_index(drop=True)


def _long(file: RawFile, wide: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return a row a figure: column, destination, date, edition, value, flags and the reason for leaving it out."""
    rows = unpivoted(wide, ["Year", "Destination"], names)
    value, missing = figures(
        rows["cell"],
        _MARKS,
        lambda row: f"{file.path}, {rows['Destination'][row]} {rows['Year'][row]}, column {rows['column'][row]}",
        decimal="",
    )
    destination = mapped(rows["Destination"], lambda name: _area(file, name))
    return rows.assign(
        provider="undesa",
        edition=rows["Year"].max(),
        destination=destination,
        area=destination,
        reference_date=rows["Year"] + "-07-01",
        value=value,
        flags=missing,
        reason=mapped(rows["Destination"], lambda name: GROUPS_OF_AREAS if name.casefold() in GROUPS else ""),
    )


def _area(file: RawFile, name: str) -> str:
    """Return ISO3 of a destination, the name of a group as it is."""
    return name if name.casefold() in GROUPS else area_at(f"{file.path}, column Destination", name, "name")


def _stock(rows: pd.DataFrame, concept: str) -> pd.DataFrame:
    return rows.assign(dataset="ims", concept=concept, value=rows["value"].round(), retrieved_at="")


LAYOUTS = (
    Layout(
        "copy of UN DESA International Migrant Stock (2015 to 2019), origins as columns",
        _is_by_origin,
        lambda _: (STOCK,),
        _read_by_origin,
    ),
    Layout(
        "copy of UN DESA International Migrant Stock (2015 to 2019), ages as columns",
        _is_by_age,
        _contracts_by_age,
        _read_by_age,
    ),
)
