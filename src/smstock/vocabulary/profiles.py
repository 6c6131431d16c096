"""Countries in a few figures: who had left, who had come and who lived there in 2015, and where they lie.

``profiles.csv``, beside this module. Emigrants and immigrants: sums over destinations and over origins of UN DESA,
International Migrant Stock, edition 2020 (POP/DB/MIG/Stock/Rev.2020), both sexes, 1 July 2015; CC BY 3.0 IGO.
Population: World Bank, World Development Indicators, SP.POP.TOTL of 2015 (updated 13 July 2026); CC BY 4.0; empty for
territories it does not list. Latitude and longitude: a point in the middle of the country, to a hundredth of a degree,
Gapminder (Open Numbers, ddf--unpop--international_migrant_stock, entities of geo), CC BY 4.0; empty where it has none.

Such totals are known where the stock by origin is not; they tell how many of those who
"lived abroad" are natives who came home. No figure of a single corridor is in them that a corridor's own estimate could
be read from, save where a destination has almost one origin only.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIGURES = ("emigrants", "immigrants", "population", "latitude", "longitude")


@dataclass(frozen=True)
class Profile:
    """Persons born in a country who live abroad, persons born abroad who live in it, its population and its place.

    Parameters
    ----------
    emigrants, immigrants
        Persons, mid-2015.
    population
        Persons, mid-2015; NaN where the World Bank has none.
    latitude, longitude
        Degrees north and east; NaN where Gapminder has none.
    """

    emigrants: float
    immigrants: float
    population: float
    latitude: float
    longitude: float


@cache
def profiles() -> Mapping[str, Profile]:
    """Return the profile of each country by ISO 3166-1 alpha-3.

    Examples
    --------
    >>> lithuania = profiles()["LTU"]
    >>> round(lithuania.emigrants / lithuania.immigrants, 1)
    4.1
    """
    text = Path(__file__).with_name("profiles.csv").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            row["iso3"]: Profile(*(float(row[name] or "nan") for name in _FIGURES))
            for row in csv.DictReader(text.splitlines())
        }
    )
