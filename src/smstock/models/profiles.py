"""Countries in three figures of 2015: who left, who came, who lives there.

``profiles.csv``, beside this module. Emigrants and immigrants: sums over destinations and over origins of UN DESA,
International Migrant Stock, edition 2020 (POP/DB/MIG/Stock/Rev.2020), both sexes, 1 July 2015; CC BY 3.0 IGO.
Population: World Bank, World Development Indicators, SP.POP.TOTL of 2015 (updated 13 July 2026); CC BY 4.0; empty for
territories it does not list. Such totals are known where the stock by origin is not; they tell how many of those who
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


@dataclass(frozen=True)
class Profile:
    """Persons born in a country who live abroad, persons born abroad who live in it, and its population.

    Parameters
    ----------
    emigrants, immigrants
        Persons, mid-2015.
    population
        Persons, mid-2015; NaN where the World Bank has none.
    """

    emigrants: float
    immigrants: float
    population: float


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
            row["iso3"]: Profile(*(float(row[name] or "nan") for name in ("emigrants", "immigrants", "population")))
            for row in csv.DictReader(text.splitlines())
        }
    )
