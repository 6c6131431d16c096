"""Places of birth and states as table B05006 of the American Community Survey writes them.

A label is a path, ``Estimate!!Total:!!Europe:!!Northern Europe:!!Denmark``, until 2018 without colons. Its last part is
an origin if it is an area; regions, parts of countries and remainders ("Other Northern Europe") are aggregates. A place
that has no parts and is none of these is not known: its figures are left out, and the reason names it. "China" includes
Hong Kong and Taiwan, so its part without them is the origin.

States are ISO 3166-2 (``US-CA``), counties ``US-06037``. There is neither age nor sex in the table. The 90 % margin of
error of a figure of a state or county stands in its flags (``margin: 9721``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.official.areas import unknown_areas
from smstock.official.base import ALL_ORIGINS, GROUPS_OF_AREAS, OfficialTable
from smstock.official.columns import mapped
from smstock.official.figures import figures
from smstock.official.flags import MARGIN
from smstock.official.observations import first_reason, table_of
from smstock.tables import STOCK
from smstock.vocabulary.countries import known_as
from smstock.vocabulary.places import is_place

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import pandas as pd

    from smstock.official.rawfile import RawFile

TOTAL: Final = "B05006_001E"
"""Column of all the foreign-born."""

ESTIMATE: Final = re.compile(r"B05006_\d{3}E")
"""A column of estimates; others hold margins of error and annotations."""

_MARGIN: Final = re.compile(r"±?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)")

# Numbers below zero stand for annotations: no estimate, no sample, not applicable (census.gov, ACS data notes).
_MARKS = {"": "blank", **{f"-{digit * 9}": f"-{digit * 9}" for digit in "23456789"}}

# Names of the table that no other provider uses.
_NAMES = {
    "Antigua-Barbuda": "ATG",
    "Burma (Myanmar)": "MMR",
    "China": "China",  # with Hong Kong and Taiwan
    "China, excluding Hong Kong and Taiwan": "CHN",
    "Czechoslovakia (includes Czech Republic and Slovakia)": "CSK",
    "Democratic Republic of Congo (Zaire)": "COD",
    "North Macedonia (Macedonia)": "MKD",
    "Republic of Congo": "COG",
    "St. Kitts-Nevis": "KNA",
    "United Kingdom (inc. Crown Dependencies)": "GBR",
}

_REGION_OR_STATE = "Micronesia"  # with a colon it has parts

_CONTINENT = 3  # parts of the label of a continent, Estimate!!Total!!Europe

# Leaves of the table that are no areas: parts of countries, groups of islands, remainders.
_PARTS = frozenset({"England", "Scotland", "Wales", "Northern Ireland", "West Indies", "Azores Islands"})
_REMAINDER = re.compile(r"Other .+|.+, n\.e\.c\.|Born at sea")

_OTHER_GEOGRAPHIES = "for other geographies than the country, its states and counties"


def origin(label: str) -> str:
    """Return ISO3 of the place of birth a label stands for, ``WLD`` for all, the name of what is no area.

    Examples
    --------
    >>> origin("Estimate!!Total:!!Europe:!!Northern Europe:!!Denmark"), origin("Estimate!!Total:")
    ('DNK', 'WLD')
    >>> origin("Estimate!!Total:!!Asia:!!Eastern Asia:!!China:"), origin("Estimate!!Total!!Europe!!Europe, n.e.c.")
    ('China', 'Europe, n.e.c.')
    """
    path = parts(label)
    if path[1:] == ("Total",):
        return ALL_ORIGINS
    name = path[-1]
    if name == _REGION_OR_STATE and not label.endswith(":"):
        return "FSM"
    if name in _NAMES:
        return _NAMES[name]
    return known_as(name, "name") or name


def parts(label: str) -> tuple[str, ...]:
    """Return the parts of a label, from ``Estimate`` to the place itself.

    Examples
    --------
    >>> parts("Estimate!!Total:!!Europe:")
    ('Estimate', 'Total', 'Europe')
    """
    return tuple(part.rstrip(":").strip() for part in label.split("!!"))


def stock(
    file: RawFile,
    cells: pd.DataFrame,
    label_of: Mapping[str, str],
    place: Callable[[int], str],
    signs: Collection[str] = (),
) -> OfficialTable:
    """Return the stock table of estimates.

    Parameters
    ----------
    cells
        One estimate a row: ``destination`` (empty for a geography that is none), ``column``, ``cell`` and, where the
        file has it, ``margin``.
    label_of
        Label of each column of the table, be it in the file or not.
    place
        How an error names a row of ``cells``.
    signs
        What stands in place of a number besides the codes below zero.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from smstock.official.rawfile import RawFile
    >>> from smstock.official.sidecar import Origin
    >>> origin = Origin("Census", "B05006", "acs5 2022", "", "", "2026-11-22", reference_date="2020-07-01")
    >>> cells = pd.DataFrame({"destination": ["US-MA"], "column": ["001E"], "cell": ["1271206"]})
    >>> read = stock(RawFile(Path("a.csv"), "text", b"", origin), cells, {"001E": "Estimate!!Total:"}, str)
    >>> read.table[["destination", "origin", "value"]].to_numpy().tolist()
    [['US-MA', 'WLD', 1271206.0]]
    """
    date = file.stated_day()
    value, missing = figures(cells["cell"], _MARKS | {sign: sign for sign in signs}, place)
    origins = mapped(cells["column"], lambda name: origin(label_of[name]))
    areas_and_groups = _areas_and_groups(label_of.values())
    reasons = [
        (cells["destination"] == "", _OTHER_GEOGRAPHIES),
        unknown_areas(origins, areas_and_groups.__contains__),
        (~mapped(origins, _is_area, "bool"), GROUPS_OF_AREAS),
    ]
    rows = cells.assign(
        provider="census",
        dataset="B05006",
        edition=file.edition,
        concept="birth",
        origin=origins,
        sex="all",
        age_min=0,
        age_max=None,
        reference_date=date,
        value=value,
        flags=_with_margin(cells, missing),
        retrieved_at="",
        reason=first_reason(reasons),
    )
    columns = {origin(label_of[name]): f"column {name}" for name in cells["column"].unique()}
    return replace(table_of(rows, STOCK), places=columns)


def margin_of(column: str) -> str:
    """Return the column with the margin of error of a column of estimates.

    Examples
    --------
    >>> margin_of("B05006_001E")
    'B05006_001M'
    """
    return column.removesuffix("E") + "M"


def _with_margin(cells: pd.DataFrame, missing: np.ndarray) -> np.ndarray:
    """Return flags: the mark of a missing figure, or the margin of error of one of a place."""
    if "margin" not in cells:
        return missing
    margins = mapped(cells["margin"], _margin_flag).to_numpy(dtype=object)
    of_places = mapped(cells["destination"], is_place, "bool").to_numpy() & (missing == "")
    flags: np.ndarray = np.where(of_places, margins, missing)
    return flags


def _margin_flag(cell: str) -> str:
    number = _MARGIN.fullmatch(cell)
    return MARGIN + number[1].replace(",", "") if number else ""


def _is_area(place: str) -> bool:
    return len(place) == len(ALL_ORIGINS) and place.isupper()


def _areas_and_groups(labels: Collection[str]) -> set[str]:
    """Return the places of birth that are areas, have parts among the labels, or are parts or remainders themselves."""
    with_parts = {parts(label)[:depth] for label in labels for depth in range(len(parts(label)))}
    groups = {
        origin(label)
        for label in labels
        if label.endswith(":") or parts(label) in with_parts or len(parts(label)) <= _CONTINENT
    }
    leaves = {origin(label) for label in labels} - groups
    return groups | {
        place for place in leaves if _is_area(place) or place in _PARTS or _REMAINDER.fullmatch(place) is not None
    }
