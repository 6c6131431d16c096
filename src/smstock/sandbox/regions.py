"""Regions of three countries of the simulated world: parts of each country's people, accounts and migrants.

A region is a share of its country, alike at every age and at all times: one share of its people and accounts, and one
of the migrants of each origin, which like some regions better than others. Shares of a country's regions add up to 1,
so that regions add up to their country in truth. They are drawn by a generator of their own: the world is the same with
regions and without.
"""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from smstock.vocabulary.places import Place

LIKING: Final = 0.3
"""Standard deviation of the logarithm of a region's share of an origin, around its share of all people."""


BIAS: Final = 0.2
"""Standard deviation of the logarithm of the label error of a region, around that of its country."""
BIAS_OF_CORRIDOR: Final = 0.15
"""The same of a region and an origin."""


@dataclass(frozen=True)
class Region:
    """A region: code (ISO 3166-2), country, name, key on the platform, and its share of the people of its country."""

    code: str
    country: str
    name: str
    key: str
    share: float

    def share_of(self, origin: str) -> float:
        """Return the share of the country's migrants of an origin that live in the region.

        Examples
        --------
        >>> round(sum(region.share_of("POL") for region in regions() if region.country == "DEU"), 9)
        1.0
        """
        return _shares(self.country, origin)[0][self.code]

    def accounts_of(self, origin: str) -> float:
        """Return the share of the country's accounts with the label of an origin that are in the region.

        It differs from that of persons: labels are biased by region, and by region and origin.

        Examples
        --------
        >>> round(sum(region.accounts_of("POL") for region in regions() if region.country == "DEU"), 9)
        1.0
        """
        return _shares(self.country, origin)[1][self.code]

    @property
    def place(self) -> Place:
        """The region as a query asks for it."""
        return Place(self.code, self.name, self.country, regions=(self.key,))


@cache
def regions() -> tuple[Region, ...]:
    """Return the regions of all three countries.

    Examples
    --------
    >>> [len([region for region in regions() if region.country == country]) for country in ("DEU", "ESP", "USA")]
    [16, 19, 51]
    """
    text = Path(__file__).with_name("regions.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    people: dict[str, int] = {}
    for row in rows:
        people[row["country"]] = people.get(row["country"], 0) + int(row["thousands"])
    return tuple(
        Region(row["code"], row["country"], row["name"], row["key"], int(row["thousands"]) / people[row["country"]])
        for row in rows
    )


@cache
def by_key() -> dict[str, Region]:
    """Return regions by their key on the platform.

    Examples
    --------
    >>> by_key()["3847"].name
    'California'
    """
    return {region.key: region for region in regions()}


@cache
def _shares(country: str, origin: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return the shares of the regions in the persons of an origin, and in the accounts with its label."""
    members = [region for region in regions() if region.country == country]
    of_corridor, of_country = (
        np.random.default_rng(zlib.crc32(text.encode())) for text in (f"{country} {origin}", country)
    )
    persons = np.array([region.share for region in members]) * np.exp(of_corridor.normal(0, LIKING, len(members)))
    bias = of_country.normal(0, BIAS, len(members)) + of_corridor.normal(0, BIAS_OF_CORRIDOR, len(members))
    accounts = persons * np.exp(bias)
    codes = [region.code for region in members]
    shares = (dict(zip(codes, (parts / parts.sum()).tolist(), strict=True)) for parts in (persons, accounts))
    return next(shares), next(shares)
