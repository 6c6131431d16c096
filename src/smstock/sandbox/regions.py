"""Regions of three countries of the simulated world: parts of each country's people, accounts and migrants.

A region is a share of its country, alike at every age: one share of its people and accounts, and one of the migrants of
each origin, which like some regions better than others, and now more and now less. Shares of a country's regions add up
to 1 in each month, so that regions add up to their country in truth. They are drawn by a generator of their own: the
world is the same with regions and without. Cities and what else is smaller than a region: `smstock.sandbox.cities`.
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

MOVEMENT: Final = 0.05
"""Standard deviation of the change a year of the logarithm of a region's share of an origin; a random walk by month."""
SINCE, UNTIL = "2015-01", "2031-01"
"""Months between which shares move: they are those of the first before, and those of the last after."""

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

    def share_of(self, origin: str, month: str) -> float:
        """Return the share of the country's migrants of an origin that live here in a month (``YYYY-MM``)."""

    def accounts_of(self, origin: str, month: str) -> float:
        """Return the share of the country's accounts with the label of an origin that are here in a month."""


@dataclass(frozen=True)
class Region:
    """A region: code (ISO 3166-2), country, name, key on the platform, and its share of the people of its country."""

    code: str
    country: str
    name: str
    key: str
    share: float

    def share_of(self, origin: str, month: str) -> float:
        """Return the share of the country's migrants of an origin that live in the region in a month.

        Examples
        --------
        >>> round(sum(region.share_of("POL", "2026-11") for region in regions() if region.country == "DEU"), 9)
        1.0
        """
        return _moved(self.country, origin, month)[0][self.code]

    def accounts_of(self, origin: str, month: str) -> float:
        """Return the share of the country's accounts with the label of an origin that are in the region in a month.

        It differs from that of persons: labels are biased by region, and by region and origin.

        Examples
        --------
        >>> round(sum(region.accounts_of("POL", "2026-11") for region in regions() if region.country == "DEU"), 9)
        1.0
        """
        return _moved(self.country, origin, month)[1][self.code]


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
def _moved(country: str, origin: str, month: str) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the shares of the regions of a country in the persons of an origin, and in the accounts with its label."""
    walk = _walk(country, origin)
    factors = walk[min(max(_months(month) - _months(SINCE), 0), len(walk) - 1)].tolist()
    of_persons, of_accounts = (
        {code: share * factor for (code, share), factor in zip(shares.items(), factors, strict=True)}
        for shares in divided(country, origin, _people(country))
    )
    persons, accounts = sum(of_persons.values()), sum(of_accounts.values())
    return (
        {code: share / persons for code, share in of_persons.items()},
        {code: share / accounts for code, share in of_accounts.items()},
    )


@cache
def _walk(country: str, origin: str) -> np.ndarray:
    """Return by how much the regions of a country are liked more than at first: months, regions."""
    rng = np.random.default_rng(zlib.crc32(f"{country} {origin} moves".encode()))
    steps = rng.normal(0, MOVEMENT / np.sqrt(12), (_months(UNTIL) - _months(SINCE), len(_people(country))))
    walk: np.ndarray = np.exp(np.concatenate([np.zeros((1, steps.shape[1])), steps.cumsum(axis=0)]))
    return walk


def _months(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


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
