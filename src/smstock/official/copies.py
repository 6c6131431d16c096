"""Copies of stock tables as long CSV: a row a corridor and year, under whatever headings.

``destination_iso3,origin_iso3,sex,year,stock`` and ``destination,origin,gender,year,migrant_stock`` (Gapminder's DDF)
are met most. Such a file says neither whose figures it copies nor whom they count, so its sidecar must: ``provider``,
``dataset``, ``concept``; ``sex`` and ``ages`` where there is no such column; and ``reference_date`` for another day of
the year than the provider's, or of a provider whose day is not known. Areas may be ISO 3166-1 codes in capitals or not,
or names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smstock.errors import UnknownNameError
from smstock.official.ages import bounds
from smstock.official.areas import areas_at
from smstock.official.base import AT_HOME, Layout, OfficialTable
from smstock.official.delimited import table
from smstock.official.figures import figures
from smstock.official.observations import first_reason, table_of
from smstock.official.periods import check_days, check_years, day_of_year
from smstock.official.sexes import sexes
from smstock.tables import STOCK
from smstock.vocabulary.countries import find

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_HEADINGS = {
    "destination": ("destination_iso3", "destination", "dest"),
    "origin": ("origin_iso3", "origin", "orig"),
    "sex": ("sex", "gender"),
    "age": ("age",),
    "year": ("year",),
    "value": ("stock", "migrant_stock", "value"),
}
SEXES = {
    "total": "all",
    "both": "all",
    "all": "all",
    "both sexes": "all",
    "both sexes combined": "all",
    "t": "all",
    "female": "female",
    "females": "female",
    "women": "female",
    "f": "female",
    "male": "male",
    "males": "male",
    "men": "male",
    "m": "male",
}
"""Sex of each label in small letters that people write."""

_MISSING = "NA"
_NEXT = "mend the cell; totals and groups are read by [columns] in the sidecar (docs/providers/mapping.md)"

NO_AGE = "for an unknown age"
"""Why figures are left out whose age is not known."""

_MARKS = {"": "blank", "..": "..", "~": "~", ":": ":"}
GAPMINDER = {"chanisl": "CHI", "gbm": "IMN", "nld_curacao": "CUW", "hos": "VAT"}
"""Identifiers of Gapminder (open-numbers/ddf--gapminder--geo_entity_domain) that are no ISO 3166-1 codes."""


def _columns(file: RawFile) -> dict[str, str]:
    """Return the meaning of each column."""
    meanings = {name: meaning for meaning, names in _HEADINGS.items() for name in names}
    return {name: meanings[name.casefold()] for name in file.header if name.casefold() in meanings}


def _recognises(file: RawFile) -> bool:
    meanings = list(_columns(file).values())
    needed = {"destination", "origin", "year", "value"}
    return needed <= set(meanings) and len(set(meanings)) == len(meanings) == len(file.header)


def _read(file: RawFile, _: Contract) -> OfficialTable:
    entry_of_column = {"sex": "sex", "age": "ages"}
    columns = set(_columns(file).values())
    needed = ["provider", "dataset", "concept"]
    needed += [entry for column, entry in entry_of_column.items() if column not in columns]
    entries = dict(zip(needed, file.stated(*needed), strict=True))
    day = day_of_year(file, entries["provider"])
    rows = table(file).rename(columns=_columns(file))

    def place(row: int) -> str:
        return f"{file.path}, {file.line(row)}"

    check_years(rows["year"], place)
    days = rows["year"] + "-" + day
    check_days(days, lambda row: f"{place(row)}, with the reference_date of its sidecar")
    value, missing = figures(rows["value"], _MARKS, place, decimal="")
    age_groups = rows["age"] if "age" in rows else pd.Series(entries["ages"], index=rows.index)
    youngest, oldest = bounds(age_groups, f"{file.path}, column age")
    destination, origin = (_areas(file, rows, column) for column in ("destination", "origin"))
    rows = rows.assign(
        provider=entries["provider"],
        dataset=entries["dataset"],
        edition=file.edition,
        concept=entries["concept"],
        destination=destination,
        origin=origin,
        sex=sexes(rows["sex"], SEXES, place) if "sex" in rows else entries["sex"],
        age_min=youngest,
        age_max=oldest,
        reference_date=days,
        value=value,
        flags=missing,
        retrieved_at="",
        reason=first_reason([(youngest.isna(), NO_AGE), (destination == origin, AT_HOME)]),
    )
    in_table = np.flatnonzero(rows["reason"] == "")
    return replace(table_of(rows, STOCK), line=lambda row: file.line(int(in_table[row])))


def _areas(file: RawFile, rows: pd.DataFrame, column: str) -> pd.Series:
    """Return ISO3 of each area; ``NA`` is Namibia among codes of two letters, else what R writes for a missing text."""
    of_two_letters = (rows[column].str.len() == len(_MISSING)).all()

    def area(text: str) -> str:
        if text.upper() == _MISSING and not of_two_letters:
            raise UnknownNameError(
                f"{text!r} may be Namibia or a missing text", allowed="NAM, codes and names", hint=_NEXT
            )
        try:
            return GAPMINDER.get(text) or find(text.upper() if len(text) == len("DEU") else text)
        except UnknownNameError as error:
            error.hint = "; ".join(filter(None, (error.hint, _NEXT)))
            raise

    return areas_at(file, rows[column], column, area)


LAYOUTS = (Layout("copy of a stock table as long CSV", _recognises, lambda _: (STOCK,), _read, by_hand=True),)
