"""OECD Database on Immigrants in OECD Countries (DIOC): stocks by education, once in five years.

Read is the CSV of a round with the columns of 2010/11 (its methodology): ``country`` and ``coub`` (country of birth) in
ISO3, ``sex`` (1 male, 2 female), ``age`` (2 is 15-24 ... 6 is 55-64, 7 is 65+, 99 unknown), ``edu_lfs`` (1 is ISCED
0-2, 2 is 3-4, 3 is 5-8, 99 unknown) and ``number``; further columns are added up. In ``fborn``, 1 is foreign-born.

The database names columns otherwise in other rounds; rename them, and leave ``age`` out if its codes are others. The
round is not in the file: the sidecar gives the reference date, and sex and ages where their columns are missing. A
place of birth may be a region (``AFRI``, ``ASIA``, ``EURO``, ``NOAM``, ``OCEA``, ``SCAC``, ``UNK`` unknown). One that
is neither area nor region is not known: its figures are left out, and the reason names it. Since 2020/21 rounds come as
workbooks; save the sheet as CSV.

A file is a stock, and an indicator: persons by education.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official.ages import bounds
from smstock.official.areas import MEND, unknown_areas
from smstock.official.base import AT_HOME, GROUPS_OF_AREAS, Layout, OfficialTable
from smstock.official.delimited import table
from smstock.official.figures import figures
from smstock.official.observations import first_reason, table_of
from smstock.official.sexes import sexes
from smstock.tables import INDICATOR, STOCK
from smstock.vocabulary.countries import crosswalk

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_NEEDED = {"country", "coub", "edu_lfs", "number"}
_SEXES = {"1": "male", "2": "female"}
_AGES = {"1": (0, 14), "2": (15, 24), "3": (25, 34), "4": (35, 44), "5": (45, 54), "6": (55, 64), "7": (65, None)}
_LEVELS = {"1": "isced0-2", "2": "isced3-4", "3": "isced5-8", "99": "unknown"}
_UNKNOWN = "99"
_REGIONS = {"AFRI", "ASIA", "EURO", "NOAM", "OCEA", "SCAC", "UNK"}
_NO_AGE = "for an unknown age or sex"
_NATIVE = "of the native-born"


def _lower(file: RawFile) -> set[str]:
    return {name.casefold() for name in file.header}


def _read(file: RawFile, contract: Contract) -> OfficialTable:
    date = file.stated_day()
    rows = table(file).rename(columns=str.casefold)
    value, _ = figures(
        rows["number"], {"": "blank"}, lambda row: f"{file.path}, {file.line(row)}", decimal=file.decimal
    )
    area, origin = (rows[name].map(lambda code: crosswalk("oecd").get(code, code)) for name in ("country", "coub"))
    unknown = sorted(set(area.unique()) - set(crosswalk("iso3")))
    if unknown:
        raise UnknownNameError(
            f"{unknown[0]!r} is no country of residence",
            where=f"{file.path}, column country",
            hint=MEND,
        )
    sex, youngest, oldest = _sexes_and_ages(file, rows)
    born_here = (origin == area) | (rows["fborn"] == "0" if "fborn" in rows else False)
    reasons = [
        (youngest.isna().to_numpy() | sex.isna().to_numpy(), _NO_AGE),
        (born_here.to_numpy(), _NATIVE if "fborn" in rows else AT_HOME),
        unknown_areas(origin, lambda code: code in crosswalk("iso3") or code in _REGIONS),
        (~origin.isin(list(crosswalk("iso3"))).to_numpy(), GROUPS_OF_AREAS),
    ]
    level = rows["edu_lfs"].map(_LEVELS)
    if level.isna().any():
        row = int(level.isna().to_numpy().argmax())
        raise OfficialFileError(
            f"{rows['edu_lfs'].iloc[row]!r} is no level of education",
            where=f"{file.path}, {file.line(row)}",
            allowed=", ".join(_LEVELS),
            hint="mend the cell, or take the file of the round of 2010/11 unchanged",
        )
    rows = pd.DataFrame(
        {
            "provider": "oecd",
            "dataset": "dioc",
            "edition": file.edition,
            "concept": "birth",
            "destination": area,
            "area": area,
            "origin": origin,
            "group": origin,
            "indicator": "education",
            "category": level,
            "unit": "persons",
            "sex": sex,
            "age_min": youngest,
            "age_max": oldest,
            "reference_date": date,
            "flags": "",
            "retrieved_at": "",
            "reason": first_reason(reasons),
            "value": value,
        }
    )
    key = [*contract.key, "reason", "flags", "retrieved_at"]
    # A cell without a number makes its sum missing.
    summed = (
        rows.groupby(key, dropna=False, sort=False)["value"].agg(lambda cells: cells.sum(skipna=False)).reset_index()
    )
    return table_of(summed, contract)


def _sexes_and_ages(file: RawFile, rows: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return sex, youngest and oldest age of each row; missing where they are not known."""
    if "sex" in rows:
        sex = sexes(rows["sex"], _SEXES, lambda row: f"{file.path}, {file.line(row)}", unknown=[_UNKNOWN])
    else:
        sex = pd.Series(file.stated("sex")[0], index=rows.index)
    if "age" not in rows:
        return sex, *bounds(pd.Series(file.stated("ages")[0], index=rows.index), str(file.path))
    if not rows["age"].isin([*_AGES, _UNKNOWN]).all():
        raise OfficialFileError(
            f"{file.path} has other age groups than the round of 2010/11",
            allowed=", ".join([*_AGES, _UNKNOWN]),
            hint="leave the column out, and write ages in the sidecar",
        )
    youngest, oldest = (rows["age"].map({code: pair[end] for code, pair in _AGES.items()}) for end in (0, 1))
    return sex, youngest.astype("Int64"), oldest.astype("Int64")


LAYOUTS = (
    Layout(
        "OECD Database on Immigrants in OECD Countries (DIOC), CSV",
        lambda file: _lower(file) >= _NEEDED,
        lambda _: (STOCK, INDICATOR),
        _read,
    ),
)
