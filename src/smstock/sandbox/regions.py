"""Regions of three countries of the simulated world: parts of each country's people, accounts and migrants.

A region is a share of its country, alike at every age and at all times: one share of its people and accounts, and one
of the migrants of each origin, which like some regions better than others. Shares of a country's regions add up to 1,
so that regions add up to their country in truth. They are drawn by a generator of their own: the world is the same with
regions and without. Cities and what else is smaller than a region: `smstock.sandbox.cities`.
"""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

LIKING: Final = 0.3
"""Standard deviation of the logarithm of a part's share of an origin, around its share of all people."""


BIAS: Final = 0.2
"""Standard deviation of the logarithm of the label error of a part, around that of its whole."""
BIAS_OF_CORRIDOR: Final = 0.15
"""The same of a part and an origin."""


class Part(Protocol):
    """A part of a country, as shares of it: of its people, of its migrants of an origin, of accounts with a label."""

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-3."""

    @property
    def share(self) -> float:
        """Share of the people of the country, and of its accounts."""

    def share_of(self, origin: str) -> float:
        """Return the share of the country's migrants of an origin that live here."""

    def accounts_of(self, origin: str) -> float:
        """Return the share of the country's accounts with the label of an origin that are here."""


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
        return divided(self.country, origin, _people(self.country))[0][self.code]

    def accounts_of(self, origin: str) -> float:
        """Return the share of the country's accounts with the label of an origin that are in the region.

        It differs from that of persons: labels are biased by region, and by region and origin.

        Examples
        --------
        >>> round(sum(region.accounts_of("POL") for region in regions() if region.country == "DEU"), 9)
        1.0
        """
        return divided(self.country, origin, _people(self.country))[1][self.code]


@cache
def regions() -> tuple[Region, ...]:
    """Return the regions of all three countries.

    Examples
    --------
    >>> [len([region for region in regions() if region.country == country]) for country in ("DEU", "ESP", "USA")]
    [16, 19, 51]
    """
    listed = rows("regions.csv")
    people: dict[str, int] = {}
    for row in listed:
        people[row["country"]] = people.get(row["country"], 0) + int(row["thousands"])
    return tuple(
        Region(row["code"], row["country"], row["name"], row["key"], int(row["thousands"]) / people[row["country"]])
        for row in listed
    )


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table of the sandbox.

    Examples
    --------
    >>> rows("regions.csv")[0]["name"]
    'Baden-Württemberg'
    """
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


@cache
def _people(country: str) -> tuple[tuple[str, float], ...]:
    return tuple((region.code, region.share) for region in regions() if region.country == country)


@cache
def divided(
    whole: str, origin: str, people: tuple[tuple[str, float], ...]
) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the shares of the parts of a whole in the persons of an origin, and in the accounts with its label.

    Parameters
    ----------
    whole
        Name of the whole; the draws depend on it, and on the origin.
    origin
        ISO 3166-1 alpha-3.
    people
        Each part's name and share of all people of the whole.

    Examples
    --------
    >>> persons, accounts = divided("DE-XX", "POL", (("city", 0.25), ("elsewhere", 0.75)))
    >>> round(sum(persons.values()), 9), round(sum(accounts.values()), 9), persons == accounts
    (1.0, 1.0, False)
    """
    of_corridor, of_whole = (np.random.default_rng(zlib.crc32(text.encode())) for text in (f"{whole} {origin}", whole))
    persons = np.array([share for _, share in people]) * np.exp(of_corridor.normal(0, LIKING, len(people)))
    bias = of_whole.normal(0, BIAS, len(people)) + of_corridor.normal(0, BIAS_OF_CORRIDOR, len(people))
    accounts = persons * np.exp(bias)
    names = [name for name, _ in people]
    of_persons, of_accounts = (
        dict(zip(names, (parts / parts.sum()).tolist(), strict=True)) for parts in (persons, accounts)
    )
    return of_persons, of_accounts
